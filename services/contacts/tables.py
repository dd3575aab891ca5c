"""The tables of contacts. They name their schema, so any service's session reaches them."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Column, DateTime, Identity, LargeBinary, Uuid, func
from sqlmodel import Field, SQLModel

SCHEMA = {"schema": "contacts"}


class PersonRow(SQLModel, table=True):
    """A learner's personal data, sealed whole."""

    __tablename__: ClassVar[str] = "person"
    __table_args__: ClassVar[dict[str, str]] = SCHEMA

    learner_id: UUID = Field(primary_key=True)
    as_of: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class EmployerRow(SQLModel, table=True):
    """An employer's contact, sealed whole."""

    __tablename__: ClassVar[str] = "employer"
    __table_args__: ClassVar[dict[str, str]] = SCHEMA

    employer_id: UUID = Field(primary_key=True)
    as_of: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class Term(SQLModel, table=True):
    """A keyed digest of one word of a learner's name, e-mail address or reference."""

    __table_args__: ClassVar[dict[str, str]] = SCHEMA

    digest: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    learner_id: UUID = Field(primary_key=True)


class Reading(SQLModel, table=True):
    """Who read whose data, when and why."""

    __table_args__: ClassVar[dict[str, str]] = SCHEMA

    reading_id: int | None = Field(
        default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True)
    )
    read_at: datetime | None = Field(
        default=None,
        sa_column=Column(
            DateTime(timezone=True), server_default=func.clock_timestamp(), nullable=False
        ),
    )
    account: str
    reason: str
    kind: str
    ids: list[UUID] = Field(sa_column=Column(ARRAY(Uuid), nullable=False))


class Erasure(SQLModel, table=True):
    """A learner who is to stay forgotten: nothing is saved for this id again."""

    __table_args__: ClassVar[dict[str, str]] = SCHEMA

    learner_id: UUID = Field(primary_key=True)
    erased_at: datetime | None = Field(
        default=None,
        sa_column=Column(
            DateTime(timezone=True), server_default=func.clock_timestamp(), nullable=False
        ),
    )
