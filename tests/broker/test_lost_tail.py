"""What an acknowledging broker forgot is sent again, also when the relay died meanwhile."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID, uuid4

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.partitioner import DefaultPartitioner

from services.delivery.outbox import post
from tests.broker import brokers
from tests.broker.lone import Lone
from tests.broker.rig import LIMIT, NotedEvent, Rig
from tests.waiting import eventually


def things(number: int, partition: int) -> list[UUID]:
    """Keys that all belong to *partition* of two."""
    found: list[UUID] = []
    while len(found) < number:
        thing = uuid4()
        if DefaultPartitioner()(str(thing).encode(), [0, 1], [0, 1]) == partition:
            found.append(thing)
    return found


async def test_rows_acknowledged_to_a_relay_that_died_are_missed_by_no_reader(
    own_rig: Rig, own_broker: brokers.Server, tmp_path: Path
) -> None:
    """
    The relay dies between acknowledgement and record; the broker forgets just these rows.

    A row posted earlier and committed later is sent first the second time, so that other rows
    stand where a reader has been. It finds all it has not had behind its place.
    """
    kept = tmp_path / "kept"
    own_broker.stop()
    shutil.copytree(own_broker.folder / "data", kept)
    own_broker.start()
    one, other = things(2, partition=0)
    early = [own_rig.event(f"early {n}", thing=one) for n in range(5)]
    seen = [own_rig.event(f"seen {n}", thing=other) for n in range(20)]
    dying = Lone(own_rig, tmp_path, "relay.acked=kill@1")
    async with own_rig.writing.begin() as unfinished:
        await post(unfinished, *early)
        await own_rig.post(*seen)
        dying.start()
        await eventually(dying.killed, limit=LIMIT, what="the relay's death")
        had = await read(own_rig, since=0)
        assert had == ids(seen)
        own_broker.kill()
        shutil.rmtree(own_broker.folder / "data")
        kept.rename(own_broker.folder / "data")
        own_broker.start()
        assert await read(own_rig, since=0) == [], "the broker forgot nothing"
    relay = await own_rig.relay()
    await own_rig.quiet(relay)
    behind = await read(own_rig, since=len(seen))
    assert set(ids(early + seen)) <= set(had) | set(behind)
    assert set(ids(early)) <= set(behind)


async def read(rig: Rig, *, since: int) -> list[str]:
    """What a reader gets that goes on at its place in partition 0."""
    consumer = AIOKafkaConsumer(bootstrap_servers=rig.bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        place = TopicPartition(rig.topic, 0)
        consumer.assign([place])
        end = (await consumer.end_offsets([place]))[place]
        consumer.seek(place, min(since, end))
        found: list[str] = []
        while await consumer.position(place) < end:
            batches = await consumer.getmany(timeout_ms=200)
            found += [
                dict(record.headers)["ce_id"].decode() for r in batches.values() for record in r
            ]
        return found
    finally:
        await consumer.stop()


def ids(events: Sequence[NotedEvent]) -> list[str]:
    return [str(event.event_id) for event in events]
