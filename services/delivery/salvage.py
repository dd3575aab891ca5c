"""
What can still be read of a batch that aiokafka refuses.

It refuses a whole batch for one header whose name is not UTF-8, and reads no further. Here such a
name is read with the odd bytes written out, and only damage stops the reading: a codec that is not
installed, a wrong checksum, a broken record.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.consumer.fetcher import READ_COMMITTED, PartitionRecords
from aiokafka.errors import CorruptRecordException, LeaderNotAvailableError, for_code
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.record.default_records import _DefaultRecordBatchPy, _DefaultRecordPy
from aiokafka.record.util import decode_varint

WAIT_MS = 500
MOST = 1_048_576  # more than one batch only while they are small; the first comes whole
LENGTH = struct.Struct(">qi")
MAGIC_AT, MAGIC = 16, 2


@dataclass(frozen=True, slots=True)
class Salvaged:
    """
    The *records* from one place on, and the offset that is *next* after them.

    ``damage`` is the error that stopped the reading at *next*, and ``beyond`` the first offset
    after the batch it was in; without damage it is None, and *beyond* is *next*.
    """

    records: list[Any]
    next: int
    damage: Exception | None
    beyond: int


async def salvage(consumer: AIOKafkaConsumer, tp: TopicPartition, start: int) -> Salvaged:
    """Ask for *tp* from *start* on and read what can be read; raises aiokafka's KafkaError."""
    client = consumer._client  # noqa: SLF001 - the answer's bytes are to be had no other way
    leader = client.cluster.leader_for_partition(tp)
    if leader in (None, -1):
        raise LeaderNotAvailableError(tp)
    answer = await client.send(
        leader,
        FetchRequest(WAIT_MS, 1, MOST, READ_COMMITTED, [(tp.topic, [(tp.partition, start, MOST)])],
                     rack_id=""),
    )  # fmt: skip
    ((_, ((_, code, _, *data),)),) = answer.topics
    if code:
        raise for_code(code)(tp)
    return read(data[-1], tp, start, aborted=data[2 if answer.API_VERSION >= 11 else -2])  # noqa: PLR2004 - its layout


def read(fetched: bytes, tp: TopicPartition, start: int, *, aborted: Any = None) -> Salvaged:
    """What can be read of the batches *fetched*, which belong to *tp*, from offset *start* on."""
    batches = _Batches(fetched)
    reading = PartitionRecords(
        tp, batches, aborted, start, None, None,
        check_crcs=True, isolation_level=READ_COMMITTED,
    )  # fmt: skip
    found: list[ConsumerRecord[bytes, bytes]] = []
    try:
        found.extend(reading)
    except Exception as damage:
        return Salvaged(found, reading.next_fetch_offset, damage, batches.beyond)
    return Salvaged(found, reading.next_fetch_offset, None, reading.next_fetch_offset)


class _Batches:
    """The batches in the bytes of an answer, as aiokafka's PartitionRecords takes them."""

    def __init__(self, fetched: bytes) -> None:
        self.beyond = 0
        self._whole = _whole(fetched)
        self._ahead = next(self._whole, None)

    def has_next(self) -> bool:
        return self._ahead is not None

    def next_batch(self) -> "_Batch":
        data, self._ahead = self._ahead or b"", next(self._whole, None)
        self.beyond = LENGTH.unpack_from(data)[0] + 1
        if data[MAGIC_AT] != MAGIC:
            raise CorruptRecordException("a format older than Kafka 0.11")
        batch = _Batch(data)
        self.beyond = batch.next_offset
        return batch


def _whole(fetched: bytes) -> Iterator[bytes]:
    at = 0
    while at + LENGTH.size <= len(fetched):
        end = at + LENGTH.size + LENGTH.unpack_from(fetched, at)[1]
        if end > len(fetched) or end - at <= MAGIC_AT:
            return  # the last one is cut off where the answer was full
        yield fetched[at:end]
        at = end


class _Batch(_DefaultRecordBatchPy):  # type: ignore[misc] # aiokafka has no type information
    """A batch whose headers' names may be any bytes."""

    _buffer: bytearray
    _pos: int

    def _read_msg(self, *_: Any) -> _DefaultRecordPy:
        length, at = decode_varint(self._buffer, self._pos)
        end = at + length
        later, at = decode_varint(self._buffer, at + 1)  # after the attributes, which say nothing
        further, at = decode_varint(self._buffer, at)
        key, at = self._bytes(at)
        value, at = self._bytes(at)
        count, at = decode_varint(self._buffer, at)
        headers = []
        for _nth in range(count):
            name, at = self._bytes(at)
            content, at = self._bytes(at)
            headers.append(((name or b"").decode("utf-8", "backslashreplace"), content))
        if at != end:
            raise CorruptRecordException(f"a record of {length} bytes ends at another place")
        self._pos = at
        return _DefaultRecordPy(
            self.base_offset + further, self.first_timestamp + later, self.timestamp_type,
            key, value, headers,
        )  # fmt: skip

    def _bytes(self, at: int) -> tuple[bytes | None, int]:
        length, at = decode_varint(self._buffer, at)
        if length < 0:
            return None, at
        if at + length > len(self._buffer):
            raise CorruptRecordException("a record goes on beyond its batch")
        return bytes(self._buffer[at : at + length]), at + length
