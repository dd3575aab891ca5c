"""Passing a record that no client can decode: a dead letter of its place, then the offset."""

from types import SimpleNamespace

from aiokafka import AIOKafkaConsumer, TopicPartition

from services.delivery.buried import Place
from services.delivery.dead import Graveyard
from services.delivery.records import Failure

UNDECODABLE = "its bytes stay in the topic: no client of ours can decode it"


async def skip(bootstrap: str, place: Place) -> None:
    """
    Let the group of *place* go on after it; the group's services must be stopped.

    Raises aiokafka's CommitFailedError while one of them still is a member.
    """
    record = SimpleNamespace(
        topic=place.topic, partition=place.partition, offset=place.offset,
        key=None, value=None, headers=(),
    )  # fmt: skip
    graveyard = Graveyard(bootstrap, place.group)
    try:
        await graveyard.bury([Failure(record, "Undecodable", UNDECODABLE)])
    finally:
        await graveyard.close()
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, group_id=place.group, enable_auto_commit=False
    )
    consumer.assign([TopicPartition(place.topic, place.partition)])
    await consumer.start()
    try:
        await consumer.commit({TopicPartition(place.topic, place.partition): place.offset + 1})
    finally:
        await consumer.stop()
