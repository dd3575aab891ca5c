"""The server did it and its reply is lost: whoever asks again must not make it happen twice."""

from collections import Counter

import pytest

from tests.broker.rig import NotedEvent, Rig, frame
from tests.faults.proxied import Proxied
from tests.faults.proxy.faults import Armed, LoseReply
from tests.waiting import eventually

pytestmark = pytest.mark.timeout(120)


async def test_lost_replies_to_produce_double_nothing_in_the_log(proxied: Proxied) -> None:
    """
    The relay's producer sends three times more, and the broker knows these records by their number.

    That three lost replies do double a record of another producer is shown beside the proxy.
    """
    lost = proxied.arm_kafka(LoseReply(kind="Produce", times=3))
    relay = await proxied.rig.relay()
    events = posted(proxied, 20)
    await proxied.rig.post(*events)
    await proxied.rig.quiet(relay)
    assert lost.hits == 3
    assert await in_log(proxied.direct) == dict.fromkeys(ids(events), 1)


async def test_a_lost_reply_to_the_relays_record_of_it_sends_nothing_again(
    proxied: Proxied,
) -> None:
    """The rows were recorded, so the next relay, on a new connection, does not see them."""
    relay = await proxied.rig.relay()
    # the statement commits by itself: the relay's connection has no transactions
    lost = proxied.database.arm(LoseReply(kind="UPDATE"))
    events = posted(proxied, 20)
    await proxied.rig.post(*events)
    await proxied.rig.quiet(relay)
    await felt_by(lost)
    more = posted(proxied, 5)
    await proxied.rig.post(*more)
    await proxied.rig.quiet(relay)
    assert await in_log(proxied.direct) == dict.fromkeys(ids(events + more), 1)
    assert relay.tally.rebuilds == 2


async def test_a_lost_reply_to_the_consumers_commit_makes_its_events_repeats(
    proxied: Proxied,
) -> None:
    """Whether they took effect cannot be known there; the inbox knows, when they come again."""
    lost = proxied.database.arm(LoseReply(kind="COMMIT", times=2))
    consumer = await proxied.rig.consumer()
    events = await sent(proxied)
    assert set((await proxied.direct.all_had(events)).values()) == {1}
    await proxied.rig.quiet(consumer)
    assert lost.hits == 2
    assert consumer.batches.repeats > 0
    assert consumer.batches.handled + consumer.batches.repeats == len(events)
    assert set((await proxied.direct.had()).values()) == {1}
    assert (consumer.batches.dead, consumer.trouble()) == (0, None)
    assert sum((await proxied.direct.committed()).values()) == len(events)


async def test_a_lost_reply_to_an_offset_commit_is_committed_again(proxied: Proxied) -> None:
    lost = proxied.arm_kafka(LoseReply(kind="OffsetCommit", times=2))
    consumer = await proxied.rig.consumer()
    events = await sent(proxied)
    await proxied.rig.quiet(consumer)
    await felt_by(lost, times=2)
    assert Counter(await proxied.direct.had()) == dict.fromkeys((e.event_id for e in events), 1)
    assert sum((await proxied.direct.committed()).values()) == len(events)
    assert consumer.trouble() is None


async def test_a_lost_commit_that_never_was_known_repeats_no_effect_in_the_next_process(
    proxied: Proxied,
) -> None:
    """Neither the database's nor the broker's reply came, then the process ended."""
    proxied.arm_kafka(LoseReply(kind="OffsetCommit", times=1000))
    lost = proxied.database.arm(LoseReply(kind="COMMIT"))
    first = await proxied.rig.consumer()
    events = await sent(proxied)
    await proxied.direct.all_had(events)
    await felt_by(lost)
    await proxied.rig.stop(first)
    second = await proxied.direct.consumer()
    late = await sent(proxied)
    assert set((await proxied.direct.all_had(events + late)).values()) == {1}
    await proxied.direct.quiet(second)


def posted(proxied: Proxied, count: int) -> list[NotedEvent]:
    return [proxied.rig.event(str(n)) for n in range(count)]


async def sent(proxied: Proxied) -> list[NotedEvent]:
    """20 new events, in the topic past the proxies."""
    events = posted(proxied, 20)
    await proxied.direct.send(*((event.value(), frame(event)) for event in events))
    return events


def ids(events: list[NotedEvent]) -> list[str]:
    return [str(event.event_id) for event in events]


async def in_log(rig: Rig) -> Counter[str]:
    """How often each event stands in the topic."""
    return Counter(dict(record.headers)["ce_id"].decode() for record in await rig.log())


async def felt_by(armed: Armed, *, times: int = 1) -> None:
    async def look() -> bool:
        return armed.hits >= times

    await eventually(look, what=f"{armed.fault}, {times} times")
