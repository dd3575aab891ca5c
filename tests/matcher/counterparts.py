"""Markets in which every fact that is never scored meets its like on the other side, or not."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

from schemas.learner import Attainment, LearnerProfile
from schemas.vacancy import Asked, VacancyProfile, WageVerdict
from services.matcher.market import RoundInputs
from services.matcher.readings import age
from services.matcher.suitability import NEVER_SCORED
from tests.matcher.cohorts import TODAY, cohort

NEEDS = ("driving-licence", "cscs-card")
ROOMS = ("step-free-access", "quiet-room")
COURSES_BEGAN = date(2026, 6, 1)
NINETEEN = date(2007, 6, 1)  # born then, somebody is 19 on that day
MOST = 0.7  # of the facts are not those of the plain cohort
AGES = 11 * 365  # days of birth of all who are 19 to 29
VERDICTS = (WageVerdict.MEETS, WageVerdict.LEGAL_ONLY, WageVerdict.BELOW)
LEVELS = (None, Attainment(held=0), Attainment(held=1), Attainment(held=2),
          Attainment(held=0, towards=2, due=TODAY))  # fmt: skip
ASKS = (None, Asked(level=1), Asked(level=2), Asked(level=2, essential=True))


def _some(words: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    return (), (words[0],), (words[1],), tuple(words)


# never scored: the values each fact takes here; parts of a fact are named after it
OF_LEARNERS: Mapping[str, Sequence[Any]] = {
    "programme": ("path2", "bootcamp"),
    "ukprn": ("10000001", "10000002"),
    "date_of_birth": [NINETEEN - timedelta(days=days) for days in range(0, AGES, 73)],
    "course.course_id": (UUID(int=7), UUID(int=8)),
    "course.started_on": (COURSES_BEGAN, COURSES_BEGAN + timedelta(days=40)),
    "outcode_proves_home": (True, False),
    "holds": _some(NEEDS),
    "foundation_grounds": (True, False),
    "shares_with_cluster": (True, False),
    "english": LEVELS,
    "maths": LEVELS,
    "unwanted_employers": ((), (UUID(int=1),), (UUID(int=2), UUID(int=3))),
    "unwanted_routes": ((), (1, 2, 3, 4, 5), (9, 12)),
    "adjustments": _some(ROOMS),
    "skills.physical-fitness": (True, False),
}
OF_VACANCIES: Mapping[str, Sequence[Any]] = {
    "employer_id": (UUID(int=1), UUID(int=2), UUID(int=3)),
    "cluster": (None, "north", "south"),
    "title": ("Apprentice machinist", "Trainee"),
    "standard": (None, "ST0001", "ST0002"),
    "foundation": (True, False),
    "interview_by": (TODAY + timedelta(days=12), TODAY + timedelta(days=25)),
    "joint_pledge": (None, "together"),
    "closes_on": (None, TODAY, TODAY + timedelta(days=9)),
    "skills_from_standard": (True, False),
    "essential": _some(NEEDS),
    "wanted": _some(NEEDS),
    "programmes": ((), ("path2",), ("bootcamp",)),
    "disability_confident": (True, False),
    "english": ASKS,
    "maths": ASKS,
    "standard_from": (None, TODAY),
    "standard_until": (None, TODAY + timedelta(days=400)),
    "adjustments": _some(ROOMS),
    "wage.aged_18_to_20": VERDICTS,
    "wage.aged_21_up": VERDICTS,
    "skills.physical-fitness": (True, False),
}


def _meets_level(held: Attainment | None, asked: Asked | None) -> bool:
    return bool(asked and held and held.held is not None and held.held >= asked.level)


# where a fact of a learner meets its like
MEETS: Mapping[str, Callable[[LearnerProfile, VacancyProfile], bool]] = {
    "programme": lambda own, other: own.programme in other.programmes,
    "date_of_birth": lambda own, other: (
        other.foundation and age(own.date_of_birth, other.starts_on) < 22
    ),
    "outcode_proves_home": lambda own, other: own.outcode_proves_home and bool(other.outcode),
    "holds": lambda own, other: bool(other.essential) and set(other.essential) <= set(own.holds),
    "foundation_grounds": lambda own, other: own.foundation_grounds and other.foundation,
    "shares_with_cluster": lambda own, other: own.shares_with_cluster and bool(other.cluster),
    "english": lambda own, other: _meets_level(own.english, other.english),
    "maths": lambda own, other: _meets_level(own.maths, other.maths),
    "unwanted_employers": lambda own, other: other.employer_id in own.unwanted_employers,
    "unwanted_routes": lambda own, other: other.route in own.unwanted_routes,
    "adjustments": lambda own, other: bool(set(own.adjustments) & set(other.adjustments)),
    "skills.physical-fitness": lambda own, other: {*own.skills} & {*other.skills} >= NEVER_SCORED,
}


def market(seed: int, learners: int = 12, vacancies: int = 6) -> RoundInputs:
    """A cohort with all those facts, each drawn for itself."""
    plain = cohort(seed, learners, vacancies, pledged=1)
    chance = Random(seed)
    mine = [{name for name in OF_LEARNERS if chance.random() < MOST} for _ in plain.learners]
    theirs = [{name for name in OF_VACANCIES if chance.random() < MOST} for _ in plain.vacancies]
    return turned(plain, mine, theirs, seed)


def turned(
    inputs: RoundInputs, mine: Sequence[set[str]], theirs: Sequence[set[str]], seed: int
) -> RoundInputs:
    """The same market, the facts named of each learner and of each vacancy other than they are."""
    chance = Random(seed)
    learners = tuple(
        replace(row, profile=_other(row.profile, OF_LEARNERS, names, chance))
        for row, names in zip(inputs.learners, mine, strict=True)
    )
    vacancies = tuple(
        replace(row, profile=_other(row.profile, OF_VACANCIES, names, chance))
        for row, names in zip(inputs.vacancies, theirs, strict=True)
    )
    return replace(inputs, learners=learners, vacancies=vacancies)


def _other(
    profile: Any, values: Mapping[str, Sequence[Any]], names: set[str], chance: Random
) -> Any:
    for name in sorted(names):
        fact, _, part = name.partition(".")
        now = getattr(profile, fact)
        if fact == "skills":
            other = tuple(e for e in now if e != part) if part in now else (*now, part)
        elif part:
            other = now.model_copy(update={part: _but(values[name], getattr(now, part), chance)})
        else:
            other = _but(values[name], now, chance)
        profile = profile.model_copy(update={fact: other})
    return profile


def _but(values: Sequence[Any], now: Any, chance: Random) -> Any:
    return chance.choice([value for value in values if value != now])
