"""The database away, members coming and going."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.delivery import commits
from services.delivery.consumer import Consumer
from services.embedded.postgres import Postgres
from tests import databases
from tests.broker import brokers
from tests.broker.rig import NotedEvent, Rig, frame
from tests.waiting import eventually


@pytest.fixture
async def breakable(bootstrap: str) -> AsyncIterator[tuple[Rig, Postgres]]:
    """A rig on a PostgreSQL that this test may stop."""
    # not under pytest's folder, which another run closes to the server's account
    with open_folder() as folder:
        server = databases.prepared(Postgres(folder / "server"))
        try:
            async with Rig.opened(bootstrap, server.dsn(databases.TEMPLATE)) as rig:
                yield rig, server
        finally:
            server.stop()


async def test_while_the_database_is_away_events_wait_and_none_is_buried(
    breakable: tuple[Rig, Postgres],
) -> None:
    """An outage is nobody's fault: not ready, nothing committed, then everything once."""
    rig, server = breakable
    consumer = await rig.consumer()
    early = [rig.event() for _ in range(20)]
    await rig.send(*((event.value(), frame(event)) for event in early))
    await rig.all_had(early)
    await rig.quiet(consumer)
    server.stop()
    late = [rig.event() for _ in range(20)]
    await rig.send(*((event.value(), frame(event)) for event in late))

    async def out() -> bool:
        return consumer.standstill.outages >= 2

    await eventually(out, what="the second try in the outage")
    assert "outage" in (consumer.trouble() or "")
    assert await consumer.waiting() == 20
    server.start()
    assert set((await rig.all_had(early + late)).values()) == {1}
    await rig.quiet(consumer)
    assert (consumer.trouble(), consumer.batches.dead) == (None, 0)
    assert sum((await rig.committed()).values()) == 40


async def test_a_commit_that_failed_is_made_later_though_nothing_new_comes(
    own_rig: Rig, own_broker: brokers.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broker goes between an effect and its commit; back again, nothing is left waiting."""
    monkeypatch.setattr(commits, "COMMIT_LIMIT", 1.0)
    write = own_rig.effects()

    async def cut_off(events: Sequence[Any], session: AsyncSession) -> None:
        await asyncio.to_thread(own_broker.stop)
        await write(events, session)

    event = own_rig.event()
    await own_rig.send((event.value(), frame(event)))
    consumer = await own_rig.consumer(cut_off)
    await own_rig.all_had([event])
    await eventually(lambda: failed_to_commit(consumer), what="the failed commit")
    assert await consumer.waiting() == 1
    await asyncio.to_thread(own_broker.start)
    await own_rig.quiet(consumer)
    assert sum((await own_rig.committed()).values()) == 1
    assert consumer.batches.handled == 1


async def test_a_deadlock_is_repeated_and_not_counted_against_the_event(rig: Rig) -> None:
    """However often two transactions meet, no event is buried for it."""
    write = rig.effects()
    met = 0

    async def handler(events: Sequence[Any], session: AsyncSession) -> None:
        nonlocal met
        await write(events, session)
        if met < 8:
            met += 1
            await session.execute(
                text("do $$ begin raise exception 'met' using errcode = '40P01'; end $$")
            )

    event = rig.event()
    await rig.send((event.value(), frame(event)))
    consumer = await rig.consumer(handler)
    assert set((await rig.all_had([event])).values()) == {1}
    assert (met, consumer.batches.dead, consumer.standstill.outages) == (8, 0, 0)


async def test_a_second_member_takes_its_share_and_doubles_nothing(rig: Rig) -> None:
    """Joining while all is quiet: both work from then on, every event once."""
    first = await rig.consumer(rig.effects("first"))
    events = await spread(rig)
    await rig.all_had(events)
    await rig.quiet(first)
    second = await rig.consumer(rig.effects("second"))
    await eventually(lambda: rebalanced(first, second), what="the rebalance")
    more = await spread(rig)
    assert set((await rig.all_had(events + more)).values()) == {1}
    await rig.quiet(first, second)
    assert await authors(rig) == {"first", "second"}
    assert first.batches.repeats + second.batches.repeats == 0


@pytest.mark.kafka  # the embedded broker refuses commits of a generation that is just ending
async def test_partitions_change_hands_only_after_the_batch_at_hand(rig: Rig) -> None:
    """A member joining in the middle of a slow batch waits for its end and its commit."""
    began = asyncio.Event()
    write = rig.effects("first")

    async def slow(events: Sequence[Any], session: AsyncSession) -> None:
        began.set()
        await asyncio.sleep(0.5)  # a slow handler is the subject here
        await write(events, session)

    events = await spread(rig)
    first = await rig.consumer(slow)
    await began.wait()
    second = await rig.consumer(rig.effects("second"))
    await rig.all_had(events)
    await eventually(lambda: rebalanced(first, second), what="the rebalance")
    more = await spread(rig)
    assert set((await rig.all_had(events + more)).values()) == {1}
    await rig.quiet(first, second)
    assert await authors(rig) == {"first", "second"}
    assert first.commits.failed == second.commits.failed == 0
    assert first.batches.repeats + second.batches.repeats == 0


@pytest.mark.kafka  # the embedded broker has no static membership
async def test_a_named_replica_takes_its_partitions_again_without_a_rebalance(rig: Rig) -> None:
    """Restarted within its session, it goes on, and its neighbour never notices."""
    neighbour = await rig.consumer(replica="b")
    await eventually(lambda: joined(neighbour), what="the first member")
    first = await rig.consumer(replica="a")
    await eventually(lambda: rebalanced(neighbour, first), what="the rebalance")
    before = neighbour.rebalances
    await rig.stop(first)
    again = await rig.consumer(replica="a")
    events = await spread(rig)
    assert set((await rig.all_had(events)).values()) == {1}
    await rig.quiet(neighbour, again)
    assert again.done > 0
    assert neighbour.rebalances == before


@contextmanager
def open_folder() -> Iterator[Path]:
    with TemporaryDirectory(prefix="p2a-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


async def spread(rig: Rig) -> list[NotedEvent]:
    """40 new events, half of them in each partition."""
    events = [rig.event() for _ in range(40)]
    for partition in (0, 1):
        half = events[partition::2]
        await rig.send(*((event.value(), frame(event)) for event in half), partition=partition)
    return events


async def failed_to_commit(consumer: Consumer) -> bool:
    return consumer.commits.failed >= 1


async def joined(consumer: Consumer) -> bool:
    return consumer.rebalances >= 1


async def rebalanced(first: Consumer, second: Consumer) -> bool:
    return second.rebalances >= 1 and first.rebalances >= 2


async def authors(rig: Rig) -> set[str]:
    async with rig.reading() as session:
        return set(await session.scalars(text("select distinct by from effects")))
