"""Dead letters read back: what they are, and their place, which is their identity."""

import base64
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition

from services.delivery.dead import OURS
from services.delivery.topics import partitions

READ_MS = 500
FETCH = 8_388_608


class Place(NamedTuple):
    """Where the record was that a group could not read or do."""

    topic: str
    group: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.group}/{self.partition}/{self.offset}"


class NotAPlace(ValueError):
    """Not written as TOPIC/GROUP/PARTITION/OFFSET."""


@dataclass(frozen=True, slots=True)
class Buried:
    """One dead letter: the record as it came, and why it is here."""

    place: Place
    error: str
    reason: str
    attempts: int
    release: str
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]

    def header(self, name: str) -> str | None:
        """A header of the record in words, or None when it has none or it is not UTF-8."""
        value = dict(self.headers).get(name)
        try:
            return value.decode() if value is not None else None
        except UnicodeDecodeError:
            return None

    def shown(self) -> dict[str, Any]:
        """Everything for a person or a program, as JSON takes it."""
        return {
            "place": str(self.place),
            "type": self.header("ce_type"),
            "error": self.error,
            "reason": self.reason,
            "attempts": self.attempts,
            "release": self.release,
            "key": _shown(self.key),
            "value": _shown(self.value),
            "headers": {name: _shown(value) for name, value in self.headers},
        }


def place(words: str) -> Place:
    """The place written as TOPIC/GROUP/PARTITION/OFFSET; raises NotAPlace."""
    parts = words.split("/")
    if len(parts) != 4 or not (parts[2].isdigit() and parts[3].isdigit()):  # noqa: PLR2004 - four parts
        raise NotAPlace(f"{words!r} is not TOPIC/GROUP/PARTITION/OFFSET, see `p2a dead list`")
    return Place(parts[0], parts[1], int(parts[2]), int(parts[3]))


async def buried(bootstrap: str) -> dict[Place, Buried]:
    """Every dead letter there is, oldest first; one that was written twice comes once."""
    dead = await partitions(bootstrap, lambda name: name.endswith(".dead"))
    letters = [_letter(record) async for record in _records(bootstrap, dead)]
    return {letter.place: letter for letter in letters}


async def _records(bootstrap: str, places: list[TopicPartition]) -> AsyncIterator[Any]:
    if not places:
        return
    # one connection for all: most of these topics are empty
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, max_partition_fetch_bytes=FETCH)
    consumer.assign(places)
    await consumer.start()
    try:
        first = await consumer.beginning_offsets(places)
        last = await consumer.end_offsets(places)
        unread = {tp for tp in places if first[tp] < last[tp]}
        for tp in places:
            consumer.seek(tp, first[tp])
        consumer.pause(*(set(places) - unread))
        while unread:
            for records in (await consumer.getmany(*unread, timeout_ms=READ_MS)).values():
                for record in records:
                    yield record
            unread -= {tp for tp in unread if await consumer.position(tp) >= last[tp]}
    finally:
        await consumer.stop()


def _letter(record: Any) -> Buried:
    ours = {
        name.removeprefix(OURS): (value or b"").decode(errors="replace")
        for name, value in record.headers
        if name.startswith(OURS)
    }
    source = ours.get("topic", "")
    group = record.topic.removeprefix(f"{source}.").removesuffix(".dead")
    return Buried(
        place=Place(source, group, _number(ours, "partition"), _number(ours, "offset")),
        error=ours.get("error", ""),
        reason=ours.get("reason", ""),
        attempts=_number(ours, "attempts"),
        release=ours.get("release", ""),
        key=record.key,
        value=record.value,
        headers=tuple(_theirs(record.headers)),
    )


def _number(ours: Mapping[str, str], name: str) -> int:
    # somebody else may have written into the topic: that must not hide our own
    found = ours.get(name, "")
    return int(found) if found.isdecimal() else 0


def _theirs(headers: Iterable[tuple[str, bytes | None]]) -> Iterable[tuple[str, bytes | None]]:
    return ((name, value) for name, value in headers if not name.startswith(OURS))


def _shown(value: bytes | None) -> str | None:
    if value is None:
        return None
    try:
        return value.decode()
    except UnicodeDecodeError:
        return f"base64:{base64.b64encode(value).decode()}"
