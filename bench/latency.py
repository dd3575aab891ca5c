"""
From an event on Kafka to the shortlist it changes on Kafka, at 50 events a second.

A market of 5,000 learners and 1,000 vacancies stands. A matcher of its own process, as `p2a run
matcher` starts it, reads, computes and publishes; broker and PostgreSQL are embedded. Then for
`SECONDS`, evenly, 50 events a second: 15 learners join and complete (30 events), 10 others move
house or find another interest, 10 vacancies change their title. What is timed are those that
must show: from handing an event to a producer until a consumer has the first shortlist with the
newcomer among its matches, or with the new title. Nobody's end is left out: who is not seen
within a minute fails the run.
"""

import asyncio
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from statistics import median, quantiles
from uuid import UUID, uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from sqlalchemy import text

from bench.figure import Figure, printed
from bench.rates.stage import Stage, as_deployed, staged
from schemas.envelope import Event
from schemas.learner import CourseCompleted, LearnerChanged, LearnerEnrolled, LearnerProfile
from schemas.match import ShortlistProposed
from schemas.vacancy import VacancyChanged, VacancyPledged, VacancyProfile
from services.delivery.database import open_database
from services.delivery.topics import create_topics, declared
from services.embedded.environment import KEPT
from services.embedded.kafka import Kafka
from services.embedded.processes import free_port
from tests.matcher.cohorts import cohort

LEARNERS, VACANCIES, PLEDGED = 5_000, 1_000, 11
SECONDS, JOIN, MOVE, RENAME = 40, 15, 10, 10  # a second: joining is two events
BAR = 0.5  # seconds, for 95 of 100
PATIENCE = 60  # seconds
DAYS_OLD = 30


@dataclass
class Market:
    """What was told of it, and when what must show was told and was seen."""

    chance: random.Random = field(default_factory=lambda: random.Random(8))
    learners: dict[UUID, LearnerProfile] = field(default_factory=dict)
    vacancies: dict[UUID, VacancyProfile] = field(default_factory=dict)
    told: dict[UUID | str, float] = field(default_factory=dict)
    seen: dict[UUID | str, float] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=count)
    renamed: Iterator[UUID] = field(default_factory=lambda: iter(()))

    def begin(self) -> list[Event]:
        """Everybody who is there before the clock starts."""
        inputs = cohort(1, LEARNERS, VACANCIES, pledged=PLEDGED)
        shift = datetime.now(UTC).date() - inputs.today
        events: list[Event] = []
        for vacancy in inputs.vacancies:
            days = {name: getattr(vacancy.profile, name) + shift
                    for name in ("interview_by", "starts_on")}  # fmt: skip
            vacancy_id = uuid4()
            self.vacancies[vacancy_id] = vacancy.profile.model_copy(update=days)
            events.append(VacancyPledged(**now(), vacancy_id=vacancy_id,
                                         vacancy=self.vacancies[vacancy_id]))  # fmt: skip
        for learner in inputs.learners:
            events += self.join(learner.profile)
        self.told.clear()
        # each once: a title that is replaced at once need never be shown
        self.renamed = iter(self.chance.sample([*self.vacancies], len(self.vacancies)))
        return events

    def join(self, profile: LearnerProfile | None = None) -> list[Event]:
        """A completer more, like somebody who is there; everybody can travel."""
        like = profile or self.chance.choice([*self.learners.values()])
        mine = like.model_copy(update={"max_miles": None, "available_from": None})
        learner_id = uuid4()
        self.learners[learner_id] = mine
        done = datetime.now(UTC).date() - timedelta(days=self.chance.randrange(1, DAYS_OLD))
        self.told[learner_id] = time.perf_counter()
        return [
            LearnerEnrolled(**now(), learner_id=learner_id, learner=mine),
            CourseCompleted(**now(), learner_id=learner_id, course_id=mine.course.course_id,
                            completed_on=done),
        ]  # fmt: skip

    def move(self) -> list[Event]:
        """Somebody has another outcode and interest."""
        learner_id = self.chance.choice([*self.learners])
        facts = {"outcode": self.chance.choice(("B1", "B5", "CV1", "DY1", "WS1", "WV1")),
                 "interests": (self.chance.randint(1, 15),)}  # fmt: skip
        self.learners[learner_id] = self.learners[learner_id].model_copy(update=facts)
        return [LearnerChanged(**now(), learner_id=learner_id, learner=self.learners[learner_id])]

    def rename(self) -> list[Event]:
        """A vacancy has another title, which its shortlist shows."""
        vacancy_id = next(self.renamed)
        title = f"Apprentice machinist {next(self.numbers)}"
        changed = self.vacancies[vacancy_id].model_copy(update={"title": title})
        self.vacancies[vacancy_id] = changed
        self.told[title] = time.perf_counter()
        return [VacancyChanged(**now(), vacancy_id=vacancy_id, vacancy=changed)]

    def look(self, value: bytes) -> None:
        """What a shortlist shows."""
        at, shortlist = time.perf_counter(), json.loads(value)
        learners = (UUID(match["learner_id"]) for match in shortlist["matches"])
        for key in (shortlist["vacancy"]["title"], *learners):
            if key in self.told:
                self.seen.setdefault(key, at)


def now() -> dict[str, object]:
    return {"event_id": uuid4(), "occurred_at": datetime.now(UTC)}


@contextmanager
def matcher(stage: Stage) -> Iterator[None]:
    """A matcher in a process of its own."""
    told = {name: os.environ[name] for name in KEPT if name in os.environ} | {
        "P2A_DATABASE_URL": stage.database,
        "P2A_KAFKA_BOOTSTRAP": stage.bootstrap,
        "P2A_VALKEY_URL": "redis://127.0.0.1:1/0",
        "P2A_PORT": str(free_port()),
    }
    command = [sys.executable, "-m", "services.cli", "run", "matcher"]
    with subprocess.Popen(command, env=told, stdout=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.terminate()


async def send(producer: AIOKafkaProducer, events: list[Event]) -> None:
    for e in events:
        headers = [(name, value.encode()) for name, value in e.headers().items()]
        await producer.send(e.topic, value=e.value(), key=e.key.encode(), headers=headers)


async def measured(stage: Stage) -> list[float]:
    """The seconds each of those took that must show."""
    market = Market()
    await create_topics(stage.bootstrap, declared(), single_node=True)
    consumer = AIOKafkaConsumer(ShortlistProposed.topic, bootstrap_servers=stage.bootstrap,
                                auto_offset_reset="earliest")  # fmt: skip
    await consumer.start()
    reading = asyncio.create_task(read(consumer, market))
    with matcher(stage):
        async with stage.producer() as producer:
            before = market.begin()
            await send(producer, before)
            await producer.flush()
            await quiet(stage.database, len(before))
            began = time.perf_counter()
            for second in range(SECONDS):
                acts = [market.join] * JOIN + [market.move] * MOVE + [market.rename] * RENAME
                market.chance.shuffle(acts)
                for place, act in enumerate(acts):
                    due = began + second + place / len(acts)
                    await asyncio.sleep(max(0.0, due - time.perf_counter()))
                    await send(producer, act())
            for _ in range(PATIENCE * 20):
                if not (missing := market.told.keys() - market.seen.keys()):
                    break
                await asyncio.sleep(0.05)
    reading.cancel()
    await consumer.stop()
    if missing:
        raise RuntimeError(f"{len(missing)} of {len(market.told)} were not seen in {PATIENCE} s")
    return [market.seen[key] - at for key, at in market.told.items()]


async def read(consumer: AIOKafkaConsumer, market: Market) -> None:
    async for record in consumer:
        if dict(record.headers)["ce_type"] == ShortlistProposed.ce_type().encode():
            market.look(record.value)


async def quiet(database: str, events: int) -> None:
    """Come back when the matcher has taken so many *events*, and its market had its round."""
    sessions = open_database(database, schema="matcher")
    while True:
        async with sessions() as session:
            taken = await session.scalar(text("select count(*) from inbox"))
            behind = await session.scalar(
                text("select count(*) from market where revision > round_revision")
            )
        if taken == events and not behind:
            break
        await asyncio.sleep(0.5)
    await sessions.kw["bind"].dispose()


def figures() -> Iterator[Figure]:
    """How long it takes half of them, and 95 of 100."""
    with staged(Kafka) as stage:
        took = asyncio.run(measured(stage))
    p95 = quantiles(took, n=20)[-1]
    name = f"event to shortlist {LEARNERS} x {VACANCIES}"
    rate = f"{2 * JOIN + MOVE + RENAME} events/s"
    yield Figure(name=f"{name}, p50", figure=f"{median(took):.2f} s", baseline=rate)
    yield Figure(
        name=f"{name}, p95 of {len(took)}",
        figure=f"{p95:.2f} s",
        baseline=rate,
        bar=f"<= {BAR} s",
        held=p95 <= BAR,
    )


if __name__ == "__main__":
    as_deployed()
    sys.exit(printed(figures()))
