"""
Sending rows to Kafka and learning what became of each.

One batch a partition at a time: when it fails, nothing of a later one can have overtaken it.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    CorruptRecordException,
    DuplicateSequenceNumber,
    InvalidTopicError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
)
from aiokafka.partitioner import DefaultPartitioner
from aiokafka.record.default_records import DefaultRecordBatchBuilder

from services.delivery.failpoints import reach
from services.delivery.producer import RECORD_LIMIT
from services.delivery.tail import Ack, Partition
from services.delivery.unsent import Row

# above the producer's own time-out for one request: it may try a second broker meanwhile
SEND_LIMIT = 30.0
# refused today, refused tomorrow: whatever else fails may work later
FOR_GOOD = (
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    CorruptRecordException,
    InvalidTopicError,
)
Refused = list[tuple[Row, Exception]]

_partition = DefaultPartitioner()  # murmur2 of the key, as every Kafka client has it


@dataclass(slots=True)
class Batch:
    """Rows that go to one partition in one piece, in their order."""

    place: Partition
    builder: Any
    rows: list[Row] = field(default_factory=list)

    def add(self, row: Row) -> bool:
        """Whether there was room."""
        added = self.builder.append(
            timestamp=None, key=row.key, value=row.value, headers=row.headers
        )
        if added is not None:
            self.rows.append(row)
        return added is not None


@dataclass(slots=True)
class Sent:
    """What became of batches; *error* is the first that says nothing of a batch."""

    acks: list[Ack] = field(default_factory=list)
    refused: list[tuple[Batch, Exception]] = field(default_factory=list)
    error: Exception | None = None


async def packed(producer: AIOKafkaProducer, rows: Iterable[Row]) -> tuple[list[Batch], Refused]:
    """
    *rows* as at most one batch a partition, and those that no broker would take.

    Left out are the rows that found no room in their partition's batch, and later rows of a
    refused one's key: they are for another time. Raises aiokafka's KafkaError.
    """
    batches: dict[Partition, Batch] = {}
    refused: Refused = []
    full: set[Partition] = set()
    held: set[tuple[str, bytes]] = set()
    for row in rows:
        try:
            place = await _place(producer, row)
        except FOR_GOOD as error:
            refused.append((row, error))
            held.add((row.topic, row.key))
            continue
        if place not in full and (row.topic, row.key) not in held:
            batch = batches.setdefault(place, Batch(place, producer.create_batch()))
            if not batch.add(row):
                full.add(place)
    return list(batches.values()), refused


def alone(producer: AIOKafkaProducer, place: Partition, row: Row) -> Batch:
    """*row* as a batch of its own."""
    batch = Batch(place, producer.create_batch())
    batch.add(row)
    return batch


async def send(producer: AIOKafkaProducer, batches: Sequence[Batch]) -> Sent:
    """Send *batches* and wait for their acknowledgements; never raises a Kafka error."""
    result = Sent()
    futures: dict[asyncio.Future[Any], Batch] = {}
    for batch in batches:
        topic, partition = batch.place
        try:
            future = await producer.send_batch(batch.builder, topic, partition=partition)
        except Exception as error:
            result.error = error
            break
        # looked at even if we gave up waiting
        future.add_done_callback(lambda done: done.cancelled() or done.exception())
        futures[future] = batch
    reach("relay.sent")
    if futures:
        await _harvest(futures, result)
    return result


async def _place(producer: AIOKafkaProducer, row: Row) -> Partition:
    size = DefaultRecordBatchBuilder.estimate_size_in_bytes(row.key, row.value, row.headers)
    if size > RECORD_LIMIT:
        raise MessageSizeTooLargeError(f"{size} bytes")
    partitions = sorted(await producer.partitions_for(row.topic))
    return row.topic, _partition(row.key, partitions, partitions)


async def _harvest(futures: "dict[asyncio.Future[Any], Batch]", result: Sent) -> None:
    done, pending = await asyncio.wait(futures, timeout=SEND_LIMIT)
    for future in (future for future in futures if future in done):
        batch, error = futures[future], future.exception()
        if error is None and future.result().offset < 0:
            error = DuplicateSequenceNumber()  # the broker has it and does not say where
        if error is None:
            result.acks += _acks(batch, future.result().offset)
        elif isinstance(error, FOR_GOOD):
            result.refused.append((batch, error))
        elif result.error is None:
            result.error = error if isinstance(error, Exception) else RuntimeError("cancelled")
    if pending and result.error is None:
        result.error = TimeoutError(f"{len(pending)} batches unacknowledged")


def _acks(batch: Batch, base: int) -> list[Ack]:
    return [Ack(row.id, *batch.place, base + n) for n, row in enumerate(batch.rows)]
