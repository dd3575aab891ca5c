"""What sources state, in our words, whatever dialect they used."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from services.contacts.records import Employer, Person
from services.intake.cells import Stamp
from services.intake.report import Note, Row, Verdict


class RowUnreadable(Exception):
    """A row cannot be taken; *rule* is a stable id, the message holds no personal value."""

    def __init__(self, rule: str, words: str, *, pointer: str = "") -> None:
        super().__init__(words)
        self.rule = rule
        self.words = words
        self.pointer = pointer


class FileUnreadable(Exception):
    """Nothing of a file can be taken; the message says where and what to do."""


@dataclass(frozen=True, slots=True)
class Return:
    """The provider's whole return a learner was seen in; a later one replaces it."""

    ukprn: str
    year: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnerStatement:
    """What one record says of one learner; ``person`` goes to contacts, ``uln`` only compares."""

    place: str
    learner_id: UUID
    ukprn: str
    stamp: Stamp
    given: Mapping[str, Any]
    person: Person | None = None
    uln: str | None = None
    previous_id: UUID | None = None
    seen: Return | None = None
    notes: tuple[Note, ...] = ()
    reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureStatement:
    """A learner asked to be forgotten."""

    place: str
    learner_id: UUID
    ukprn: str
    stamp: Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class VacancyStatement:
    """What one record says of one vacancy: its advert, its pledge or its end."""

    place: str
    vacancy_id: UUID
    stamp: Stamp
    given: Mapping[str, Any]
    employer: Employer | None = None
    reference: str | None = None
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingPledge:
    """What an employer promises for each vacancy without a pledge of its own."""

    place: str
    employer_id: UUID
    stamp: Stamp
    pledge: Mapping[str, Any] = field(default_factory=dict)


Statement = LearnerStatement | ErasureStatement | VacancyStatement | StandingPledge
# a Return closes a file: it makes no row
Item = Statement | Return | Row


def refused(place: str, error: RowUnreadable, *, reference: str | None = None) -> Row:
    """The row of something that cannot be taken."""
    return Row(
        place=place + error.pointer,
        verdict=Verdict.REFUSED,
        rule=error.rule,
        words=error.words,
        reference=reference,
    )
