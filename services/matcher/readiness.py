"""The rules about the learner alone: whether they are ready for interviews."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

import numpy as np

from services.matcher import of_learners, readings
from services.matcher.columns import Rows
from services.matcher.market import Failure, Learner, Vacancy
from services.matcher.readings import Mask, down


@dataclass(frozen=True, slots=True)
class Completed:
    """Only completers are matched."""

    id: ClassVar[str] = "completed"

    def fails(self, learners: Rows[Learner], _: Rows[Vacancy], today: date) -> Mask:
        return down(learners.column(of_learners.completed_on, np.int32) > readings.day(today))

    def failure(self, learner: Learner, _: Vacancy, today: date) -> Failure:
        done = learner.completed_on.isoformat() if learner.completed_on else "not recorded"
        return Failure(self.id, "The course is not complete", done, f"by {today.isoformat()}")


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Who left the scheme is not matched."""

    id: ClassVar[str] = "withdrawn"

    def fails(self, learners: Rows[Learner], _: Rows[Vacancy], __: date) -> Mask:
        return down(learners.column(of_learners.withdrawn, np.bool_))

    def failure(self, _: Learner, __: Vacancy, ___: date) -> Failure:
        return Failure(self.id, "The learner left the scheme")


@dataclass(frozen=True, slots=True)
class Paused:
    """A break keeps a learner out until its last day has passed."""

    id: ClassVar[str] = "paused"

    def fails(self, learners: Rows[Learner], _: Rows[Vacancy], today: date) -> Mask:
        return down(learners.column(of_learners.paused_until, np.int32) >= readings.day(today))

    def failure(self, learner: Learner, _: Vacancy, today: date) -> Failure:
        until = learner.paused_until.isoformat() if learner.paused_until else "no end known"
        return Failure(self.id, "The learner is on a break", until, f"before {today.isoformat()}")


@dataclass(frozen=True, slots=True)
class AgeWindow:
    """The scheme's age band, judged at the start of the course."""

    id: ClassVar[str] = "age-window"
    youngest: int
    oldest: int

    def fails(self, learners: Rows[Learner], _: Rows[Vacancy], __: date) -> Mask:
        ages = learners.column(of_learners.age_at_course, np.int16)
        return down((ages < self.youngest) | (ages > self.oldest))

    def failure(self, learner: Learner, _: Vacancy, __: date) -> Failure:
        words = "The learner was outside the scheme's age band when the course started"
        age = str(of_learners.age_at_course(learner))
        return Failure(self.id, words, age, f"{self.youngest} to {self.oldest}")
