"""Rows that a broker will never take as they are."""

from collections import Counter
from uuid import uuid4

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from sqlalchemy import text

from services.delivery import replay
from services.delivery.relay import Relay
from tests.broker.rig import Rig
from tests.waiting import eventually


async def notes(rig: Rig) -> Counter[str]:
    """How often each note stands in the topic."""
    return Counter(rig.noted.of(record.value).note[:9] for record in await rig.log())


async def test_a_row_too_large_for_any_broker_holds_only_the_later_rows_of_its_key(
    rig: Rig,
) -> None:
    """Parked, counted, not waited for; other keys pass."""
    relay = await rig.relay()
    thing = uuid4()
    huge = rig.event("x" * 1_200_000, thing=thing)
    others = [rig.event(f"other {n}") for n in range(10)]
    await rig.post(rig.event("before", thing=thing), huge, rig.event("after", thing=thing), *others)
    await rig.quiet(relay)
    await eventually(lambda: parked(relay), what="the parking")
    assert await notes(rig) == Counter(["before", *(event.note for event in others)])
    assert await why_parked(rig) == "MessageSizeTooLargeError"


async def test_a_row_that_only_its_topic_refuses_is_found_among_those_of_its_batch(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its batch is refused as a whole; alone, the others pass. Freed, all of its key follow."""
    monkeypatch.setitem(replay.WRITERS, rig.topic, "intake")
    await limit(rig, 20_000)
    thing, neighbour = uuid4(), uuid4()
    before, after = rig.event("before", thing=thing), rig.event("after", thing=thing)
    huge = rig.event("x" * 50_000, thing=thing)
    others = [rig.event(f"other {n}", thing=neighbour) for n in range(10)]
    await rig.post(before, *others[:5], huge, after, *others[5:])
    relay, consumer = await rig.relay(), await rig.consumer()
    await rig.all_had([before, *others])
    await eventually(lambda: parked(relay), what="the parking")
    await rig.quiet(relay)
    assert await notes(rig) == Counter(["before", *(event.note for event in others)])
    assert await why_parked(rig) == "MessageSizeTooLargeError"
    await limit(rig, 100_000)
    async with rig.writing.begin() as session:
        first, last = (await session.execute(text("select min(seq), max(seq) from outbox"))).one()
        await replay.replay_range(await session.connection(), rig.topic, first, last)
    events = [before, huge, after, *others]
    assert set((await rig.all_had(events)).values()) == {1}
    await rig.quiet(relay)
    order = [rig.noted.of(r.value).note for r in await rig.log() if r.key == str(thing).encode()]
    assert list(dict.fromkeys(order)) == [before.note, huge.note, after.note]
    assert consumer.batches.repeats > 0
    assert consumer.batches.dead == 0


async def limit(rig: Rig, largest: int) -> None:
    """Let the topic take batches of up to *largest* bytes."""
    admin = AIOKafkaAdminClient(bootstrap_servers=rig.bootstrap)
    await admin.start()
    try:
        configs = {"max.message.bytes": str(largest)}
        topic = ConfigResource(ConfigResourceType.TOPIC, rig.topic, configs)
        await admin.alter_configs([topic])
    finally:
        await admin.close()


async def parked(relay: Relay) -> bool:
    return relay.tally.parked == 1


async def why_parked(rig: Rig) -> str | None:
    async with rig.writing() as session:
        why: str | None = await session.scalar(
            text("select parked from outbox where parked is not null")
        )
        return why
