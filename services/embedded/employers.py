"""Invented employers and their adverts, most with a pledge, a few with a fault to be found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum
from random import Random
from uuid import UUID, uuid5

from services.embedded.people import DRAWN_FROM, SECTORS, Sector, postcode

ADVERTS = UUID("5c9e7a40-6f2b-4b7e-9a55-0d8c2f6e1b11")
# the 21+ rate from April 2026 and offers above it; the lowest is below the apprentice's rate
LAWFUL = (Decimal("12.71"), Decimal("13.10"), Decimal("13.85"), Decimal("14.50"))
UNLAWFUL = Decimal("7.20")
NO_SUCH_STANDARD = 99999
WEEKS = 52
WANTS_A_DRIVER = 0.15


class Fault(StrEnum):
    """What is wrong with an advert on purpose."""

    WAGE = "wage below the floor"
    PLEDGE = "no pledge"
    STANDARD = "unknown standard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """An apprenticeship standard an advert can name."""

    lars_code: int
    title: str
    level: int
    route: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Employer:
    """One invented firm."""

    key: str
    name: str
    contact: str
    phone: str
    street: str
    postcode: str
    sector: Sector

    @property
    def email(self) -> str:
        return f"hiring@{self.key}.example.org"


@dataclass(frozen=True, slots=True, kw_only=True)
class Advert:
    """One vacancy as its employer would post it; *interviews* is the pledge beside it."""

    number: int
    employer: Employer
    standard: Standard
    positions: int
    interviews: int
    interview_by: date
    posted: date
    closes: date
    starts: date
    hours: Decimal
    hourly: Decimal | None  # None: the national minimum wage, whatever it is
    skills: tuple[str, ...]
    driving: bool
    fault: Fault | None

    @property
    def title(self) -> str:
        return f"{self.standard.title} apprentice"

    @property
    def reference(self) -> str:
        """The number Display Advert knows it by."""
        return f"{1000990000 + self.number}"

    @property
    def uuid(self) -> UUID:
        """What a write to the Recruitment API would be addressed to."""
        return uuid5(ADVERTS, self.reference)

    @property
    def lars_code(self) -> int:
        return NO_SUCH_STANDARD if self.fault is Fault.STANDARD else self.standard.lars_code

    @property
    def yearly(self) -> Decimal | None:
        if self.hourly is None:
            return None
        return (self.hourly * self.hours * WEEKS).quantize(Decimal(1), ROUND_CEILING)


def adverts(count: int, standards: Sequence[Standard], *, seed: int, today: date) -> list[Advert]:
    """*count* adverts, the same for the same arguments; the last ones have each a fault."""
    chance = Random(f"adverts {seed}")
    firms = _employers(max(1, round(count * 0.7)), chance)
    faults = list(Fault)[: count // 4]
    wrong = dict(zip(range(count - 1, 0, -1), faults, strict=False))
    return [
        _advert(number, firms[number % len(firms)], standards, wrong.get(number), (chance, today))
        for number in range(count)
    ]


def _employers(count: int, chance: Random) -> list[Employer]:
    names = [(first, sector) for first in DRAWN_FROM["firms"] for sector in SECTORS]
    chance.shuffle(names)
    return [_employer(number, *names[number % len(names)], chance) for number in range(count)]


def _employer(number: int, first: str, sector: Sector, chance: Random) -> Employer:
    name = f"{first} {sector.firm}"
    return Employer(
        key=f"{first}-{sector.name}-{number}".lower(),
        name=f"{name} {number} Ltd",
        contact=chance.choice(DRAWN_FROM["contacts"]),
        phone=f"0121 496 0{number % 1000:03d}",
        street=f"{chance.randint(1, 60)} Specimen Road",
        postcode=postcode(chance.choice(DRAWN_FROM["outcodes"]), chance),
        sector=sector,
    )


def _advert(
    number: int,
    employer: Employer,
    standards: Sequence[Standard],
    fault: Fault | None,
    drawn: tuple[Random, date],
) -> Advert:
    chance, today = drawn
    fitting = [standard for standard in standards if standard.route == employer.sector.route]
    positions = chance.choice((1, 1, 1, 2))
    hourly = UNLAWFUL if fault is Fault.WAGE else chance.choice((None, *LAWFUL))
    return Advert(
        number=number,
        employer=employer,
        standard=chance.choice(fitting),
        positions=positions,
        interviews=positions + chance.choice((0, 1, 2)),
        interview_by=today + timedelta(days=chance.randint(28, 60)),
        posted=today - timedelta(days=chance.randint(2, 20)),
        closes=today + timedelta(days=chance.randint(14, 28)),
        starts=today + timedelta(days=chance.randint(62, 110)),
        hours=chance.choice((Decimal(30), Decimal("37.5"), Decimal(40))),
        hourly=hourly,
        skills=tuple(chance.sample(employer.sector.skills, 3)),
        driving=chance.random() < WANTS_A_DRIVER,
        fault=fault,
    )
