"""Where a batch begins and ends in each of its partitions."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import IllegalStateError

from services.delivery.polled import Polled


def ends(records: Iterable[Any]) -> dict[TopicPartition, int]:
    """What to commit when all *records* are settled: the next offset of each partition."""
    # a partition's records come in their order
    last = {(record.topic, record.partition): record.offset for record in records}
    return {TopicPartition(*place): offset + 1 for place, offset in last.items()}


def back(consumer: Polled, records: Iterable[Any]) -> None:
    """Set the consumer back to the first of *records* in each partition it still has."""
    first: dict[TopicPartition, int] = {}
    for record in records:
        tp = TopicPartition(record.topic, record.partition)
        first[tp] = min(first.get(tp, record.offset), record.offset)
    for tp, offset in first.items():
        with suppress(IllegalStateError):
            consumer.seek(tp, offset)
