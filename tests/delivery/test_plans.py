"""What the relay asks PostgreSQL costs the same however many rows were ever sent."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.delivery import unsent
from services.delivery.database import open_database
from services.delivery.lock import only_one

SENT, SMALL, BACKLOG = 40_000, 1_000, 20_000
FILL = text(
    """
    insert into outbox (id, aggregatetype, aggregateid, type, payload, headers, published_at,
                        partition, "offset", parked)
    select gen_random_uuid(), 't' || n % 2, 'key' || n % 4999, 'x', repeat('x', 200)::bytea, '{}',
           case when :sent then now() end, case when :sent then n % 6 end,
           case when :sent then n / 12 end, case when n % 100 = 0 and not :sent then 'x' end
      from generate_series(1, :rows) n
    """
)


@pytest.fixture
async def connection(database: str) -> AsyncIterator[AsyncConnection]:
    """A relay's own, on an outbox that an outage filled since it was last analysed."""
    engine = open_database(database, schema="matcher").kw["bind"]
    async with only_one(engine, "matcher", asyncio.Event()) as held:
        assert held is not None
        await held.execute(FILL, {"sent": True, "rows": SENT})
        await held.execute(FILL, {"sent": False, "rows": SMALL})
        await held.execute(text("analyze outbox"))
        await held.execute(FILL, {"sent": False, "rows": BACKLOG})
        yield held
    await engine.dispose()


async def plan(connection: AsyncConnection, statement: str, **values: object) -> str:
    rows = await connection.execute(text(f"explain (analyze, buffers off) {statement}"), values)
    return "\n".join(rows.scalars())


async def test_the_first_unsent_rows_are_read_from_their_own_index(
    connection: AsyncConnection,
) -> None:
    """In its order, no further than needed, with parked rows looked up key by key."""
    for statement, limit in ((unsent.UNSENT, {"limit": 500}), (unsent.OLDEST, {})):
        found = await plan(connection, statement.text, **limit)
        assert "Index Scan using outbox_seq_idx" in found
        assert "Seq Scan" not in found
        assert "Sort" not in found
        assert "Join" not in found
    rows = await unsent.unsent(connection, 500)
    assert len(rows) == 500


async def test_what_a_broker_lost_is_found_by_its_place(
    connection: AsyncConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows recorded at or after an offset of one partition, however many, bit by bit."""
    found = await plan(
        connection, unsent.AGAIN.text, topic="t0", partition=2, offset=0, limit=unsent.AT_ONCE
    )
    assert "outbox_aggregatetype_partition_offset_idx" in found
    assert "Seq Scan" not in found
    monkeypatch.setattr(unsent, "AT_ONCE", 1_000)
    lost = "select count(*) from outbox where published_at is not null and aggregatetype = 't1'"
    there = await connection.scalar(text(f"{lost} and partition = 3"))
    assert await unsent.send_again(connection, {("t1", 3): 0}) == there
    assert await connection.scalar(text(f"{lost} and partition = 3")) == 0
    assert there > 2_000


async def test_rows_behind_a_parked_one_are_not_counted(connection: AsyncConnection) -> None:
    """One in a hundred is parked; those after them of their keys wait with them."""
    parked = await connection.scalar(text("select count(*) from outbox where parked is not null"))
    waiting = await connection.scalar(
        text(
            """
            select count(*) from outbox later where published_at is null and parked is null
               and exists (select 1 from outbox held where held.parked is not null
                              and (held.aggregatetype, held.aggregateid)
                                  = (later.aggregatetype, later.aggregateid)
                              and held.seq < later.seq)
            """
        )
    )
    assert parked == (SMALL + BACKLOG) // 100
    assert waiting
    assert await unsent.count_unsent(connection) == SMALL + BACKLOG - parked - waiting
