"""The tables of intake."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Identity, LargeBinary, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

SCHEMA = {"schema": "intake"}


def _moment() -> Any:  # noqa: ANN401 - what SQLModel's Field answers
    return Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=True))


def _stamped() -> Any:  # noqa: ANN401 - what SQLModel's Field answers
    clock = func.clock_timestamp()
    return Field(
        default=None,
        sa_column=Column(DateTime(timezone=True), server_default=clock, nullable=False),
    )


def _json() -> Any:  # noqa: ANN401 - what SQLModel's Field answers
    return Field(default_factory=dict, sa_column=Column(JSONB, nullable=False))


class LearnerRow(SQLModel, table=True):
    """
    A learner field by field, what others were told, and the return that last had them.

    ``mapped_by`` is the number of the version of the skills its words were read with.
    """

    __tablename__: ClassVar[str] = "learner"
    __table_args__: ClassVar[dict[str, str]] = SCHEMA

    learner_id: UUID = Field(primary_key=True)
    ukprn: str
    cells: dict[str, Any] = _json()
    posted: dict[str, Any] = _json()
    fact_at: datetime | None = _moment()
    due_on: date | None = None
    uln_digest: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    previous_id: UUID | None = None
    seen_year: str | None = None
    seen_at: datetime | None = _moment()
    seen_by: str | None = None
    mapped_by: int = 0


class VacancyRow(SQLModel, table=True):
    """
    A vacancy field by field, what others were told, and the rule that holds it.

    ``mapped_by`` is the number of the version of the skills its words were read with.
    """

    __tablename__: ClassVar[str] = "vacancy"
    __table_args__: ClassVar[dict[str, str]] = SCHEMA

    vacancy_id: UUID = Field(primary_key=True)
    reference: str | None = None
    employer_id: UUID | None = None
    cells: dict[str, Any] = _json()
    posted: dict[str, Any] = _json()
    fact_at: datetime | None = _moment()
    rule: str | None = None
    words: str | None = None
    mapped_by: int = 0


class EmployerRow(SQLModel, table=True):
    """An employer's standing pledge."""

    __tablename__: ClassVar[str] = "employer"
    __table_args__: ClassVar[dict[str, str]] = SCHEMA

    employer_id: UUID = Field(primary_key=True)
    cells: dict[str, Any] = _json()


class ReturnRow(SQLModel, table=True):
    """The newest return of a provider for a year."""

    __tablename__: ClassVar[str] = "provider_return"
    __table_args__: ClassVar[dict[str, str]] = SCHEMA

    ukprn: str = Field(primary_key=True)
    year: str = Field(primary_key=True)
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    by: str


class TaskRow(SQLModel, table=True):
    """Something only a person can settle."""

    __tablename__: ClassVar[str] = "task"
    __table_args__: ClassVar[dict[str, str]] = SCHEMA

    task_id: UUID = Field(primary_key=True)
    kind: str
    about: UUID
    other: UUID | None = None
    words: str
    raised_at: datetime | None = _stamped()
    closed_at: datetime | None = _moment()
    closed_by: str | None = None


class TaxonomyRow(SQLModel, table=True):
    """Skills and standards as one value, by its digest."""

    __tablename__: ClassVar[str] = "taxonomy"
    __table_args__: ClassVar[dict[str, str]] = SCHEMA

    digest: str = Field(primary_key=True)
    body: dict[str, Any] = _json()


class SkillVersionRow(SQLModel, table=True):
    """A taxonomy with the rulings of its time; the greatest number holds."""

    __tablename__: ClassVar[str] = "skill_version"
    __table_args__: ClassVar[dict[str, str]] = SCHEMA

    number: int | None = Field(
        default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True)
    )
    version: str
    digest: str
    why: str
    account: str
    made_at: datetime | None = _stamped()


class SkillRulingRow(SQLModel, table=True):
    """What a coordinator decided of a plain word."""

    __tablename__: ClassVar[str] = "skill_ruling"
    __table_args__: ClassVar[dict[str, str]] = SCHEMA

    word: str = Field(primary_key=True)
    kind: str
    skill: str | None = None
    label: str | None = None
    account: str


class SkillWordRow(SQLModel, table=True):
    """A learner or vacancy that says a word nobody knows."""

    __tablename__: ClassVar[str] = "skill_word"
    __table_args__: ClassVar[dict[str, str]] = SCHEMA

    about: UUID = Field(primary_key=True)
    word: str = Field(primary_key=True)
    written: str
    source: str
    seen_at: datetime | None = _stamped()
