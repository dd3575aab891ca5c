"""What the topics say happened: read from their beginning to their end, for figures and checks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from aiokafka import AIOKafkaConsumer

from schemas import CATALOGUE
from schemas.envelope import Event
from services.delivery.topics import partitions

DEAD = ".dead"


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it lies on a topic."""

    topic: str
    key: bytes
    value: bytes
    headers: Mapping[str, bytes]


async def records(bootstrap: str) -> list[Record]:
    """Every record of every topic there is, dead letters included."""
    places = await partitions(bootstrap, lambda name: not name.startswith("__"))
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        ends = {place: end for place, end in (await consumer.end_offsets(places)).items() if end}
        consumer.assign(list(ends))
        found: list[Record] = []
        while any([await consumer.position(place) < end for place, end in ends.items()]):
            for batch in (await consumer.getmany(timeout_ms=200)).values():
                found += [
                    Record(one.topic, one.key or b"", one.value or b"", dict(one.headers))
                    for one in batch
                ]
        return found
    finally:
        await consumer.stop()


def events(found: Iterable[Record]) -> list[Event]:
    """The facts among *found*, each once, in the order of facts."""
    once: dict[UUID, Event] = {}
    for record in found:
        declared = CATALOGUE.get(record.headers.get("ce_type", b"").decode())
        if declared and not record.topic.endswith(DEAD):
            event = declared.of(record.value)
            once[event.event_id] = event
    return sorted(once.values(), key=lambda event: (event.occurred_at, event.event_id))
