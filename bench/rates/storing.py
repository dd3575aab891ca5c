"""The whole way, from rows in a writer's outbox to stored effects, against their upsert alone."""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from bench.rates.sending import posted
from bench.rates.stage import BATCH, Stage, Took, events, now, since
from schemas.vacancy import VacancyChanged
from services.delivery import inbox, unsent
from services.delivery.broker import open_broker
from services.delivery.consume import consume
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
    """A writer's relay in a process of its own, and a reader, anew for each round, in this one."""

    stage: Stage
    count: int
    writing: Sessions
    reading: Sessions
    # its tables are the same, and nobody relays from there
    idle: Sessions
    posting: list[float] = field(default_factory=list)

    @classmethod
    @asynccontextmanager
    async def opened(cls, stage: Stage, count: int) -> AsyncIterator["Way"]:
        writing, reading, idle = (
            open_database(stage.database, schema=schema)
            for schema in ("intake", "matcher", "review")
        )
        with TemporaryDirectory(prefix="p2a-bench-") as folder:
            command = [sys.executable, "-m", "bench.rates.writer", stage.database, stage.bootstrap]
            relay = Child(name="the relay", command=command, log=Path(folder) / "log")
            relay.start()
            try:
                yield cls(stage=stage, count=count, writing=writing, reading=reading, idle=idle)
            finally:
                relay.stop()
                sys.stderr.write(relay.log.read_text())
                for sessions in (writing, reading, idle):
                    await sessions.kw["bind"].dispose()

    async def delivered(self) -> Took:
        """From the commit of rows in the outbox to the commit of their last offsets."""
        await self._empty()
        kind = await self.stage.topic()
        new = events(kind, self.count)
        async with self._consuming(kind) as arrived:
            async with self.writing.begin() as session:
                self.posting.append((await posted(session, new)).clock)
            began = now()
            await arrived.wait()
            took = since(began)
        await self._check()
        await self.stage.empty(kind.topic)
        return took

    async def upserted(self) -> Took:
        """To store the effects' rows alone, all values ready, a transaction each 500."""
        await self._empty()
        ready = [row(event) for event in events(VacancyChanged, self.count)]
        began = now()
        for start in range(0, self.count, BATCH):
            async with self.reading.begin() as session:
                await upsert(session, ready[start : start + BATCH])
        took = since(began)
        await self._check()
        return took

    async def written(self) -> Took:
        """The same with the two other rows of each event: its inbox row, its mark in an outbox."""
        await self._empty()
        new = events(VacancyChanged, self.count)
        async with self.idle.begin() as session:
            await posted(session, new)
        ready = [
            (row(event), (event.source(), str(event.event_id)), Ack(event.event_id, "", 0, nth))
            for nth, event in enumerate(new)
        ]
        began = now()
        for start in range(0, self.count, BATCH):
            rows, identities, acks = zip(*ready[start : start + BATCH], strict=True)
            async with self.idle.begin() as session:
                await unsent.note_sent(await session.connection(), acks)
                await inbox.take(session, "matcher", identities)
                await upsert(session, rows)
        took = since(began)
        await self._check()
        return took

    @asynccontextmanager
    async def _consuming(self, kind: type[VacancyChanged]) -> AsyncIterator[asyncio.Event]:
        """A consumer in a group of its own, and the sign that all it is sent is committed."""
        consumer = consume(
            open_broker(self.stage.settings), {kind: keep},
            group=f"reader-{uuid4().hex}", sessions=self.reading,
        )  # fmt: skip
        take, arrived = consumer.take, asyncio.Event()

        async def seen(records: Sequence[Any], member: Polled) -> None:
            await take(records, member)
            if consumer.batches.handled == self.count and not consumer.commits.owed:
                arrived.set()

        consumer.take = seen
        await consumer.start()
        while await consumer.waiting():  # noqa: ASYNC110  # until it is a member of its group
            await asyncio.sleep(0.05)
        yield arrived
        await consumer.stop()

    async def _empty(self) -> None:
        async with self.reading.begin() as session:
            await session.execute(text("truncate matcher.vacancy"))

    async def _check(self) -> None:
        async with self.reading.begin() as session:
            found = await session.scalar(text("select count(*) from matcher.vacancy"))
        if found != self.count:
            raise RuntimeError(f"{found} of {self.count} rows are stored")
