"""What a broker test needs: a topic, a group and a database of its own, and ways to look."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID, uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.envelope import Event
from services.delivery.broker import open_broker
from services.delivery.consume import consume
from services.delivery.consumer import Consumer
from services.delivery.database import Sessions, open_database
from services.delivery.failures import Patience
from services.delivery.outbox import post
from services.delivery.relay import Relay
from services.delivery.settings import DeliverySettings
from services.delivery.topics import Topic, create_topics, dead_topic
from tests.broker import brokers, wire
from tests.broker.wire import Raw
from tests.waiting import eventually

# the suite shares its processors with a JVM
LIMIT = 60.0 if brokers.APACHE else 20.0
NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)
QUICK = Patience(attempts=5, first=0.005, longest=0.02)
Headers = list[tuple[str, bytes | None]]


class NotedEvent(Event):
    """A fact of no meaning, so that each test can have a topic of its own."""

    key_field: ClassVar[str] = "thing"
    writer: ClassVar[str] = "intake"
    thing: UUID
    note: str = ""


def noted_on(name: str) -> type[NotedEvent]:
    """A class of events on topic *name*."""

    class Noted(NotedEvent):
        topic: ClassVar[str] = name

    return Noted


@dataclass
class Rig:
    """Everything of one test on one broker and one database."""

    bootstrap: str
    database: str
    topic: str = field(default_factory=lambda: f"test.{uuid4().hex[:8]}")
    group: str = field(default_factory=lambda: f"group-{uuid4().hex[:8]}")
    replicas: int = 1
    running: list[Consumer | Relay] = field(default_factory=list)
    opened_sessions: list[Sessions] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.noted = noted_on(self.topic)
        self.writing = self.sessions("intake")
        self.reading = self.sessions("matcher")

    @classmethod
    @asynccontextmanager
    async def opened(
        cls, bootstrap: str, database: str, *, replicas: int = 1
    ) -> AsyncIterator[Rig]:
        rig = cls(bootstrap, database, replicas=replicas)
        await rig.make_topics()
        async with rig.reading.begin() as session:
            await session.execute(
                text("create table effects (nth serial, id uuid, note text, by text)")
            )
        yield rig
        await rig.close()

    async def close(self) -> None:
        """Stop what runs and disconnect."""
        for part in self.running:
            await part.stop()
        for sessions in self.opened_sessions:
            await sessions.kw["bind"].dispose()

    @property
    def dead(self) -> str:
        return dead_topic(self.topic, self.group)

    async def make_topics(self, partitions: int = 2) -> None:
        topics = [
            Topic(self.topic, partitions, self.replicas, {}),
            Topic(self.dead, 1, self.replicas, {"max.message.bytes": "2097152"}),
        ]
        await create_topics(self.bootstrap, topics, single_node=self.replicas == 1)

    def sessions(self, schema: str) -> Sessions:
        made = open_database(self.database, schema=schema)
        self.opened_sessions.append(made)
        return made

    def settings(self, replica: str = "", **others: Any) -> DeliverySettings:
        return DeliverySettings(
            database_url=self.database,
            kafka_bootstrap=self.bootstrap,
            valkey_url="redis://127.0.0.1:1/0",
            replica=replica,
            **others,
        )

    def event(self, note: str = "", **given: Any) -> NotedEvent:
        facts = {"event_id": uuid4(), "occurred_at": NOON, "thing": uuid4(), "note": note}
        return self.noted(**(facts | given))

    async def consumer(
        self,
        handler: Any = None,
        *,
        replica: str = "",
        patience: Patience | None = QUICK,
        **settings: Any,
    ) -> Consumer:
        """A started consumer; without a *handler* its events' effects go to the table."""
        consumer = consume(
            open_broker(self.settings(replica, **settings)),
            {self.noted: handler or self.effects(by=replica)},
            group=self.group,
            sessions=self.sessions("matcher"),
            patience=patience,
        )
        await consumer.start()
        self.running.append(consumer)
        return consumer

    async def relay(self) -> Relay:
        relay = Relay(self.settings(), self.sessions("intake"), service="intake")
        await relay.start()
        self.running.append(relay)
        return relay

    async def stop(self, part: Consumer | Relay) -> None:
        self.running.remove(part)
        await part.stop()

    def effects(self, by: str = "0") -> Any:
        async def write(events: Sequence[NotedEvent], session: AsyncSession) -> None:
            await session.execute(
                text("insert into effects (id, note, by) values (:id, :note, :by)"),
                [{"id": event.event_id, "note": event.note, "by": by} for event in events],
            )

        return write

    async def post(self, *events: Event) -> None:
        async with self.writing.begin() as session:
            await post(session, *events)

    async def send(
        self, *records: tuple[bytes | None, Headers], key: bytes | None = b"k", partition: int = 0
    ) -> None:
        """Write records past the relay, as somebody else's program might."""
        producer = AIOKafkaProducer(bootstrap_servers=self.bootstrap)
        await producer.start()
        for value, headers in records:
            await producer.send_and_wait(
                self.topic, value=value, key=key, headers=headers, partition=partition
            )
        await producer.stop()

    async def send_empty(self) -> None:
        """A record without key, value and headers."""
        await self.send_batch(wire.batch([Raw(None, None)]))

    async def send_undecodable(self) -> None:
        """A batch compressed in a way that no client of ours can read."""
        await self.send_batch(wire.batch([Raw(b"k", b"x")], codec="zstd"))

    async def send_batch(self, batch: bytes, partition: int = 0) -> int:
        """Write a batch as its bytes say; answers the offset of its first record."""
        async with wire.sender(self.bootstrap, self.topic) as send:
            return await send(batch, partition)

    async def had(self) -> Counter[UUID]:
        """How often each event took effect."""
        async with self.reading() as session:
            return Counter(await session.scalars(text("select id from effects")))

    async def log(self, topic: str | None = None) -> list[ConsumerRecord]:
        """Every record of *topic*, by partition and offset."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.bootstrap, auto_offset_reset="earliest")
        await consumer.start()
        try:
            name = topic or self.topic
            places = [TopicPartition(name, n) for n in range(await self.partitions(name))]
            consumer.assign(places)
            ends = await consumer.end_offsets(places)
            found: list[ConsumerRecord] = []
            while sum(ends.values()) > len(found):
                batches = await consumer.getmany(timeout_ms=200)
                found += [record for batch in batches.values() for record in batch]
        finally:
            await consumer.stop()
        return sorted(found, key=lambda record: (record.partition, record.offset))

    async def partitions(self, topic: str) -> int:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        (found,) = await admin.describe_topics([topic])
        await admin.close()
        return len(found["partitions"])

    async def committed(self) -> dict[TopicPartition, int]:
        """What the group has committed."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        offsets = await admin.list_consumer_group_offsets(self.group)
        await admin.close()
        return {tp: found.offset for tp, found in offsets.items() if found.offset >= 0}

    async def all_had(self, events: Sequence[Event], *, limit: float = LIMIT) -> Counter[UUID]:
        """Wait until every event took effect; answers how often each did."""
        wanted = {event.event_id for event in events}

        async def look() -> Counter[UUID] | None:
            had = await self.had()
            return had if wanted <= set(had) else None

        return await eventually(look, limit=limit, what=f"the effect of {len(wanted)} events")

    async def quiet(self, *parts: Consumer | Relay, limit: float = LIMIT) -> None:
        """Wait until nothing waits in any of *parts*."""

        async def look() -> bool:
            return not any([await part.waiting() for part in parts])

        await eventually(look, limit=limit, what="quiet")


def frame(event: Event, **changed: bytes | None) -> Headers:
    """The event's headers as bytes, some *changed*."""
    headers: dict[str, bytes | None] = {k: v.encode() for k, v in event.headers().items()}
    return list((headers | changed).items())
