"""The rules about what a vacancy asks of learners: their programme, and what they hold."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

import numpy as np

from services.matcher import readings
from services.matcher.columns import Rows
from services.matcher.market import Failure, Learner, Vacancy
from services.matcher.readings import NEEDS, PROGRAMMES, Mask, across, down, shared


@dataclass(frozen=True, slots=True)
class Programme:
    """
    Some vacancies are pledged to completers of certain programmes.

    Programmes that are *never_matched* are kept and counted, such as those that have ended.
    """

    id: ClassVar[str] = "programme"
    never_matched: tuple[str, ...] = ()

    def fails(self, learners: Rows[Learner], vacancies: Rows[Vacancy], _: date) -> Mask:
        if self.never_matched:
            own = learners.column(readings.programme_number, np.intp)
            never = down(np.isin(own, PROGRAMMES.numbers(self.never_matched)))
            return never | self._unlisted(learners, vacancies)
        return self._unlisted(learners, vacancies)

    def _unlisted(self, learners: Rows[Learner], vacancies: Rows[Vacancy]) -> Mask:
        choosy = across(vacancies.column(readings.lists_programmes, np.bool_))
        if not choosy.any():
            return choosy
        listed = vacancies.marks(readings.listed_programmes, PROGRAMMES)
        others: Mask = shared(learners.marks(readings.programme, PROGRAMMES), listed) == 0
        return choosy & others

    def failure(self, learner: Learner, vacancy: Vacancy, _: date) -> Failure:
        own = learner.profile.programme
        if own in self.never_matched:
            words = "Learners of this programme are kept on record and not matched"
            return Failure(self.id, words, own, "another programme")
        words = "The vacancy is pledged to completers of other programmes"
        limit = ", ".join(vacancy.profile.programmes)
        return Failure(self.id, words, own, limit)


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
