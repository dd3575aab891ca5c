"""Events leave by `post`: rows in the caller's transaction, sent later by the relay."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Identity, LargeBinary
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel

from schemas.envelope import Event
from services.delivery.failpoints import reach


class Outbox(SQLModel, table=True):
    """
    Rows to be sent, then kept for replay. The first five names are Debezium's.

    ``id`` becomes ``ce_id``; ``aggregatetype`` is the topic, ``aggregateid`` the Kafka key.
    """

    id: UUID = Field(primary_key=True)
    aggregatetype: str
    aggregateid: str
    type: str
    payload: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    seq: int | None = Field(
        default=None, sa_column=Column(BigInteger, Identity(always=True), unique=True)
    )
    headers: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    published_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=True)
    )
    partition: int | None = None
    position: int | None = Field(default=None, sa_column=Column("offset", BigInteger))
    parked: str | None = None


async def post(session: AsyncSession, *events: Event) -> None:
    """
    Put *events* in the outbox of the session's service; nothing is sent before the commit.

    Posting an event_id again changes nothing. The writer must hold the aggregate's row lock,
    which is what keeps the order within a key.
    """
    if not events:
        return
    rows = [_row(event) for event in events]
    await session.execute(insert(Outbox).on_conflict_do_nothing(index_elements=["id"]), rows)
    reach("outbox.posted")


def _row(event: Event) -> dict[str, Any]:
    return {
        "id": event.event_id,
        "aggregatetype": event.topic,
        "aggregateid": event.key,
        "type": event.ce_type(),
        "payload": event.value(),
        "headers": event.headers(),
    }
