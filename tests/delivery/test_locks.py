"""Nobody waits for ever in the database, and nobody keeps others waiting for ever."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from services.delivery import database as module
from services.delivery.database import Sessions, open_database
from services.delivery.failures import Fault, fault
from tests.waiting import eventually


@pytest.fixture
async def sessions(database: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sessions]:
    monkeypatch.setattr(module, "LOCK_LIMIT", 0.2)
    monkeypatch.setattr(module, "STATEMENT_LIMIT", 1.0)
    monkeypatch.setattr(module, "IDLE_LIMIT", 1.0)
    opened = open_database(database, schema="matcher")
    async with opened.begin() as session:
        await session.execute(text("create table held as select 1 as n"))
    yield opened
    await opened.kw["bind"].dispose()


HOLD = text("update held set n = n + 1")


async def test_whoever_waits_for_a_lock_gives_way(sessions: Sessions) -> None:
    """It is an outage, not the event's fault: it comes again and is never a dead letter."""
    async with sessions.begin() as session:
        await session.execute(HOLD)
        with pytest.raises(DBAPIError) as raised:
            async with sessions.begin() as other:
                await other.execute(HOLD)
    assert fault(raised.value) is Fault.OUTAGE


async def test_whoever_waits_for_a_connection_gives_way(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOCK_LIMIT", 0.2)
    few = open_database(database, schema="matcher", pool_size=1)
    async with few() as one, few() as other:
        for session in (one, other):
            await session.execute(text("select 1"))
        with pytest.raises(PoolExhausted) as raised:
            async with few() as third:
                await third.execute(text("select 1"))
    assert fault(raised.value) is Fault.OUTAGE
    await few.kw["bind"].dispose()


async def test_a_statement_ends_in_time(sessions: Sessions) -> None:
    with pytest.raises(DBAPIError) as raised:
        async with sessions.begin() as session:
            await session.execute(text("select pg_sleep(20)"))
    assert fault(raised.value) is Fault.OUTAGE


async def test_a_frozen_holder_loses_its_locks_and_hears_of_it_as_an_outage(
    sessions: Sessions,
) -> None:
    """What it did is undone; awake again, it begins anew."""

    async def passes() -> bool:
        try:
            async with sessions.begin() as other:
                await other.execute(HOLD)
        except DBAPIError:
            return False
        return True

    async def freezes() -> None:
        async with sessions.begin() as session:
            await session.execute(HOLD)
            await eventually(passes, what="the lock of the frozen one")
            await session.execute(HOLD)

    with pytest.raises(DBAPIError) as raised:
        await freezes()
    assert fault(raised.value) is Fault.OUTAGE
    async with sessions.begin() as session:
        assert await session.scalar(text("select n from held")) == 2
