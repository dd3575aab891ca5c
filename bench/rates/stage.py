"""Where delivery is measured: a broker, a PostgreSQL, and real events to send."""

import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import ClassVar, NamedTuple
from uuid import uuid4

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.records_to_delete import RecordsToDelete

from bench.figure import ROUNDS
from schemas import vacancy
from services.cli.run import collect_rarely
from services.delivery.migrations import migrate
from services.delivery.producer import close_producer, open_producer
from services.delivery.settings import DeliverySettings
from services.delivery.topics import Topic, create_topics
from services.embedded.apache import Apache
from services.embedded.kafka import Kafka
from services.embedded.postgres import Postgres

BATCH = 500
PARTITIONS = 6  # as deploy/topics.yaml has them
EXAMPLE = Path(__file__).parents[2] / "schemas" / "examples" / "p2a.VacancyChanged.v1.json"


class Took(NamedTuple):
    """Seconds by the clock, and of this process's own processor time."""

    clock: float
    processor: float


def now() -> Took:
    return Took(time.perf_counter(), time.process_time())


def since(began: Took) -> Took:
    return Took(*(end - start for start, end in zip(began, now(), strict=True)))


Measured = Callable[[], Awaitable[Took]]


@dataclass(frozen=True, slots=True)
class Stage:
    """One broker and one PostgreSQL, both on this machine."""

    broker: str
    bootstrap: str
    database: str

    @property
    def settings(self) -> DeliverySettings:
        return DeliverySettings(
            database_url=self.database,
            kafka_bootstrap=self.bootstrap,
            valkey_url="redis://127.0.0.1:1/0",  # nothing here asks it
        )

    async def topic(self) -> type[vacancy.VacancyChanged]:
        """The class of events on a new topic."""
        name = f"bench.{uuid4().hex[:8]}"
        await create_topics(self.bootstrap, [Topic(name, PARTITIONS, 1, {})], single_node=True)
        return changed_on(name)

    async def empty(self, topic: str) -> None:
        """Delete the records of *topic*: the embedded broker is never idle with what it holds."""
        places = [TopicPartition(topic, number) for number in range(PARTITIONS)]
        consumer = AIOKafkaConsumer(bootstrap_servers=self.bootstrap)
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await consumer.start()
        await admin.start()
        ends = await consumer.end_offsets(places)
        await admin.delete_records({tp: RecordsToDelete(end) for tp, end in ends.items()})
        await admin.close()
        await consumer.stop()

    @asynccontextmanager
    async def producer(self) -> AsyncIterator[AIOKafkaProducer]:
        """A producer of aiokafka's, set as the relay sets it."""
        producer = await open_producer(self.bootstrap)
        yield producer
        await close_producer(producer)


def changed_on(name: str) -> type[vacancy.VacancyChanged]:
    """VacancyChanged as it is, on the topic *name*."""

    class VacancyChanged(vacancy.VacancyChanged):
        topic: ClassVar[str] = name

    return VacancyChanged


def events(cls: type[vacancy.VacancyChanged], count: int) -> list[vacancy.VacancyChanged]:
    """*count* events as the catalogue's example has it, each of a vacancy of its own."""
    example = cls.of(EXAMPLE.read_bytes())
    return [
        example.model_copy(update={"event_id": uuid4(), "vacancy_id": uuid4()})
        for _ in range(count)
    ]


@contextmanager
def staged(server: type[Kafka] | type[Apache]) -> Iterator[Stage]:
    """A stage with a broker of kind *server*; raises ServerDidNotStart when there is none."""
    # PostgreSQL, which is not root, must reach its folder
    with TemporaryDirectory(prefix="p2a-bench-") as folder:
        Path(folder).chmod(0o755)
        broker, postgres = server(Path(folder) / "broker"), Postgres(Path(folder) / "postgres")
        try:
            bootstrap, database = broker.start(), postgres.start()
            migrate(database)
            yield Stage("Apache Kafka" if server is Apache else "embedded", bootstrap, database)
        finally:
            postgres.stop()
            broker.stop()


async def in_turns(*works: Measured) -> list[Took]:
    """The medians of what each work says it took, after one round that does not count."""
    taken: list[list[Took]] = [[] for _ in works]
    for _ in range(1 + ROUNDS):
        for times, work in zip(taken, works, strict=True):
            times.append(await work())
    return [Took(*map(median, zip(*times[1:], strict=True))) for times in taken]


def as_deployed() -> None:
    """Collect garbage as `p2a run` does, and say only what went wrong."""
    quiet = structlog.make_filtering_bound_logger(logging.WARNING)
    structlog.configure(wrapper_class=quiet)
    for library in ("aiokafka", "p2a.kafka"):
        logging.getLogger(library).setLevel(logging.CRITICAL)
    collect_rarely()
