"""The rules about what a learner can do and wants: when, how far, for whom."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

import numpy as np

from schemas.learner import ROUTES
from services.matcher import geography, of_learners, of_vacancies
from services.matcher.columns import Rows
from services.matcher.market import Failure, Learner, Vacancy
from services.matcher.readings import MODES, UNWANTED, Mask, across


@dataclass(frozen=True, slots=True)
class StartDate:
    """The work must not start before the learner is available."""

    id: ClassVar[str] = "start-date"

    def fails(self, learners: Rows[Learner], vacancies: Rows[Vacancy], _: date) -> Mask:
        free = learners.column(of_learners.free_from, np.int32)
        late: Mask = free[:, None] > vacancies.column(of_vacancies.starts_on, np.int32)[None, :]
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
        own = learners.column(of_learners.own_miles)
        reach = np.where(np.isnan(own), np.float32(self.usual_miles), own)
        home = learners.column(of_learners.home, np.intp)
        work = vacancies.column(of_vacancies.workplace, np.intp)
        # NaN, an unknown place, is greater than nothing; ways are looked up for the smaller side
        if len(home) <= len(work):
            beyond = (geography.ways(home) > reach[:, None]).take(work, axis=1)
        else:
            beyond = (geography.apart(work, home) > reach).T
        there = np.array([mode in self.modes for mode in MODES], dtype=np.bool_)
        return across(there[vacancies.column(of_vacancies.mode, np.intp)]) & beyond

    def failure(self, learner: Learner, vacancy: Vacancy, _: date) -> Failure:
        apart = geography.distance(learner.profile.outcode, vacancy.profile.outcode)
        own = learner.profile.max_miles
        words = "The workplace is further than the learner can travel"
        if own is None:
            words = "The workplace is further than we send learners who gave no limit"
        reach = self.usual_miles if own is None else own
        return Failure(self.id, words, f"{apart} miles", f"{reach:g} miles")


@dataclass(frozen=True, slots=True)
class LearnerChoice:
    """Employers and kinds of work that the learner does not want."""

    id: ClassVar[str] = "learner-choice"

    def fails(self, learners: Rows[Learner], vacancies: Rows[Vacancy], _: date) -> Mask:
        routes = learners.column(of_learners.unwanted_routes, np.int32)
        fails: Mask = np.zeros((1, 1), dtype=np.bool_)
        if routes.any():
            fails = (
                routes[:, None] & vacancies.column(of_vacancies.route_bit, np.int32)[None, :] > 0
            )
        unwanted = learners.marks(of_learners.unwanted_employers, UNWANTED)
        if unwanted.any():
            fails = fails | self._employers(unwanted > 0, vacancies)
        return fails

    def failure(self, learner: Learner, vacancy: Vacancy, _: date) -> Failure:
        if vacancy.profile.employer_id in learner.profile.unwanted_employers:
            words = "The learner does not want to work for this employer"
            return Failure(self.id, words, "this employer", "any other employer")
        words, route = "The learner does not want this kind of work", vacancy.profile.route
        return Failure(self.id, words, ROUTES[route - 1] if route else None, "other work")

    def _employers(self, unwanted: Mask, vacancies: Rows[Vacancy]) -> Mask:
        """A look-up by employer: only employers somebody does not want have a column."""
        own = vacancies.column(of_vacancies.employer, np.intp)
        column_of = of_vacancies.unwanted_columns(unwanted.shape[1])
        nobody = np.zeros((len(unwanted), 1), dtype=np.bool_)
        found: Mask = np.hstack([unwanted, nobody]).take(column_of[own], axis=1)
        return found
