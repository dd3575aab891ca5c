"""Invented learners: seeded, alike in shape to a real cohort, and nobody who exists."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from random import Random
from typing import Any

DRAWN_FROM = tomllib.loads(Path(__file__).with_name("sample.toml").read_text())
PROVIDERS: tuple[str, ...] = tuple(DRAWN_FROM["ukprns"])
# shares of a cohort; what is left over is still on its course
SHARES = {"completed": 0.64, "withdrawn": 0.06, "paused": 0.05, "elsewhere": 0.05}
DRIVERS = 0.4
LEVEL_2 = 2
STUDYING = 0.5  # of those below Level 2 English
ADJUSTMENTS = 0.08
OUTSIDE_THE_AGES = 0.05
WITHOUT_ULN = 0.1
YEAR = timedelta(days=365.25)


class Status(StrEnum):
    """Where a learner stands, in the words of the invented college's records."""

    COMPLETED = "completed"
    CONTINUING = "continuing"
    WITHDRAWN = "withdrawn"
    PAUSED = "paused"
    ELSEWHERE = "elsewhere"  # on another programme of the same college


@dataclass(frozen=True, slots=True, kw_only=True)
class Sector:
    """A sector the scheme trains for, its courses, and the word its firms are named by."""

    name: str
    firm: str
    route: int
    aims: tuple[str, ...]
    skills: tuple[str, ...]


SECTORS = tuple(
    Sector(**sector | {"aims": tuple(sector["aims"]), "skills": tuple(sector["skills"])})
    for sector in DRAWN_FROM["sectors"]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Learner:
    """One invented person as a college's records hold them."""

    ukprn: str
    reference: str
    uln: str
    given_name: str
    family_name: str
    born: date
    postcode: str
    street: str
    phone: str
    sector: Sector
    aim: str
    status: Status
    started: date
    planned_end: date
    ended: date | None
    outcome: int | None
    prior_level: int
    skills: tuple[str, ...]
    interests: tuple[int, ...]
    driving: bool
    max_miles: int
    hours: tuple[int, int]
    english: int
    english_due: date | None
    adjustments: tuple[str, ...]

    @property
    def email(self) -> str:
        return f"{self.reference.lower()}@learners.example.org"

    @property
    def outcode(self) -> str:
        return self.postcode.split()[0]


def learners(count: int, *, seed: int, today: date) -> list[Learner]:
    """*count* learners, the same for the same arguments."""
    chance = Random(f"learners {seed}")
    return [_learner(number, chance, today) for number in range(count)]


def postcode(outcode: str, chance: Random) -> str:
    """A full postcode of *outcode* whose last two letters no address has."""
    return f"{outcode} {chance.randint(0, 9)}ZZ"


def _learner(number: int, chance: Random, today: date) -> Learner:
    sector = SECTORS[number % len(SECTORS)]
    status = _status(chance)
    weeks = chance.choice((6, 8, 10, 12))
    # completers have waited between a week and half a year
    ended = today - timedelta(days=chance.randint(7, 180))
    over = status in {Status.COMPLETED, Status.WITHDRAWN, Status.PAUSED}
    started = (
        ended - timedelta(weeks=weeks) if over else today - timedelta(days=chance.randint(7, 50))
    )
    others = [other.route for other in SECTORS if other is not sector]
    provider = number % len(PROVIDERS)
    return Learner(
        ukprn=PROVIDERS[provider],
        reference=f"P2A{provider + 1}{number:05d}",
        uln=_uln(chance),
        given_name=chance.choice(DRAWN_FROM["given_names"]),
        family_name=chance.choice(DRAWN_FROM["family_names"]),
        born=started - timedelta(days=_age(chance).days),
        postcode=postcode(chance.choice(DRAWN_FROM["outcodes"]), chance),
        street=f"{chance.randint(1, 180)} Sample Street",
        phone=f"07700900{chance.randint(0, 999):03d}",
        sector=sector,
        aim=chance.choice(sector.aims),
        status=status,
        started=started,
        planned_end=started + timedelta(weeks=weeks),
        ended=ended if over else None,
        outcome=_outcome(status, chance),
        prior_level=chance.choice((99, 1, 2, 3, 3, 4, 5)),
        skills=tuple(chance.sample(sector.skills, 3)),
        interests=(sector.route, *chance.sample(others, chance.choice((0, 1, 1)))),
        driving=chance.random() < DRIVERS,
        max_miles=chance.choice((5, 8, 10, 12, 15, 20)),
        hours=chance.choice(((16, 30), (25, 40), (30, 40), (30, 45))),
        **_wishes(number, today),
    )


def _wishes(number: int, today: date) -> dict[str, Any]:
    """English held and worked towards, and what some need arranged; drawn by themselves."""
    chance = Random(f"wishes {number}")
    english = chance.choice((1, 1, 2, 2, 2))
    working = english < LEVEL_2 and chance.random() < STUDYING
    needs = chance.random() < ADJUSTMENTS
    return {
        "english": english,
        "english_due": today + timedelta(days=chance.randint(20, 120)) if working else None,
        "adjustments": (chance.choice(DRAWN_FROM["adjustments"]),) if needs else (),
    }


def _status(chance: Random) -> Status:
    drawn = chance.random()
    for name, share in SHARES.items():
        if drawn < share:
            return Status(name)
        drawn -= share
    return Status.CONTINUING


def _age(chance: Random) -> timedelta:
    """Mostly the scheme's 19 to 29 years; one in twenty is outside."""
    outside = chance.random() < OUTSIDE_THE_AGES
    years = chance.choice((17.5, 31.0)) if outside else chance.uniform(19.1, 29.4)
    return years * YEAR


def _outcome(status: Status, chance: Random) -> int | None:
    if status is Status.COMPLETED:
        return chance.choice((1, 1, 1, 1, 8, 3))
    return 3 if status in {Status.WITHDRAWN, Status.PAUSED} else None


def _uln(chance: Random) -> str:
    """A learner number whose check digit is right, or the placeholder for none yet."""
    if chance.random() < WITHOUT_ULN:
        return "9999999999"
    while True:
        digits = [chance.randint(1, 9), *(chance.randint(0, 9) for _ in range(8))]
        rest = sum(d * weight for d, weight in zip(digits, range(10, 1, -1), strict=True)) % 11
        # a rest of 0 is invalid, one of 10 - 10 gives the digit 0
        if rest:
            return "".join(map(str, digits)) + str(10 - rest)
