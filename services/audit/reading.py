"""What Kafka knows of the history: where groups and logs are, and every record up to there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from pydantic import ValidationError

from schemas import CATALOGUE
from schemas.envelope import Event
from services.audit.history import Dead, Partition, Record, Spot
from services.audit.nobody import flaw, frame
from services.delivery.buried import buried
from services.delivery.reasons import reason
from services.delivery.salvage import salvage, undecodable
from services.delivery.topics import partitions

POLL_MS = 500


async def committed(bootstrap: str, groups: Iterable[str]) -> dict[tuple[str, Partition], int]:
    """The offset each group has committed, by group and partition; raises aiokafka's KafkaError."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        return {
            (group, Partition(tp.topic, tp.partition)): found.offset
            for group in groups
            for tp, found in (await admin.list_consumer_group_offsets(group)).items()
            if found.offset >= 0
        }
    finally:
        await admin.close()


class Logs:
    """The logs of *topics*, from the ends they had when it was opened back to their starts."""

    def __init__(self, bootstrap: str, topics: Iterable[str]) -> None:
        self._bootstrap = bootstrap
        self._topics = frozenset(topics)
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            max_partition_fetch_bytes=4 * 1_048_576,
        )
        self.starts: dict[Partition, int] = {}
        self.ends: dict[Partition, int] = {}

    async def __aenter__(self) -> Self:
        places = await partitions(self._bootstrap, self._topics.__contains__)
        await self._consumer.start()
        self._consumer.assign(places)
        if places:
            self.starts = _by_partition(await self._consumer.beginning_offsets(places))
            self.ends = _by_partition(await self._consumer.end_offsets(places))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._consumer.stop()

    async def records(self, catalogue: Mapping[str, type[Event]] = CATALOGUE) -> list[Record]:
        """Every record below the ends, in the order of each partition."""
        found: list[Record] = []
        left = {
            TopicPartition(*place): self.starts[place]
            for place, end in self.ends.items()
            if end > self.starts[place]
        }
        while left:
            batch = await self._batch(left)
            found += [_record(one, catalogue) for one in batch if self._seen(one)]
            for tp in list(left):
                # not only past records: a transaction's own marks are never given
                left[tp] = await self._consumer.position(tp)
                if left[tp] >= self.ends[Partition(tp.topic, tp.partition)]:
                    del left[tp]
        return found

    def _seen(self, record: Any) -> bool:  # noqa: ANN401 - aiokafka has no type information
        return bool(record.offset < self.ends[Partition(record.topic, record.partition)])

    async def _batch(self, left: Mapping[TopicPartition, int]) -> list[Any]:
        try:
            batches = await self._consumer.getmany(*left, timeout_ms=POLL_MS)
        except Exception as error:
            if not undecodable(error):
                raise
            return [one for tp, at in left.items() for one in await self._salvaged(tp, at)]
        return [one for records in batches.values() for one in records]

    async def _salvaged(self, tp: TopicPartition, at: int) -> list[Any]:
        """What can be read from there on; of a damaged batch the places, as they stand."""
        found = await salvage(self._consumer, tp, at)
        damaged = range(found.next, found.beyond) if found.damage else range(0)
        self._consumer.seek(tp, found.beyond)
        return [*found.records, *(Undecodable(tp.topic, tp.partition, one) for one in damaged)]


@dataclass(frozen=True, slots=True)
class Undecodable:
    """A record whose place is all there is to know."""

    topic: str
    partition: int
    offset: int
    key: None = None
    value: None = None
    headers: tuple[()] = ()


async def dead(bootstrap: str) -> tuple[Dead, ...]:
    """Every dead letter there is."""
    return tuple(
        Dead(
            group=place.group,
            spot=Spot(place.topic, place.partition, place.offset),
            id=letter.header("ce_id"),
        )
        for place, letter in (await buried(bootstrap)).items()
    )


def _by_partition(offsets: Mapping[TopicPartition, int]) -> dict[Partition, int]:
    return {Partition(tp.topic, tp.partition): offset for tp, offset in offsets.items()}


def _record(
    record: Any,  # noqa: ANN401 - aiokafka has no type information
    catalogue: Mapping[str, type[Event]],
) -> Record:
    spot = Spot(record.topic, record.partition, record.offset)
    headers: dict[str, bytes | None] = dict(record.headers)
    kind, id_ = frame(headers, "ce_type"), frame(headers, "ce_id") or ""
    event = catalogue.get(kind or "")
    if event is None:
        return Record(spot=spot, id=id_, type=kind)
    said, wrong = told(event, record.value or b"")
    readable = said is not None and frame(headers, "ce_source") and str(said.event_id) == id_
    # what cannot be read as an event is a matter of dead letters
    wrong = (wrong or flaw(record.value, record.headers)) if readable else ""
    key = said.key if said is not None and readable else ""
    return Record(spot=spot, id=id_, type=kind, key=key, readable=bool(readable), flaw=wrong)


def told(event: type[Event], value: bytes) -> tuple[Event | None, str]:
    """The event as a reader would take it, and what it holds beside its schema's fields."""
    try:
        return event.model_validate_json(value, extra="forbid"), ""
    except ValidationError as strict:
        try:
            return event.of(value), f"holds more than its schema has: {reason(strict)}"
        except ValidationError:
            return None, ""
