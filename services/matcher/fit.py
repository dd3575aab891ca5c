"""The rules about what a vacancy asks of learners: their programme, and what they hold."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from services.matcher import of_learners, of_vacancies
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
        own = learners.column(of_learners.programme_number, np.intp)
        unlisted = self._unlisted(own, vacancies)
        if self.never_matched:
            return unlisted | down(np.isin(own, PROGRAMMES.numbers(self.never_matched)))
        return unlisted

    def _unlisted(self, own: NDArray[np.intp], vacancies: Rows[Vacancy]) -> Mask:
        choosy = across(vacancies.column(of_vacancies.lists_programmes, np.bool_))
        if not choosy.any():
            return choosy
        listed = vacancies.marks(of_vacancies.listed_programmes, PROGRAMMES)
        by_programme: Mask = choosy & (listed.T == 0)
        return by_programme[own]

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
        needed = vacancies.column(of_vacancies.essential_count)
        if not needed.any():
            return across(needed > 0)
        # many vacancies need the same: one of each kind is judged, and stands for the others
        kinds = vacancies.column(of_vacancies.essential_kind, np.intp)
        one_of = np.full(kinds.max() + 1, -1, dtype=np.intp)
        one_of[kinds] = np.arange(len(kinds))
        ones = one_of[one_of >= 0]
        marks = vacancies.marks(of_vacancies.essential, NEEDS)[ones]
        lacks: Mask = shared(learners.marks(of_learners.holds, NEEDS), marks) < needed[ones]
        one_of[one_of >= 0] = np.arange(len(ones))
        found: Mask = lacks.take(one_of[kinds], axis=1)
        return found

    def failure(self, learner: Learner, vacancy: Vacancy, _: date) -> Failure:
        missing = sorted(set(vacancy.profile.essential) - set(learner.profile.holds))
        words = "The learner does not hold what the vacancy cannot do without"
        value = "without " + ", ".join(missing)
        return Failure(self.id, words, value, ", ".join(vacancy.profile.essential))
