"""Dead letters read back: what they are, and their place, which is their identity."""

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from services.delivery.dead import OURS

READ_MS = 500


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
    topics = await _dead_topics(bootstrap)
    found: dict[Place, Buried] = {}
    for topic in topics:
        for record in await _records(bootstrap, topic):
            letter = _letter(topic, record)
            found[letter.place] = letter
    return found


async def _dead_topics(bootstrap: str) -> list[str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        return sorted(name for name in await admin.list_topics() if name.endswith(".dead"))
    finally:
        await admin.close()


async def _records(bootstrap: str, topic: str) -> Sequence[Any]:
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        # subscribing without a group assigns every partition, once they are known
        consumer.subscribe([topic])
        await consumer._client._wait_on_metadata(topic)  # noqa: SLF001 - no public way
        places = [TopicPartition(topic, n) for n in consumer.partitions_for_topic(topic) or ()]
        consumer.unsubscribe()
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        found: list[Any] = []
        while any([await consumer.position(tp) < ends[tp] for tp in places]):
            batches = await consumer.getmany(timeout_ms=READ_MS)
            found += [record for batch in batches.values() for record in batch]
    finally:
        await consumer.stop()
    return found


def _letter(topic: str, record: Any) -> Buried:
    ours = {
        name.removeprefix(OURS): (value or b"").decode(errors="replace")
        for name, value in record.headers
        if name.startswith(OURS)
    }
    source = ours.get("topic", "")
    group = topic.removeprefix(f"{source}.").removesuffix(".dead")
    return Buried(
        place=Place(source, group, int(ours.get("partition", 0)), int(ours.get("offset", 0))),
        error=ours.get("error", ""),
        reason=ours.get("reason", ""),
        attempts=int(ours.get("attempts", 0)),
        release=ours.get("release", ""),
        key=record.key,
        value=record.value,
        headers=tuple(_theirs(record.headers)),
    )


def _theirs(headers: Iterable[tuple[str, bytes | None]]) -> Iterable[tuple[str, bytes | None]]:
    return ((name, value) for name, value in headers if not name.startswith(OURS))


def _shown(value: bytes | None) -> str | None:
    if value is None:
        return None
    try:
        return value.decode()
    except UnicodeDecodeError:
        return f"base64:{base64.b64encode(value).decode()}"
