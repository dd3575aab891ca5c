"""The tables of the notifier. None of them holds a name or an address."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, Column, DateTime, LargeBinary
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


def _moment(*, nullable: bool = True) -> Any:  # noqa: ANN401 - as Field itself
    return Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=nullable))


class VacancyRow(SQLModel, table=True):
    """One vacancy letters went out for; its row lock keeps the order of what is said about it."""

    __tablename__: ClassVar[str] = "vacancy"

    vacancy_id: UUID = Field(primary_key=True)


class ShortlistRow(SQLModel, table=True):
    """A ShortlistSent as it came: letters are written from it, also on the third attempt."""

    __tablename__: ClassVar[str] = "shortlist"

    shortlist_id: UUID = Field(primary_key=True)
    vacancy_id: UUID
    sent_at: datetime = _moment(nullable=False)
    event: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class MatchRow(SQLModel, table=True):
    """What was said about one match; its columns are the fields of `interviews.Interview`."""

    __tablename__: ClassVar[str] = "match"

    match_id: UUID = Field(primary_key=True)
    vacancy_id: UUID
    learner_id: UUID
    number: int | None = None
    shortlist_id: UUID | None = None
    sent_at: datetime | None = _moment()
    withdrawn_at: datetime | None = _moment()
    withdrawn_for: str | None = None
    employer: str | None = None
    slots: list[datetime] = Field(
        default=[], sa_column=Column(ARRAY(DateTime(timezone=True)), nullable=False)
    )
    employer_reason: str | None = None
    may_share: bool = False
    learner: str | None = None
    slot: datetime | None = _moment()
    learner_reason: str | None = None
    booked_for: datetime | None = _moment()
    sequence: int = -1
    happened: str | None = None
    missed_reason: str | None = None
    outcome: str | None = None
    changes: int = 0
    changed_at: datetime | None = _moment()


class LetterRow(SQLModel, table=True):
    """One letter: pending, sending, then sent, failed, unknown or dropped as out of date."""

    __tablename__: ClassVar[str] = "letter"

    letter_id: UUID = Field(primary_key=True)
    cause: UUID
    recipient: UUID
    template: str
    side: str
    vacancy_id: UUID
    shortlist_id: UUID
    match_id: UUID | None = None
    state: str = "pending"
    due_at: datetime = _moment(nullable=False)
    attempts: int = 0
    fence: int = 0
    lease_until: datetime | None = _moment()
    reason: str | None = None
    about: dict[str, str] = Field(sa_column=Column(JSONB, nullable=False))
    written_at: datetime = _moment(nullable=False)


class LinkRow(SQLModel, table=True):
    """A link that went out, known by its token's hash."""

    __tablename__: ClassVar[str] = "link"

    token_hash: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    letter_id: UUID
    purpose: str
    subject: UUID
    expires_at: datetime = _moment(nullable=False)
    revoked_at: datetime | None = _moment()


class QueueRow(SQLModel, table=True):
    """The one row that says whether letters go at all, and why not."""

    __tablename__: ClassVar[str] = "queue"

    only: bool = Field(default=True, primary_key=True)
    stopped_at: datetime | None = _moment()
    reason: str | None = None
