"""The tables of review; they are described in the migration that makes them."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Identity, Table
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

SCHEMA = {"schema": "review"}


def table_of(row: type[SQLModel]) -> Table:
    """The table behind *row*: our statements give plain values, so no session caches a row."""
    table: Table = row.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
    return table


def _moment() -> Any:  # noqa: ANN401 - as SQLModel's own Field
    return Field(default=None, sa_type=DateTime(timezone=True))


def _document() -> Any:  # noqa: ANN401 - as SQLModel's own Field
    return Field(default=None, sa_type=JSONB)


class VacancyRow(SQLModel, table=True):
    __tablename__: ClassVar[str] = "vacancy"
    __table_args__: ClassVar[dict[str, str]] = SCHEMA

    vacancy_id: UUID = Field(primary_key=True)
    version: int = 0
    profile: dict[str, Any] | None = _document()
    profile_at: datetime | None = _moment()
    profile_event: UUID | None = None
    pledged_at: datetime | None = _moment()
    pledged_event: UUID | None = None
    closed_reason: str | None = None
    closed_at: datetime | None = _moment()
    closed_event: UUID | None = None
    market: str | None = None
    round: dict[str, Any] | None = _document()
    shortlist_version: int = 0
    proposed_at: datetime | None = _moment()
    decided_at: datetime | None = _moment()
    opened_at: datetime | None = _moment()
    opened_by: str | None = None
    lapsed_at: datetime | None = _moment()
    lapsed_count: int = 0
    send_due: datetime | None = _moment()
    send_by: str | None = None


class MatchRow(SQLModel, table=True):
    __tablename__: ClassVar[str] = "match"
    __table_args__: ClassVar[dict[str, str]] = SCHEMA

    match_id: UUID = Field(primary_key=True)
    vacancy_id: UUID
    learner_id: UUID
    listed: str = "none"
    position: int | None = None
    moved_to: int | None = None
    waiting_since: date | None = None
    locked: bool = False
    facts: dict[str, Any] | None = _document()
    facts_version: int = 0
    decision: str = "proposed"
    decided_at: datetime | None = _moment()
    decided_by: str | None = None
    reason: str | None = None
    held_until: date | None = None
    approved_at: datetime | None = _moment()
    sent_at: datetime | None = _moment()
    employer: str | None = None
    employer_at: datetime | None = _moment()
    employer_event: UUID | None = None
    employer_reason: str | None = None
    learner: str | None = None
    learner_at: datetime | None = _moment()
    learner_event: UUID | None = None
    learner_reason: str | None = None
    interview: str | None = None
    interview_at: datetime | None = _moment()
    interview_event: UUID | None = None
    interview_reason: str | None = None
    starts_at: datetime | None = _moment()
    booked_at: datetime | None = _moment()
    booked_event: UUID | None = None
    outcome: str | None = None
    outcome_at: datetime | None = _moment()
    outcome_event: UUID | None = None
    withdrawn_reason: str | None = None
    withdrawn_at: datetime | None = _moment()
    withdrawn_event: UUID | None = None


class ScreenRow(SQLModel, table=True):
    __tablename__: ClassVar[str] = "screen"
    __table_args__: ClassVar[dict[str, str]] = SCHEMA

    vacancy_id: UUID = Field(primary_key=True)
    version: int = Field(primary_key=True)
    at: datetime = _moment()
    account: str | None = None
    cause: str
    pledged: int
    lines: list[dict[str, Any]] = _document()


class DecisionRow(SQLModel, table=True):
    __tablename__: ClassVar[str] = "decision"
    __table_args__: ClassVar[dict[str, str]] = SCHEMA

    seq: int | None = Field(
        default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True)
    )
    stream: str
    at: datetime = _moment()
    account: str
    act: str
    vacancy_id: UUID | None = None
    match_id: UUID | None = None
    learner_id: UUID | None = None
    reason: str | None = None
    shown: dict[str, Any] = _document()
    previous: str
    hash: str


class HappeningRow(SQLModel, table=True):
    __tablename__: ClassVar[str] = "happening"
    __table_args__: ClassVar[dict[str, str]] = SCHEMA

    event_id: UUID = Field(primary_key=True)
    at: datetime = _moment()
    kind: str
    vacancy_id: UUID
    match_id: UUID | None = None
    learner_id: UUID | None = None
    words: dict[str, Any] = _document()


class LetterRow(SQLModel, table=True):
    __tablename__: ClassVar[str] = "letter"
    __table_args__: ClassVar[dict[str, str]] = SCHEMA

    letter_id: UUID = Field(primary_key=True)
    vacancy_id: UUID
    learner_id: UUID | None = None
    template: str
    side: str
    state: str
    reason: str | None = None
    told_at: datetime = _moment()
    told_event: UUID
    settled_at: datetime | None = _moment()
    settled_by: str | None = None


class AccountRow(SQLModel, table=True):
    __tablename__: ClassVar[str] = "account"
    __table_args__: ClassVar[dict[str, str]] = SCHEMA

    account: str = Field(primary_key=True)
    label: str
    seen_at: datetime = _moment()


class WebSessionRow(SQLModel, table=True):
    __tablename__: ClassVar[str] = "web_session"
    __table_args__: ClassVar[dict[str, str]] = SCHEMA

    id_hash: str = Field(primary_key=True)
    account: str
    started_at: datetime = _moment()
    seen_at: datetime = _moment()
    revoked_at: datetime | None = _moment()


class RevealRow(SQLModel, table=True):
    __tablename__: ClassVar[str] = "reveal"
    __table_args__: ClassVar[dict[str, str]] = SCHEMA

    id_hash: str = Field(primary_key=True)
    learner_id: UUID = Field(primary_key=True)
    reason: str
    at: datetime = _moment()
