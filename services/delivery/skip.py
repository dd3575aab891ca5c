"""Passing a batch that cannot be decoded: dead letters of its places, then the offset."""

from types import SimpleNamespace

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from services.delivery.buried import Place
from services.delivery.dead import Graveyard
from services.delivery.records import Failure
from services.delivery.salvage import Salvaged, salvage

UNDECODABLE = "its bytes stay in the topic: no client of ours can decode it"


class NothingToSkip(ValueError):
    """What stands there must not be passed; the message says why and what to do."""


async def skip(bootstrap: str, place: Place) -> int:
    """
    Let the group of *place* go on after the batch that cannot be decoded there.

    Answers how many places were passed, each remembered by a dead letter. Raises NothingToSkip
    where a record can be read or is not yet done, and while services of the group run.
    """
    await _refuse_members(bootstrap, place.group)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, group_id=place.group, enable_auto_commit=False
    )
    tp = TopicPartition(place.topic, place.partition)
    consumer.assign([tp])
    await consumer.start()
    try:
        damaged = await _damage(consumer, tp, place)
        passed = range(place.offset, damaged.beyond)
        await _bury(bootstrap, place, passed)
        await consumer.commit({tp: damaged.beyond})
    finally:
        await consumer.stop()
    return len(passed)


async def _refuse_members(bootstrap: str, group: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        (answer,) = await admin.describe_consumer_groups([group])
    finally:
        await admin.close()
    members = answer.to_object()["groups"][0]["members"]
    if members:
        raise NothingToSkip(
            f"{len(members)} members of {group} are at work: stop its services first "
            "(one that has a P2A_REPLICA counts as at work for ten seconds more)"
        )


async def _damage(consumer: AIOKafkaConsumer, tp: TopicPartition, place: Place) -> Salvaged:
    """The damage at *place*, if the group stands right before it."""
    at = await consumer.committed(tp)
    if at is None:
        at = (await consumer.beginning_offsets([tp]))[tp]
    if at > place.offset:
        raise NothingToSkip(f"{place.group} has passed {place} already: it goes on at {at}")
    found = await salvage(consumer, tp, at)
    while not found.records and found.damage is None and at < found.next <= place.offset:
        at = found.next  # a transaction's mark, or an aborted one
        found = await salvage(consumer, tp, at)
    if found.records and found.records[0].offset <= place.offset:
        raise NothingToSkip(
            f"offset {found.records[0].offset} can be read and is not done: run the service, and "
            f"if it cannot do it, it becomes a dead letter"
        )
    if found.damage is None or found.next != place.offset:
        where = found.next if found.damage else at
        raise NothingToSkip(f"nothing is damaged at {place}: {place.group} stands at {where}")
    return found


async def _bury(bootstrap: str, place: Place, offsets: range) -> None:
    records = [
        SimpleNamespace(topic=place.topic, partition=place.partition, offset=offset,
                        key=None, value=None, headers=())
        for offset in offsets
    ]  # fmt: skip
    graveyard = Graveyard(bootstrap, place.group)
    try:
        await graveyard.bury([Failure(record, "Undecodable", UNDECODABLE) for record in records])
    finally:
        await graveyard.close()
