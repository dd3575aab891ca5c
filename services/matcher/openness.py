"""The rules about the vacancy alone: whether it still takes anybody."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar

import numpy as np

from services.matcher import of_vacancies, readings
from services.matcher.columns import Rows
from services.matcher.market import Failure, Learner, Vacancy
from services.matcher.readings import NEVER, STANDARDS, Mask, across


@dataclass(frozen=True, slots=True)
class Closed:
    """A closed or withdrawn vacancy takes nobody more."""

    id: ClassVar[str] = "closed"

    def fails(self, _: Rows[Learner], vacancies: Rows[Vacancy], __: date) -> Mask:
        return across(vacancies.column(of_vacancies.closed, np.bool_))

    def failure(self, _: Learner, vacancy: Vacancy, __: date) -> Failure:
        return Failure(self.id, "The vacancy is closed", vacancy.closed, "open")


@dataclass(frozen=True, slots=True)
class Dates:
    """A vacancy is open until it closes, its interviews are due or the work starts."""

    id: ClassVar[str] = "dates"

    def fails(self, _: Rows[Learner], vacancies: Rows[Vacancy], today: date) -> Mask:
        return across(vacancies.column(of_vacancies.last_day, np.int32) < readings.day(today))

    def failure(self, _: Learner, vacancy: Vacancy, today: date) -> Failure:
        last, words = of_vacancies.ends(vacancy)
        return Failure(self.id, words, last.isoformat(), f"{today.isoformat()} or later")


@dataclass(frozen=True, slots=True)
class Standard:
    """
    The apprenticeship standard must take starts on the day the work starts.

    Its own days come with the vacancy; *last_starts* closes standards by their reference.
    """

    id: ClassVar[str] = "standard"
    last_starts: Mapping[str, date] = field(default_factory=dict)

    def fails(self, _: Rows[Learner], vacancies: Rows[Vacancy], __: date) -> Mask:
        fails = ~vacancies.column(of_vacancies.standard_takes, np.bool_)
        if self.last_starts:
            own = vacancies.column(of_vacancies.standard, np.intp)
            numbers = STANDARDS.numbers(self.last_starts)
            last = np.full(len(STANDARDS), NEVER, dtype=np.int32)
            last[numbers] = [readings.day(when) for when in self.last_starts.values()]
            fails |= vacancies.column(of_vacancies.starts_on, np.int32) > last[own]
        return across(fails)

    def failure(self, _: Learner, vacancy: Vacancy, __: date) -> Failure:
        facts = vacancy.profile
        since, until = facts.standard_from, facts.standard_until
        last = min(
            (when for when in (until, self.last_starts.get(facts.standard or "")) if when),
            default=None,
        )
        words = "The apprenticeship takes no new starts on the day the work starts"
        parts = [f"from {since}" if since else "", f"to {last}" if last else ""]
        return Failure(self.id, words, str(facts.starts_on), " ".join(filter(None, parts)))
