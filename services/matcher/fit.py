"""The rules about a learner and a vacancy together: what one asks of the other."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

import numpy as np

from services.matcher import geography, readings
from services.matcher.columns import Rows
from services.matcher.market import Failure, Learner, Vacancy
from services.matcher.readings import MODES, NEEDS, PROGRAMMES, Mask, across, shared


@dataclass(frozen=True, slots=True)
class Programme:
    """Some vacancies are pledged to completers of certain programmes."""

    id: ClassVar[str] = "programme"

    def fails(self, learners: Rows[Learner], vacancies: Rows[Vacancy], _: date) -> Mask:
        choosy = across(vacancies.column(readings.lists_programmes, np.bool_))
        if not choosy.any():
            return choosy
        listed = vacancies.marks(readings.listed_programmes, PROGRAMMES)
        others: Mask = shared(learners.marks(readings.programme, PROGRAMMES), listed) == 0
        return choosy & others

    def failure(self, learner: Learner, vacancy: Vacancy, _: date) -> Failure:
        words = "The vacancy is pledged to completers of other programmes"
        limit = ", ".join(vacancy.profile.programmes)
        return Failure(self.id, words, learner.profile.programme, limit)


@dataclass(frozen=True, slots=True)
class StartDate:
    """The work must not start before the learner is available."""

    id: ClassVar[str] = "start-date"

    def fails(self, learners: Rows[Learner], vacancies: Rows[Vacancy], _: date) -> Mask:
        free = learners.column(readings.free_from, np.int32)
        late: Mask = free[:, None] > vacancies.column(readings.starts_on, np.int32)[None, :]
        return late

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

    def fails(self, learners: Rows[Learner], vacancies: Rows[Vacancy], _: date) -> Mask:
        own = learners.column(readings.own_miles)
        reach = np.where(np.isnan(own), np.float32(self.usual_miles), own)
        apart = geography.apart(
            learners.column(readings.home, np.intp), vacancies.column(readings.workplace, np.intp)
        )
        there = np.array([mode in self.modes for mode in MODES], dtype=np.bool_)
        onsite = across(there[vacancies.column(readings.mode, np.intp)])
        # NaN, an unknown place, is greater than nothing
        return onsite & (apart > reach[:, None])

    def failure(self, learner: Learner, vacancy: Vacancy, _: date) -> Failure:
        apart = geography.distance(learner.profile.outcode, vacancy.profile.outcode)
        own = learner.profile.max_miles
        words = "The workplace is further than the learner can travel"
        if own is None:
            words = "The workplace is further than we send learners who gave no limit"
        reach = self.usual_miles if own is None else own
        return Failure(self.id, words, f"{apart} miles", f"{reach:g} miles")


@dataclass(frozen=True, slots=True)
class EssentialNeeds:
    """What the vacancy cannot do without, the learner must hold."""

    id: ClassVar[str] = "essential-needs"

    def fails(self, learners: Rows[Learner], vacancies: Rows[Vacancy], _: date) -> Mask:
        needed = vacancies.column(readings.essential_count)
        if not needed.any():
            return across(needed > 0)
        held = learners.marks(readings.holds, NEEDS)
        return shared(held, vacancies.marks(readings.essential, NEEDS)) < needed[None, :]

    def failure(self, learner: Learner, vacancy: Vacancy, _: date) -> Failure:
        missing = sorted(set(vacancy.profile.essential) - set(learner.profile.holds))
        words = "The learner does not hold what the vacancy cannot do without"
        value = "without " + ", ".join(missing)
        return Failure(self.id, words, value, ", ".join(vacancy.profile.essential))
