"""What the relay does while things break around it."""

import asyncio
from collections import Counter
from uuid import uuid4

from sqlalchemy import text

from services.delivery.lock import heard, only_one
from services.delivery.outbox import post
from services.delivery.relay import Relay
from tests.broker import brokers
from tests.broker.rig import Rig
from tests.waiting import eventually


async def sent(rig: Rig) -> Counter[str]:
    """How often each event stands in the topic."""
    return Counter(dict(record.headers)["ce_id"].decode() for record in await rig.log())


async def test_rows_of_a_key_leave_in_the_order_they_were_posted(rig: Rig) -> None:
    """Across transactions and cycles, for every key."""
    await rig.relay()
    things = [uuid4() for _ in range(5)]
    for n in range(40):
        await rig.post(*[rig.event(str(n), thing=thing) for thing in things])
    await rig.quiet(*rig.running)
    by_key: dict[bytes, list[str]] = {}
    for record in await rig.log():
        by_key.setdefault(record.key, []).append(rig.noted.of(record.value).note)
    assert {tuple(notes) for notes in by_key.values()} == {tuple(str(n) for n in range(40))}
    assert len(by_key) == 5


async def test_a_post_wakes_the_relay(rig: Rig) -> None:
    """PostgreSQL tells it when the posting transaction commits, not before."""
    engine = rig.writing.kw["bind"]
    async with only_one(engine, "intake", asyncio.Event()) as connection:
        assert connection is not None
        hearing = asyncio.create_task(heard(connection, 30))
        async with rig.writing.begin() as session:
            await post(session, rig.event())
            await session.execute(text("select 1"))
            assert not hearing.done()
        async with asyncio.timeout(10):
            await hearing


async def test_of_two_relays_one_sends_and_the_other_takes_over(rig: Rig) -> None:
    """No row is sent by both; when the first stops, the second goes on within its poll."""
    first = await rig.relay()
    await rig.post(*[rig.event() for _ in range(5)])
    await rig.quiet(first)
    second = await rig.relay()
    events = [rig.event() for _ in range(200)]
    for event in events:
        await rig.post(event)
    await rig.quiet(first)
    assert (first.done, second.done) == (205, 0)
    await rig.stop(first)
    await rig.post(*[rig.event() for _ in range(5)])
    await rig.quiet(second)
    assert second.done == 5
    assert set((await sent(rig)).values()) == {1}


async def test_a_relay_whose_connection_is_cut_takes_its_lock_again(rig: Rig) -> None:
    """A lost session is a lost lock: nothing is recorded on it, everything is sent."""
    relay = await rig.relay()
    await rig.post(rig.event())
    await rig.quiet(relay)
    async with rig.reading.begin() as session:
        cut = await session.scalar(
            text(
                "select count(pg_terminate_backend(pid)) from pg_locks "
                "where locktype = 'advisory' and database = "
                "(select oid from pg_database where datname = current_database())"
            )
        )
    assert cut == 1
    await rig.post(*[rig.event() for _ in range(20)])
    await rig.quiet(relay)
    assert len(await sent(rig)) == 21


async def test_a_broker_stopped_in_order_and_started_loses_nothing(
    own_rig: Rig, own_broker: brokers.Server
) -> None:
    """Rows wait while it is away, and leave when it is back; the consumer goes on."""
    relay, consumer = await own_rig.relay(), await own_rig.consumer()
    early = [own_rig.event() for _ in range(50)]
    await own_rig.post(*early)
    await own_rig.all_had(early)
    own_broker.stop()
    late = [own_rig.event() for _ in range(50)]
    await own_rig.post(*late)
    assert await relay.waiting() == 50
    own_broker.start()
    assert set((await own_rig.all_had(early + late)).values()) == {1}
    assert consumer.batches.dead == 0


async def test_what_a_killed_broker_lost_is_sent_again(
    own_rig: Rig, own_broker: brokers.Server
) -> None:
    """Acknowledged, handled and gone: the log is whole again, and no effect comes twice."""
    relay, consumer = await own_rig.relay(), await own_rig.consumer()
    events = [own_rig.event("first")]
    await own_rig.post(*events)
    await own_rig.all_had(events)
    for _ in range(1 if brokers.APACHE else 10):
        newest = [own_rig.event() for _ in range(50)]
        await own_rig.post(*newest)
        events += newest
        await own_rig.all_had(newest)
        own_broker.kill()
        own_broker.start()
        await own_rig.make_topics()  # it may have lost even these
        # nothing new is posted: the relay must find out by itself
        await eventually(lambda: _looked(relay), what="the relay after the kill")
        await own_rig.quiet(relay, consumer)
        if relay.tally.heals:
            break
    assert brokers.APACHE or relay.tally.heals > 0, "the fault did not happen"
    late = [own_rig.event() for _ in range(20)]
    await own_rig.post(*late)
    assert set((await own_rig.all_had(events + late)).values()) == {1}
    await own_rig.quiet(relay, consumer)
    assert {str(event.event_id) for event in events + late} <= set(await sent(own_rig))


async def _looked(relay: Relay) -> bool:
    """Whether it asked the restarted broker for its ends, which clears what failed."""
    before = relay.tally.looks
    return await eventually(lambda: _is(relay.tally.looks > before + 1), what="a look")


async def _is(true: bool) -> bool:  # noqa: FBT001 - what is waited for
    return true
