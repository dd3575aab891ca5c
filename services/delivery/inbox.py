"""Which events a group has already had: the row that makes a repeat harmless."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Column, DateTime, Text, bindparam, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel

Identity = tuple[str, str]

TAKE = text(
    """
    insert into inbox (consumer, source, id)
    select :consumer, source, id
      from unnest(:sources, :ids) with ordinality as given (source, id, nth)
     order by nth
    on conflict do nothing
    returning source, id
    """
).bindparams(bindparam("sources", type_=ARRAY(Text)), bindparam("ids", type_=ARRAY(Text)))


class Inbox(SQLModel, table=True):
    """One event that took effect; kept longer than topics and outboxes."""

    consumer: str = Field(primary_key=True)
    source: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    taken_at: datetime | None = Field(
        default=None,
        sa_column=Column(DateTime(timezone=True), server_default=func.now(), nullable=False),
    )


async def first_deliveries(
    session: AsyncSession, group: str, identities: Iterable[Identity]
) -> set[Identity]:
    """
    Those (source, id) that *group* never had; from now on, if the session commits, it has.

    Another member handling one of them at this moment makes us wait for its outcome. All
    members insert in one order, so that they cannot wait for each other.
    """
    ordered = sorted(set(identities))
    if not ordered:
        return set()
    sources, ids = zip(*ordered, strict=True)
    rows = await session.execute(
        TAKE, {"consumer": group, "sources": list(sources), "ids": list(ids)}
    )
    return {(source, id_) for source, id_ in rows}
