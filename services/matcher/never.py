"""
What must not count: facts the matcher holds for its rules, and facts it must not even hold.

Flipping any of them may change who is eligible, never a score or an order (DESIGN, promise 6).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import numpy as np

from schemas.learner import Attainment, LearnerProfile
from schemas.vacancy import VacancyProfile
from services.matcher.columns import Rows
from services.matcher.features import vectors
from services.matcher.market import Learner, Vacancy
from services.matcher.scorer import Model

# asked for nowhere, kept nowhere in the matcher
NOT_HELD = (
    "sex", "ethnicity", "disability and support needs", "care experience", "offences", "benefits",
    "name", "home deprivation", "grades of any examination", "gaps in employment", "nationality",
    "religion", "photo", "e-mail domain",
)  # fmt: skip
# what is held of schooling, to be told beside it
LEVELS = (
    "Of schooling it holds levels, no grades. The highest level reached counts, as said above; "
    "the levels of English and maths never count."
)
FITNESS = "physical-fitness"
UNWANTED_ROUTE = 13
NOBODYS = UUID(int=2**127)  # an employer there is not
YEARS = timedelta(days=3 * 365)


def _age(profile: LearnerProfile) -> LearnerProfile:
    return profile.model_copy(update={"date_of_birth": profile.date_of_birth - YEARS})


def _grounds(profile: LearnerProfile) -> LearnerProfile:
    return profile.model_copy(update={"foundation_grounds": not profile.foundation_grounds})


def _home(profile: LearnerProfile) -> LearnerProfile:
    return profile.model_copy(update={"outcode_proves_home": not profile.outcode_proves_home})


def _shares(profile: LearnerProfile) -> LearnerProfile:
    return profile.model_copy(update={"shares_with_cluster": not profile.shares_with_cluster})


def _provider(profile: LearnerProfile) -> LearnerProfile:
    ukprn = "10000009" if profile.ukprn != "10000009" else "10000008"
    return profile.model_copy(update={"ukprn": ukprn, "programme": "another"})


def _holds(profile: LearnerProfile) -> LearnerProfile:
    return profile.model_copy(update={"holds": () if profile.holds else ("driving-licence",)})


def _fit(profile: LearnerProfile) -> LearnerProfile:
    others = tuple(skill for skill in profile.skills if skill != FITNESS)
    flipped = others if FITNESS in profile.skills else (*others, FITNESS)
    return profile.model_copy(update={"skills": flipped})


def _attainment(profile: LearnerProfile) -> LearnerProfile:
    none, all_ = Attainment(held=0), Attainment(held=2)
    facts = {"english": none if profile.english == all_ else all_,
             "maths": none if profile.maths == all_ else all_}  # fmt: skip
    return profile.model_copy(update=facts)


def _choices(profile: LearnerProfile) -> LearnerProfile:
    chosen = bool(profile.unwanted_routes)
    facts = {"unwanted_routes": () if chosen else (UNWANTED_ROUTE,),
             "unwanted_employers": () if chosen else (NOBODYS,)}  # fmt: skip
    return profile.model_copy(update=facts)


def _adjustments(profile: LearnerProfile) -> LearnerProfile:
    other = () if profile.adjustments else ("step-free-access",)
    return profile.model_copy(update={"adjustments": other})


# facts of a learner the matcher holds, by the words of the model card
FLIPS: Mapping[str, Callable[[LearnerProfile], LearnerProfile]] = {
    "age": _age,
    "special grounds for a foundation apprenticeship": _grounds,
    "whether the place is a home": _home,
    "consent to share with peers": _shares,
    "provider and programme": _provider,
    "licences and cards held": _holds,
    "English and maths": _attainment,
    "work and employers not wanted": _choices,
    "adjustments to be made": _adjustments,
    "physical fitness": _fit,
}


def _sign(profile: VacancyProfile) -> VacancyProfile:
    return profile.model_copy(update={"disability_confident": not profile.disability_confident})


def _offered(profile: VacancyProfile) -> VacancyProfile:
    other = () if profile.adjustments else ("step-free-access",)
    return profile.model_copy(update={"adjustments": other})


# the same for what an employer says of disabled people
VACANCY_FLIPS: Mapping[str, Callable[[VacancyProfile], VacancyProfile]] = {
    "disability-confident sign": _sign,
    "adjustments offered": _offered,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Flipped:
    """How many pairs' scores moved when facts were flipped, of how many, by fact."""

    pairs: int
    moved: Mapping[str, int]

    @property
    def holds(self) -> bool:
        """Whether nothing moved."""
        return not any(self.moved.values())


def flip_test(model: Model, learners: Sequence[Learner], vacancies: Sequence[Vacancy]) -> Flipped:
    """Score all pairs once more for each fact, with that fact of everybody flipped."""
    those = Rows(vacancies)
    before = model.scores(vectors(learners, those), those)
    moved = {}
    for name, flip in FLIPS.items():
        others = [replace(row, profile=flip(row.profile)) for row in learners]
        moved[name] = int((model.scores(vectors(others, those), those) != before).sum())
    for name, turn in VACANCY_FLIPS.items():
        changed = Rows([replace(row, profile=turn(row.profile)) for row in vacancies])
        moved[name] = int((model.scores(vectors(learners, changed), changed) != before).sum())
    return Flipped(pairs=int(np.prod(before.shape)), moved=moved)
