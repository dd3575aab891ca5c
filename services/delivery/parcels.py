"""Packing rows for Kafka: which partition each goes to, and which no broker would take."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    CorruptRecordException,
    InvalidTopicError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
)
from aiokafka.partitioner import DefaultPartitioner
from aiokafka.record.default_records import DefaultRecordBatchBuilder

from services.delivery.producer import RECORD_LIMIT
from services.delivery.tail import Partition
from services.delivery.unsent import Row

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
class Parcel:
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


async def packed(producer: AIOKafkaProducer, rows: Iterable[Row]) -> tuple[list[Parcel], Refused]:
    """
    *rows* as at most one parcel a partition, and those that no broker would take.

    Left out are the rows that found no room in their partition's parcel, and later rows of a
    refused one's key: they are for another time. Raises aiokafka's KafkaError.
    """
    parcels: dict[Partition, Parcel] = {}
    refused: Refused = []
    full: set[Partition] = set()
    held: set[tuple[str, bytes]] = set()
    partitions: dict[str, list[int]] = {}
    for row in rows:
        try:
            _weigh(row)
            if row.topic not in partitions:
                partitions[row.topic] = sorted(await producer.partitions_for(row.topic))
        except FOR_GOOD as error:
            refused.append((row, error))
            held.add((row.topic, row.key))
            continue
        known = partitions[row.topic]
        place = row.topic, _partition(row.key, known, known)
        if place in full or (row.topic, row.key) in held:
            continue
        if place not in parcels:
            parcels[place] = Parcel(place, producer.create_batch())
        if not parcels[place].add(row):
            full.add(place)
    return list(parcels.values()), refused


def alone(producer: AIOKafkaProducer, place: Partition, row: Row) -> Parcel:
    """*row* as a parcel of its own."""
    parcel = Parcel(place, producer.create_batch())
    parcel.add(row)
    return parcel


def _weigh(row: Row) -> None:
    size = DefaultRecordBatchBuilder.estimate_size_in_bytes(row.key, row.value, row.headers)
    if size > RECORD_LIMIT:
        raise MessageSizeTooLargeError(f"{size} bytes")
