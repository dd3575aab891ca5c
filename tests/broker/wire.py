"""Record batches made byte by byte, as no client of ours would send them."""

import gzip
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka import AIOKafkaProducer
from aiokafka.record.util import calc_crc32c, encode_varint

CHECKED_FROM = 21  # where a batch's checksum ends, and what it covers begins
FRAME = struct.Struct(">iibI")
CHECKED = struct.Struct(">hiqqqhii")
BLOCK = 65_536
Send = Callable[[bytes, int], Awaitable[int]]


@dataclass(frozen=True)
class Raw:
    """A record, its headers' names as bytes."""

    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[bytes, bytes | None]] = ()


def batch(records: Sequence[Raw], codec: str = "none", body: bytes | None = None) -> bytes:
    """The bytes of a batch of *records*, or one that says so and holds *body*."""
    if body is None:
        body = b"".join(_record(nth, record) for nth, record in enumerate(records))
    number, encode = CODECS[codec]
    now, last = int(time.time() * 1000), len(records) - 1
    checked = CHECKED.pack(number, last, now, now, -1, -1, -1, last + 1) + encode(body)
    framed = FRAME.pack(len(checked) + 9, -1, 2, calc_crc32c(checked)) + checked
    return bytes(8) + framed  # the broker gives the offset


@asynccontextmanager
async def sender(bootstrap: str, topic: str) -> AsyncIterator[Send]:
    """To write batches as their bytes say, each answered by the offset of its first record."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()

    async def send(made: bytes, partition: int) -> int:
        builder = producer.create_batch()
        builder.append(timestamp=None, key=b"", value=None)  # an empty one is not sent
        builder._build()
        builder._buffer = bytearray(made)
        written = await (await producer.send_batch(builder, topic, partition=partition))
        offset: int = written.offset
        return offset

    try:
        yield send
    finally:
        await producer.stop()


def text_of(headers: Sequence[tuple[str, bytes]]) -> dict[str, str]:
    """Headers in words, as far as they are."""
    return {name: (value or b"").decode(errors="replace") for name, value in headers}


def _record(nth: int, record: Raw) -> bytes:
    inner = bytes(1) + _varint(0) + _varint(nth) + _bytes(record.key) + _bytes(record.value)
    inner += _varint(len(record.headers))
    inner += b"".join(_bytes(name) + _bytes(value) for name, value in record.headers)
    return _varint(len(inner)) + inner


def _bytes(value: bytes | None) -> bytes:
    return _varint(-1) if value is None else _varint(len(value)) + value


def _varint(value: int) -> bytes:
    out = bytearray()
    encode_varint(value, out.append)
    return bytes(out)


def _blocks(body: bytes) -> list[bytes]:
    return [body[at : at + BLOCK] for at in range(0, len(body), BLOCK)]


# the three below keep the bytes as they are, in the frames of their formats


def _snappy(body: bytes) -> bytes:
    out = b"\x82SNAPPY\x00" + struct.pack(">ii", 1, 1)
    for block in _blocks(body):
        literal = b"\xf4" + struct.pack("<H", len(block) - 1)
        length, rest = b"", len(block)
        while rest >= 0x80:
            length, rest = length + bytes([rest & 0x7F | 0x80]), rest >> 7
        packed = length + bytes([rest]) + literal + block
        out += struct.pack(">i", len(packed)) + packed
    return out


def _lz4(body: bytes) -> bytes:
    blocks = b"".join(struct.pack("<I", len(b) | 1 << 31) + b for b in _blocks(body))
    return b"\x04\x22\x4d\x18\x60\x40\x82" + blocks + bytes(4)


def _zstd(body: bytes) -> bytes:
    out = b"\x28\xb5\x2f\xfd\xa0" + struct.pack("<I", len(body))
    blocks = _blocks(body)
    for nth, block in enumerate(blocks, start=1):
        head = int(nth == len(blocks)) | len(block) << 3
        out += head.to_bytes(3, "little") + block
    return out


CODECS: dict[str, tuple[int, Callable[[bytes], bytes]]] = {
    "none": (0, bytes),
    "gzip": (1, gzip.compress),
    "snappy": (2, _snappy),
    "lz4": (3, _lz4),
    "zstd": (4, _zstd),
}
