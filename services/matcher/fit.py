"""The rules about a learner and a vacancy together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from schemas.vacancy import WageVerdict
from services.matcher import geography
from services.matcher.market import Failure, Learner, Vacancy
from services.matcher.readiness import Mask, across, age, down

YEARS = 10_000  # years in a date written as one number, yyyymmdd
ADULT_RATE = 21  # the age from which the highest minimum wage is due


def _numbers(days: Sequence[date]) -> NDArray[np.int32]:
    """Dates as yyyymmdd: n years later is + n * YEARS, for comparing ages without dividing."""
    return np.array([(d.year * 100 + d.month) * 100 + d.day for d in days], dtype=np.int32)


def _reached(learners: Sequence[Learner], vacancies: Sequence[Vacancy], years: int) -> Mask:
    """Whether the learner is *years* old or older when the vacancy starts."""
    born = _numbers([row.profile.date_of_birth for row in learners])
    starts = _numbers([row.profile.starts_on for row in vacancies])
    return born[:, None] + years * YEARS <= starts[None, :]


def _age_at_start(learner: Learner, vacancy: Vacancy) -> int:
    return age(learner.profile.date_of_birth, vacancy.profile.starts_on)


@dataclass(frozen=True, slots=True)
class FoundationGate:
    """Foundation apprenticeships have an age gate of their own, at the start of the work."""

    id: ClassVar[str] = "foundation-gate"
    under: int
    under_with_grounds: int

    def fails(self, learners: Sequence[Learner], vacancies: Sequence[Vacancy], _: date) -> Mask:
        gated = across([row.profile.foundation for row in vacancies])
        grounds = down([row.profile.foundation_grounds for row in learners])
        too_old = _reached(learners, vacancies, self.under) & ~grounds
        return gated & (too_old | _reached(learners, vacancies, self.under_with_grounds))

    def failure(self, learner: Learner, vacancy: Vacancy, _: date) -> Failure:
        words = "Too old for a foundation apprenticeship when the work starts"
        limit = f"under {self.under}, or under {self.under_with_grounds} on special grounds"
        return Failure(self.id, words, str(_age_at_start(learner, vacancy)), limit)


@dataclass(frozen=True, slots=True)
class WageFloor:
    """The pay must satisfy the law for the learner's age band at the start of the work."""

    id: ClassVar[str] = "wage-floor"
    refused: tuple[str, ...]

    def fails(self, learners: Sequence[Learner], vacancies: Sequence[Vacancy], _: date) -> Mask:
        younger = across([row.profile.wage.aged_18_to_20 in self.refused for row in vacancies])
        older = across([row.profile.wage.aged_21_up in self.refused for row in vacancies])
        return np.where(_reached(learners, vacancies, ADULT_RATE), older, younger)

    def failure(self, learner: Learner, vacancy: Vacancy, _: date) -> Failure:
        wage, adult = vacancy.profile.wage, _age_at_start(learner, vacancy) >= ADULT_RATE
        verdict = wage.aged_21_up if adult else wage.aged_18_to_20
        band = "21 and over" if adult else "18 to 20"
        accepted = " or ".join(word for word in WageVerdict if word not in self.refused)
        return Failure(self.id, f"The pay is too low for somebody of {band}", verdict, accepted)


@dataclass(frozen=True, slots=True)
class Programme:
    """Some vacancies are pledged to completers of certain programmes."""

    id: ClassVar[str] = "programme"

    def fails(self, learners: Sequence[Learner], vacancies: Sequence[Vacancy], _: date) -> Mask:
        names, row_of = np.unique([row.profile.programme for row in learners], return_inverse=True)
        table = [
            [
                bool(row.profile.programmes) and name not in row.profile.programmes
                for row in vacancies
            ]
            for name in names.tolist()
        ]
        return np.array(table, dtype=np.bool_).reshape(len(names), len(vacancies))[row_of]

    def failure(self, learner: Learner, vacancy: Vacancy, _: date) -> Failure:
        words = "The vacancy is pledged to completers of other programmes"
        limit = ", ".join(vacancy.profile.programmes)
        return Failure(self.id, words, learner.profile.programme, limit)


@dataclass(frozen=True, slots=True)
class StartDate:
    """The work must not start before the learner is available."""

    id: ClassVar[str] = "start-date"

    def fails(self, learners: Sequence[Learner], vacancies: Sequence[Vacancy], _: date) -> Mask:
        free = _numbers([row.profile.available_from or date.min for row in learners])
        starts = _numbers([row.profile.starts_on for row in vacancies])
        return free[:, None] > starts[None, :]

    def failure(self, learner: Learner, vacancy: Vacancy, _: date) -> Failure:
        free, starts = learner.profile.available_from, vacancy.profile.starts_on
        limit = f"{starts.isoformat()} or earlier"
        return Failure(self.id, "The work starts before the learner is free", str(free), limit)


@dataclass(frozen=True, slots=True)
class TravelReach:
    """Work on the spot must be within the learner's reach; an unknown place always is."""

    id: ClassVar[str] = "travel-reach"
    modes: tuple[str, ...]
    usual_miles: float

    def fails(self, learners: Sequence[Learner], vacancies: Sequence[Vacancy], _: date) -> Mask:
        reach = np.array([self._reach(row) for row in learners], dtype=np.float32)
        apart = geography.miles(
            [row.profile.outcode for row in learners], [row.profile.outcode for row in vacancies]
        )
        # NaN, an unknown place, is greater than nothing
        return across([row.profile.mode in self.modes for row in vacancies]) & (
            apart > reach[:, None]
        )

    def failure(self, learner: Learner, vacancy: Vacancy, _: date) -> Failure:
        apart = geography.distance(learner.profile.outcode, vacancy.profile.outcode)
        words = "The workplace is further than the learner can travel"
        if learner.profile.max_miles is None:
            words = "The workplace is further than we send learners who gave no limit"
        return Failure(self.id, words, f"{apart} miles", f"{self._reach(learner):g} miles")

    def _reach(self, learner: Learner) -> float:
        return learner.profile.max_miles or self.usual_miles


@dataclass(frozen=True, slots=True)
class EssentialNeeds:
    """What the vacancy cannot do without, the learner must hold."""

    id: ClassVar[str] = "essential-needs"

    def fails(self, learners: Sequence[Learner], vacancies: Sequence[Vacancy], _: date) -> Mask:
        fails = np.zeros((len(learners), len(vacancies)), dtype=np.bool_)
        for need in sorted({need for row in vacancies for need in row.profile.essential}):
            lacks = down([need not in row.profile.holds for row in learners])
            fails |= lacks & across([need in row.profile.essential for row in vacancies])
        return fails

    def failure(self, learner: Learner, vacancy: Vacancy, _: date) -> Failure:
        missing = sorted(set(vacancy.profile.essential) - set(learner.profile.holds))
        words = "The learner does not hold what the vacancy cannot do without"
        value = "without " + ", ".join(missing)
        return Failure(self.id, words, value, ", ".join(vacancy.profile.essential))
