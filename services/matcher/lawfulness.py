"""The rules of the law on ages and pay, for the day the work starts."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

import numpy as np

from schemas.vacancy import WageVerdict
from services.matcher import of_learners, of_vacancies
from services.matcher.ages import age_at_start, reached
from services.matcher.columns import Rows
from services.matcher.market import Failure, Learner, Vacancy
from services.matcher.readings import VERDICTS, Mask, across, down

ADULT_RATE = 21  # the age from which the highest minimum wage is due


@dataclass(frozen=True, slots=True)
class FoundationGate:
    """Foundation apprenticeships have an age gate of their own, at the start of the work."""

    id: ClassVar[str] = "foundation-gate"
    under: int
    under_with_grounds: int

    def fails(self, learners: Rows[Learner], vacancies: Rows[Vacancy], _: date) -> Mask:
        gated = across(vacancies.column(of_vacancies.foundation, np.bool_))
        if not gated.any():
            return gated
        grounds = down(learners.column(of_learners.special_grounds, np.bool_))
        too_old = reached(learners, vacancies, self.under) & ~grounds
        return gated & (too_old | reached(learners, vacancies, self.under_with_grounds))

    def failure(self, learner: Learner, vacancy: Vacancy, _: date) -> Failure:
        words = "Too old for a foundation apprenticeship when the work starts"
        limit = f"under {self.under}, or under {self.under_with_grounds} on special grounds"
        return Failure(self.id, words, str(age_at_start(learner, vacancy)), limit)


@dataclass(frozen=True, slots=True)
class WageFloor:
    """The pay must satisfy the policy for the learner's age band at the start of the work."""

    id: ClassVar[str] = "wage-floor"
    refused: tuple[WageVerdict, ...]

    def fails(self, learners: Rows[Learner], vacancies: Rows[Vacancy], _: date) -> Mask:
        refused = np.array([verdict in self.refused for verdict in VERDICTS], dtype=np.bool_)
        younger = across(refused[vacancies.column(of_vacancies.pay_from_18, np.intp)])
        older = across(refused[vacancies.column(of_vacancies.pay_from_21, np.intp)])
        if not (younger.any() or older.any()):
            return younger
        return np.where(reached(learners, vacancies, ADULT_RATE), older, younger)

    def failure(self, learner: Learner, vacancy: Vacancy, _: date) -> Failure:
        wage, adult = vacancy.profile.wage, age_at_start(learner, vacancy) >= ADULT_RATE
        verdict = wage.aged_21_up if adult else wage.aged_18_to_20
        band = "21 and over" if adult else "18 to 20"
        accepted = " or ".join(word for word in WageVerdict if word not in self.refused)
        return Failure(self.id, f"The pay is too low for somebody of {band}", verdict, accepted)
