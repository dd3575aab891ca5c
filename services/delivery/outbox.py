"""Events leave by `post`: rows in the caller's transaction, sent later by the relay."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Identity, LargeBinary, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel

from schemas.envelope import Event
from services.delivery.failpoints import reach

# one statement for any number; numbered in the order of the events
POST = text(
    """
    insert into outbox (id, aggregatetype, aggregateid, type, payload, headers)
    select id, topic, key, type, payload, headers
      from unnest(cast(:ids as uuid[]), cast(:topics as text[]), cast(:keys as text[]),
                  cast(:types as text[]), cast(:payloads as bytea[]), cast(:headers as jsonb[]))
           with ordinality as given (id, topic, key, type, payload, headers, nth)
     order by nth
    on conflict (id) do nothing
    """
)


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
    await session.execute(POST, _columns(events))
    reach("outbox.posted")


def _columns(events: Sequence[Event]) -> dict[str, list[Any]]:
    return {
        "ids": [event.event_id for event in events],
        "topics": [event.topic for event in events],
        "keys": [event.key for event in events],
        "types": [event.ce_type() for event in events],
        "payloads": [event.value() for event in events],
        "headers": [json.dumps(event.headers()) for event in events],
    }
