"""The whole way, from rows in a writer's outbox to stored effects, against their upsert alone."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from bench.rates.sending import posted
from bench.rates.stage import BATCH, Stage, events
from schemas.vacancy import VacancyChanged
from services.delivery import inbox, unsent
from services.delivery.broker import open_broker
from services.delivery.consume import consume
from services.delivery.consumer import Consumer
from services.delivery.database import Sessions, open_database
from services.delivery.polled import Polled
from services.delivery.tail import Ack
from services.embedded.processes import Child

NAMES = ("ids", "markets", "profiles", "times", "events")
Row = tuple[UUID, str, str, datetime, UUID]

# what the matcher keeps of a vacancy, in its own table, in one statement
UPSERT = text("""
    insert into matcher.vacancy as kept (vacancy_id, market, profile, profile_at, profile_id)
    select * from unnest(cast(:ids as uuid[]), cast(:markets as text[]),
        cast(:profiles as jsonb[]), cast(:times as timestamptz[]), cast(:events as uuid[]))
    order by 1
    on conflict (vacancy_id) do update set
        market = excluded.market, profile = excluded.profile,
        profile_at = excluded.profile_at, profile_id = excluded.profile_id
    where (excluded.profile_at, excluded.profile_id) > (kept.profile_at, kept.profile_id)
    """)


async def upsert(session: AsyncSession, rows: Sequence[Row]) -> None:
    """The effect, on either side."""
    columns = map(list, zip(*rows, strict=True))
    await session.execute(UPSERT, dict(zip(NAMES, columns, strict=True)))


def row(event: VacancyChanged) -> Row:
    profile = event.vacancy.model_dump_json()
    return event.vacancy_id, "west-midlands", profile, event.occurred_at, event.event_id


async def keep(events: Sequence[VacancyChanged], session: AsyncSession) -> None:
    """A handler whose effect is the upsert and nothing else."""
    await upsert(session, [row(event) for event in events])


@dataclass(kw_only=True)
class Way:
    """A writer's outbox, its relay in a process of its own, and a reader's consumer in this one."""

    stage: Stage
    cls: type[VacancyChanged]
    count: int
    writing: Sessions
    reading: Sessions
    idle: Sessions
    consumer: Consumer
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    posting: list[float] = field(default_factory=list)
    expected: int = 0

    @classmethod
    @asynccontextmanager
    async def opened(cls, stage: Stage, count: int) -> AsyncIterator["Way"]:
        kind = await stage.topic()
        reading = open_database(stage.database, schema="matcher")
        consumer = consume(
            open_broker(stage.settings), {kind: keep}, group="matcher", sessions=reading
        )
        writing = open_database(stage.database, schema="intake")
        # its tables are the same, and nobody relays from there
        idle = open_database(stage.database, schema="review")
        way = cls(stage=stage, cls=kind, count=count, writing=writing, reading=reading,
                  idle=idle, consumer=consumer)  # fmt: skip
        way.watch()
        with TemporaryDirectory(prefix="p2a-bench-") as folder:
            command = [sys.executable, "-m", "bench.rates.writer", stage.database, stage.bootstrap]
            relay = Child(name="the relay", command=command, log=Path(folder) / "log")
            relay.start()
            try:
                await consumer.start()
                yield way
                await consumer.stop()
            finally:
                relay.stop()
                sys.stderr.write(relay.log.read_text())
                for sessions in (writing, reading, idle):
                    await sessions.kw["bind"].dispose()

    def watch(self) -> None:
        """See each batch whose offsets are committed."""
        take = self.consumer.take

        async def seen(records: Sequence[Any], member: Polled) -> None:
            await take(records, member)
            if self.consumer.done >= self.expected:
                self.arrived.set()

        self.consumer.take = seen

    async def delivered(self) -> float:
        """Seconds from the commit of rows in the outbox to the commit of their last offsets."""
        await self._empty()
        new = events(self.cls, self.count)
        self.expected += self.count
        self.arrived.clear()
        async with self.writing.begin() as session:
            self.posting.append(await posted(session, new))
        began = time.perf_counter()
        await self.arrived.wait()
        took = time.perf_counter() - began
        await self._check()
        return took

    async def upserted(self) -> float:
        """Seconds to store the effects' rows alone, all values ready, a transaction each 500."""
        await self._empty()
        ready = [row(event) for event in events(self.cls, self.count)]
        began = time.perf_counter()
        for start in range(0, self.count, BATCH):
            async with self.reading.begin() as session:
                await upsert(session, ready[start : start + BATCH])
        took = time.perf_counter() - began
        await self._check()
        return took

    async def written(self) -> float:
        """The same with the two other rows of each event: its inbox row, its mark in an outbox."""
        await self._empty()
        new = events(self.cls, self.count)
        async with self.idle.begin() as session:
            await posted(session, new)
        ready = [
            (row(event), (event.source(), str(event.event_id)), Ack(event.event_id, "", 0, nth))
            for nth, event in enumerate(new)
        ]
        began = time.perf_counter()
        for start in range(0, self.count, BATCH):
            rows, identities, acks = zip(*ready[start : start + BATCH], strict=True)
            async with self.idle.begin() as session:
                await unsent.note_sent(await session.connection(), acks)
                await inbox.repeats(session, "matcher", identities)
                await upsert(session, rows)
        took = time.perf_counter() - began
        await self._check()
        return took

    async def _empty(self) -> None:
        async with self.reading.begin() as session:
            await session.execute(text("truncate matcher.vacancy"))

    async def _check(self) -> None:
        async with self.reading.begin() as session:
            found = await session.scalar(text("select count(*) from matcher.vacancy"))
        if found != self.count or self.consumer.commits.owed or self.consumer.batches.repeats:
            raise RuntimeError(f"{found} of {self.count} rows stored, or offsets still owed")
