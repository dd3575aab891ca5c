"""Markets in which much keeps people out: far, late, on a break, of another programme, refused."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

from schemas.learner import Attainment
from schemas.vacancy import Asked, Mode
from services.matcher.case import Case
from services.matcher.market import Learner, Outcome, RoundInputs, Vacancy
from services.matcher.prior import fitted
from services.matcher.proposal import propose
from services.matcher.rules import Rules
from tests.matcher.cohorts import TODAY, cohort

MODEL = fitted()
# those packaged, with English and maths made a condition
STRICT = Rules.of(
    Rules.load().raw.replace(b"[english-maths]\non = false", b"[english-maths]\non = true")
)
HOMES = ("CV1", "OX1")  # the last further than anybody is sent
WORKS = ("B5", "B18", "WS1")


def tight_market(seed: int, learners: int, vacancies: int) -> RoundInputs:
    """A market in which each learner and vacancy has about one thing that does not fit."""
    chance = Random(seed)
    plain = cohort(seed, learners, vacancies, pledged=1)
    rows = [_held_back(row, chance) for row in plain.learners]
    others = [_choosy(row, chance) for row in plain.vacancies]
    pairs = [(row.learner_id, other.vacancy_id) for row in rows for other in others]
    refused = frozenset(pair for pair in pairs if chance.random() < 0.08)
    return replace(plain, learners=tuple(rows), vacancies=tuple(others), excluded=refused)


def tight_case(seed: int, learners: int, vacancies: int) -> tuple[Case, Outcome]:
    inputs = tight_market(seed, learners, vacancies)
    outcome = propose(inputs, MODEL, STRICT)
    return Case.after(inputs, outcome, MODEL, STRICT), outcome


def _held_back(row: Learner, chance: Random) -> Learner:
    paused = chance.random() < 0.15
    until = TODAY + timedelta(days=20) if chance.random() < 0.5 else None
    facts: dict[str, Any] = {
        "outcode": _mostly(chance, "B1", HOMES),
        "max_miles": _mostly(chance, None, (1.0, 4.0, 8.0)),
        "available_from": _mostly(chance, TODAY, (TODAY + timedelta(days=n) for n in (80, 110))),
        "programme": _mostly(chance, "path2", ("bootcamp",)),
        "holds": _mostly(chance, (), (("driving-licence",),)),
        "maths": _mostly(chance, None, (Attainment(held=0),)),
        "unwanted_routes": _mostly(chance, (), ((1, 2, 3, 4, 5, 6, 7),)),
        "skills": row.profile.skills[:2],
    }
    return replace(
        row,
        profile=row.profile.model_copy(update=facts),
        paused=paused,
        paused_until=until if paused else None,
        completed_on=TODAY - timedelta(days=chance.choice((10, 40))),
    )


def _choosy(row: Vacancy, chance: Random) -> Vacancy:
    facts: dict[str, Any] = {
        "outcode": chance.choice(WORKS),
        "mode": Mode.ONSITE,
        "starts_on": TODAY + timedelta(days=chance.choice((60, 75, 100, 130))),
        "essential": _mostly(chance, (), (("driving-licence",), ("cscs-card",))),
        "programmes": _mostly(chance, (), (("path2",), ("bootcamp",))),
        "maths": _mostly(chance, None, (Asked(level=2, essential=True),)),
        "hours_per_week": chance.choice((30.0, 37.5)),
    }
    return replace(row, profile=row.profile.model_copy(update=facts))


def _mostly(chance: Random, usual: Any, others: Any) -> Any:
    """*usual* in six cases of ten."""
    some: Sequence[Any] = tuple(others)
    return usual if chance.random() < 0.6 else chance.choice(some)
