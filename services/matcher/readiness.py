"""The rules about one side alone: whether the learner is ready and the vacancy open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from services.matcher.market import Failure, Learner, Vacancy

Mask = NDArray[np.bool_]


def age(born: date, on: date) -> int:
    """Whole years on *on*; someone born on 29 February has a birthday on 1 March."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def down(values: Sequence[bool]) -> Mask:
    """One boolean a learner, to broadcast over vacancies."""
    return np.array(values, dtype=np.bool_)[:, None]


def across(values: Sequence[bool]) -> Mask:
    """One boolean a vacancy, to broadcast over learners."""
    return np.array(values, dtype=np.bool_)[None, :]


@dataclass(frozen=True, slots=True)
class Completed:
    """Only completers are matched."""

    id: ClassVar[str] = "completed"

    def fails(self, learners: Sequence[Learner], _: Sequence[Vacancy], today: date) -> Mask:
        return down([row.completed_on is None or row.completed_on > today for row in learners])

    def failure(self, learner: Learner, _: Vacancy, today: date) -> Failure:
        done = learner.completed_on.isoformat() if learner.completed_on else "not recorded"
        return Failure(self.id, "The course is not complete", done, f"by {today.isoformat()}")


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Who left the scheme is not matched."""

    id: ClassVar[str] = "withdrawn"

    def fails(self, learners: Sequence[Learner], _: Sequence[Vacancy], __: date) -> Mask:
        return down([row.withdrawn for row in learners])

    def failure(self, _: Learner, __: Vacancy, ___: date) -> Failure:
        return Failure(self.id, "The learner left the scheme")


@dataclass(frozen=True, slots=True)
class Paused:
    """A break keeps a learner out until its last day has passed."""

    id: ClassVar[str] = "paused"

    def fails(self, learners: Sequence[Learner], _: Sequence[Vacancy], today: date) -> Mask:
        return down([row.paused and today <= (row.paused_until or today) for row in learners])

    def failure(self, learner: Learner, _: Vacancy, today: date) -> Failure:
        until = learner.paused_until.isoformat() if learner.paused_until else "no end known"
        return Failure(self.id, "The learner is on a break", until, f"before {today.isoformat()}")


@dataclass(frozen=True, slots=True)
class AgeWindow:
    """The scheme's age band, judged at the start of the course."""

    id: ClassVar[str] = "age-window"
    youngest: int
    oldest: int

    def fails(self, learners: Sequence[Learner], _: Sequence[Vacancy], __: date) -> Mask:
        return down([not self.youngest <= self._age(row) <= self.oldest for row in learners])

    def failure(self, learner: Learner, _: Vacancy, __: date) -> Failure:
        words = "The learner was outside the scheme's age band when the course started"
        return Failure(self.id, words, str(self._age(learner)), f"{self.youngest} to {self.oldest}")

    def _age(self, learner: Learner) -> int:
        return age(learner.profile.date_of_birth, learner.profile.course.started_on)


@dataclass(frozen=True, slots=True)
class Closed:
    """A closed or withdrawn vacancy takes nobody more."""

    id: ClassVar[str] = "closed"

    def fails(self, _: Sequence[Learner], vacancies: Sequence[Vacancy], __: date) -> Mask:
        return across([row.closed is not None for row in vacancies])

    def failure(self, _: Learner, vacancy: Vacancy, __: date) -> Failure:
        return Failure(self.id, "The vacancy is closed", vacancy.closed, "open")


@dataclass(frozen=True, slots=True)
class Dates:
    """A vacancy is open until it closes, its interviews are due or the work starts."""

    id: ClassVar[str] = "dates"

    def fails(self, _: Sequence[Learner], vacancies: Sequence[Vacancy], today: date) -> Mask:
        return across([self._last_day(row)[0] < today for row in vacancies])

    def failure(self, _: Learner, vacancy: Vacancy, today: date) -> Failure:
        last, words = self._last_day(vacancy)
        return Failure(self.id, words, last.isoformat(), f"{today.isoformat()} or later")

    def _last_day(self, vacancy: Vacancy) -> tuple[date, str]:
        facts = vacancy.profile
        days = [
            (facts.interview_by, "The last day for the pledged interviews has passed"),
            (facts.starts_on, "The work has already started"),
        ]
        if facts.closes_on:
            days.append((facts.closes_on, "The vacancy's closing date has passed"))
        return min(days)
