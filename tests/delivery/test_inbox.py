"""First deliveries, and members that meet on one event."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from services.delivery.database import Sessions, open_database
from services.delivery.inbox import first_deliveries


@pytest.fixture
async def sessions(database: str) -> AsyncIterator[Sessions]:
    """The matcher's."""
    made = open_database(database, schema="matcher")
    yield made
    await made.kw["bind"].dispose()


async def test_a_repeat_is_not_a_first_delivery(sessions: Sessions) -> None:
    """By group, source and id together."""
    one, other = ("/p2a/intake", "1"), ("/p2a/review", "1")
    async with sessions.begin() as session:
        assert await first_deliveries(session, "matcher", [one, one]) == {one}
    async with sessions.begin() as session:
        assert await first_deliveries(session, "matcher", [one, other]) == {other}
        assert await first_deliveries(session, "review", [one]) == {one}
        assert await first_deliveries(session, "matcher", []) == set()


async def test_what_is_rolled_back_was_never_delivered(sessions: Sessions) -> None:
    """The row shares the effect's fate."""
    async with sessions() as session:
        await first_deliveries(session, "matcher", [("/p2a/intake", "1")])
        await session.rollback()
        assert await first_deliveries(session, "matcher", [("/p2a/intake", "1")])


async def test_two_members_with_the_same_events_wait_for_each_other_and_never_deadlock(
    sessions: Sessions,
) -> None:
    """Each event is a first delivery for exactly one, in whatever order they ask."""
    identities = [("/p2a/intake", str(n)) for n in range(200)]

    async def member(order: int) -> int:
        async with sessions.begin() as session:
            return len(await first_deliveries(session, "matcher", identities[::order]))

    counts = await asyncio.gather(*(member(order) for order in (1, -1, 1, -1)))
    assert sorted(counts) == [0, 0, 0, 200]
