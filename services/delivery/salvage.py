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
from aiokafka.errors import (
    CorruptRecordException,
    KafkaError,
    LeaderNotAvailableError,
    UnsupportedCodecError,
    for_code,
)
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.record.default_records import _DefaultRecordBatchPy, _DefaultRecordPy
from aiokafka.record.util import decode_varint

WAIT_MS = 500
MOST = 1_048_576  # more than one batch only while they are small; the first comes whole
LENGTH = struct.Struct(">qi")
MAGIC_AT, MAGIC = 16, 2
# in a batch's header: its last offset less its first, and how many records it has
LAST_AT, COUNT_AT, COUNT = 23, 57, struct.Struct(">i")


@dataclass(frozen=True, slots=True)
class Salvaged:
    """
    The *records* from one place on, and the offset that is *next* after them.

    ``damage`` is the error that stopped the reading at *next*, and ``beyond`` the first offset
    that may be well again: never more than the end of the damaged batch. Without damage it is
    None, and *beyond* is *next*.
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
    # we asked for one partition of one topic
    answered = answer.to_object()["topics"][0]["partitions"][0]
    if answered["error_code"]:
        raise for_code(answered["error_code"])(tp)
    aborted = [
        (one["producer_id"], one["first_offset"]) for one in answered["aborted_transactions"] or ()
    ]
    end = answered["highwater_offset"]
    return read(answered["message_set"], tp, start, end=end, aborted=aborted)


def read(
    fetched: bytes,
    tp: TopicPartition,
    start: int,
    *,
    end: int | None = None,
    aborted: Any = None,
) -> Salvaged:
    """
    What can be read of the batches *fetched*, which belong to *tp*, from offset *start* on.

    *end* is where the log ends, beyond which nothing may be passed.
    """
    batches = _Batches(fetched)
    reading = PartitionRecords(
        tp, batches, aborted, start, None, None,
        check_crcs=True, isolation_level=READ_COMMITTED,
    )  # fmt: skip
    found: list[ConsumerRecord[bytes, bytes]] = []
    try:
        found.extend(reading)
    except Exception as damage:
        at = reading.next_fetch_offset
        return Salvaged(found, at, damage, batches.beyond(at, end))
    return Salvaged(found, reading.next_fetch_offset, None, reading.next_fetch_offset)


class _Batches:
    """The batches in the bytes of an answer, as aiokafka's PartitionRecords takes them."""

    def __init__(self, fetched: bytes) -> None:
        self._batch = b""
        self._whole = _whole(fetched)
        self._ahead = next(self._whole, None)

    def has_next(self) -> bool:
        return self._ahead is not None

    def next_batch(self) -> "_Batch":
        self._batch, self._ahead = self._ahead or b"", next(self._whole, None)
        if self._batch[MAGIC_AT] != MAGIC:
            raise CorruptRecordException("a format older than Kafka 0.11")
        return _Batch(self._batch)

    def beyond(self, at: int, end: int | None) -> int:
        """
        The first offset after the batch given out last, which is damaged at *at*.

        Its own header may be what is damaged, so the least of all that tell counts: too little is
        passed by another `p2a dead skip`, too much would pass events that are well.
        """
        told = [] if end is None else [end]
        if self._ahead is not None:
            told.append(LENGTH.unpack_from(self._ahead)[0])
        if len(self._batch) >= COUNT_AT + COUNT.size:
            base = LENGTH.unpack_from(self._batch)[0]
            (last,) = COUNT.unpack_from(self._batch, LAST_AT)
            (count,) = COUNT.unpack_from(self._batch, COUNT_AT)
            told += [base + last + 1, base + count]
        return min((offset for offset in told if offset > at), default=at + 1)


def _whole(fetched: bytes) -> Iterator[bytes]:
    at = 0
    while at + LENGTH.size <= len(fetched):
        end = at + LENGTH.size + LENGTH.unpack_from(fetched, at)[1]
        if end > len(fetched) or end - at <= MAGIC_AT:
            return  # the last one is cut off where the answer was full
        yield fetched[at:end]
        at = end


def undecodable(error: Exception) -> bool:
    """Whether records are at fault, and not the way to the broker."""
    return not isinstance(error, KafkaError) or isinstance(
        error, CorruptRecordException | UnsupportedCodecError
    )


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
