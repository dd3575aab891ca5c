"""Facts about vacancies and the interviews pledged on them."""

from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from schemas.envelope import Event, Facts
from schemas.learner import Key, Outcode, Route


class Mode(StrEnum):
    ONSITE = "onsite"
    HYBRID = "hybrid"
    REMOTE = "remote"
    NATIONAL = "national"


class WageVerdict(StrEnum):
    """How a wage stands against the law's rates for one age band."""

    MEETS = "meets"
    LEGAL_ONLY = "legal-only"
    BELOW = "below"
    CANNOT_TELL = "cannot-tell"


class Wage(Facts):
    """``yearly_pence`` is None where the advert gives no amount."""

    yearly_pence: int | None = Field(default=None, ge=0)
    aged_18_to_20: WageVerdict
    aged_21_up: WageVerdict


class Asked(Facts):
    """A level of English or maths an employer asks for: a wish, whatever word they use for it."""

    level: int = Field(ge=0, le=3)
    essential: bool = False


class VacancyProfile(Facts):
    """
    A vacancy and its pledge: *interviews* of them, to be held by *interview_by*.

    ``essential`` are keys of needs a learner must hold; ``wanted`` are shown only.
    ``programmes`` empty: open to completers of any programme. The standard takes starts from
    ``standard_from`` to ``standard_until``, both included. ``adjustments`` are those the employer
    has offered to make. Vacancies of one ``joint_pledge`` share their *interviews*: so many on all
    of them together, the smallest number they state. ``skills_from_standard``: the advert names no
    skill we know, and ``skills`` are those of its standard.
    """

    employer_id: UUID
    cluster: Key | None = None
    title: str = Field(min_length=1, max_length=200)
    route: Route | None = None
    level: int | None = Field(default=None, ge=0, le=7)
    standard: str | None = None
    foundation: bool = False
    interviews: int = Field(ge=1, le=500)
    interview_by: date
    joint_pledge: Key | None = None
    positions: int = Field(default=1, ge=1)
    closes_on: date | None = None
    starts_on: date
    hours_per_week: float | None = Field(default=None, gt=0, le=60)
    wage: Wage
    outcode: Outcode | None = None
    mode: Mode = Mode.ONSITE
    skills: tuple[Key, ...] = ()
    skills_from_standard: bool = False
    essential: tuple[Key, ...] = ()
    wanted: tuple[str, ...] = ()
    programmes: tuple[Key, ...] = ()
    disability_confident: bool = False
    english: Asked | None = None
    maths: Asked | None = None
    standard_from: date | None = None
    standard_until: date | None = None
    adjustments: tuple[Key, ...] = ()


class VacancyEvent(Event):
    topic: ClassVar[str] = "p2a.vacancies.v1"
    key_field: ClassVar[str] = "vacancy_id"
    writer: ClassVar[str] = "intake"
    vacancy_id: UUID


class VacancyPledged(VacancyEvent):
    """An employer promised interviews on a vacancy."""

    vacancy: VacancyProfile


class VacancyChanged(VacancyEvent):
    """Something about a pledged vacancy differs; the whole profile is given."""

    vacancy: VacancyProfile


class VacancyClosed(VacancyEvent):
    """The vacancy takes nobody more; a later pledge opens it again."""

    reason: Key
