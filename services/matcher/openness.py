"""The rules about the vacancy alone: whether it still takes anybody."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

import numpy as np

from services.matcher import readings
from services.matcher.columns import Rows
from services.matcher.market import Failure, Learner, Vacancy
from services.matcher.readings import Mask, across


@dataclass(frozen=True, slots=True)
class Closed:
    """A closed or withdrawn vacancy takes nobody more."""

    id: ClassVar[str] = "closed"

    def fails(self, _: Rows[Learner], vacancies: Rows[Vacancy], __: date) -> Mask:
        return across(vacancies.column(readings.closed, np.bool_))

    def failure(self, _: Learner, vacancy: Vacancy, __: date) -> Failure:
        return Failure(self.id, "The vacancy is closed", vacancy.closed, "open")


@dataclass(frozen=True, slots=True)
class Dates:
    """A vacancy is open until it closes, its interviews are due or the work starts."""

    id: ClassVar[str] = "dates"

    def fails(self, _: Rows[Learner], vacancies: Rows[Vacancy], today: date) -> Mask:
        return across(vacancies.column(readings.last_day, np.int32) < readings.day(today))

    def failure(self, _: Learner, vacancy: Vacancy, today: date) -> Failure:
        last, words = readings.ends(vacancy)
        return Failure(self.id, words, last.isoformat(), f"{today.isoformat()} or later")
