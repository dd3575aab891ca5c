"""Which events a group has already had: the row that makes a repeat harmless."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Column, DateTime, Text, bindparam, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel

Identity = tuple[str, str]

# in one order, so that members cannot wait for each other; answers only what was there before
TAKE = text(
    """
    with given as (select * from unnest(:sources, :ids) as given (source, id)),
    taken as (
        insert into inbox (consumer, source, id)
        select :consumer, source, id from given order by source, id
        on conflict do nothing
        returning source, id
    )
    select source, id from given except select source, id from taken
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


async def take(
    session: AsyncSession, group: str, identities: Collection[Identity]
) -> set[Identity]:
    """
    Take *identities*, each (source, id), for *group*; answers those it had before.

    The others it has from now on, if the session commits.

    Another member handling one of them at this moment makes us wait for its outcome.
    """
    if not identities:
        return set()
    sources, ids = zip(*identities, strict=True)
    rows = await session.execute(
        TAKE, {"consumer": group, "sources": list(sources), "ids": list(ids)}
    )
    return {(source, id_) for source, id_ in rows}
