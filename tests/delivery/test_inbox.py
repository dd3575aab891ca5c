"""Repeats, and members that meet on one event."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from services.delivery.database import Sessions, open_database
from services.delivery.inbox import take


@pytest.fixture
async def sessions(database: str) -> AsyncIterator[Sessions]:
    """The matcher's."""
    made = open_database(database, schema="matcher")
    yield made
    await made.kw["bind"].dispose()


async def test_a_repeat_is_known_by_group_source_and_id_together(sessions: Sessions) -> None:
    """What came once is a repeat ever after, for its group alone."""
    one, other = ("/p2a/intake", "1"), ("/p2a/review", "1")
    async with sessions.begin() as session:
        assert await take(session, "matcher", [one, one]) == set()
    async with sessions.begin() as session:
        assert await take(session, "matcher", [one, other]) == {one}
        assert await take(session, "matcher", [one, other]) == {one, other}
        assert await take(session, "review", [one]) == set()
        assert await take(session, "matcher", []) == set()


async def test_what_is_rolled_back_never_came(sessions: Sessions) -> None:
    """The row shares the effect's fate."""
    async with sessions() as session:
        await take(session, "matcher", [("/p2a/intake", "1")])
        await session.rollback()
        assert not await take(session, "matcher", [("/p2a/intake", "1")])


async def test_two_members_with_the_same_events_wait_for_each_other_and_never_deadlock(
    sessions: Sessions,
) -> None:
    """Each event is new to exactly one, in whatever order they ask."""
    identities = [("/p2a/intake", str(n)) for n in range(200)]

    async def member(order: int) -> int:
        async with sessions.begin() as session:
            return len(await take(session, "matcher", identities[::order]))

    counts = await asyncio.gather(*(member(order) for order in (1, -1, 1, -1)))
    assert sorted(counts) == [0, 200, 200, 200]
