"""Consumption: raw aiokafka with our validation and commits, against `consume()` itself."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, ConsumerRecord
from sqlalchemy import TextClause
from sqlalchemy.ext.asyncio import AsyncSession

from bench.rates.stage import BATCH, Stage, Took, now, since
from schemas import CATALOGUE
from schemas.envelope import Event
from services.delivery.broker import open_broker
from services.delivery.consume import consume
from services.delivery.database import Sessions
from services.delivery.polled import Polled


async def raw(stage: Stage, cls: type[Event], count: int) -> Took:
    """From the first batch to the last commit of *count* events, by aiokafka alone."""
    catalogue = {**CATALOGUE, cls.ce_type(): cls}
    consumer = AIOKafkaConsumer(
        cls.topic,
        bootstrap_servers=stage.bootstrap,
        group_id=f"raw-{uuid4().hex}",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        isolation_level="read_committed",
    )
    await consumer.start()
    began, done = None, 0
    while done < count:
        batches = await consumer.getmany(timeout_ms=20, max_records=BATCH)
        began = began or (now() if batches else None)
        ends, read = {}, []
        for tp, records in batches.items():
            read += [validated(record, catalogue) for record in records]
            ends[tp] = records[-1].offset + 1
        if ends:
            await consumer.commit(ends)
        done += len(read)
    took = since(began or now())
    await consumer.stop()
    return took


def validated(record: ConsumerRecord[bytes, bytes], catalogue: Mapping[str, type[Event]]) -> Event:
    """What `consume()` makes sure of: a known type, the other attributes there, one id."""
    headers = dict(record.headers)
    event = catalogue[headers["ce_type"].decode()].model_validate_json(record.value)
    if not headers["ce_source"].decode() or headers["ce_id"].decode() != str(event.event_id):
        raise ValueError("no event of ours")
    return event


async def ours(stage: Stage, cls: type[Event], count: int) -> Took:
    """The same by `consume()`, its database a session that does nothing."""

    async def nothing(events: Sequence[Any], session: AsyncSession) -> None:
        pass

    consumer = consume(
        open_broker(stage.settings),
        {cls: nothing},
        group=f"ours-{uuid4().hex}",
        sessions=cast("Sessions", NoDatabase()),
    )
    began, done = None, asyncio.Event()
    take = consumer.take

    async def timed(records: Sequence[Any], member: Polled) -> None:
        nonlocal began
        began = began or now()
        await take(records, member)
        if consumer.done == count:
            done.set()

    consumer.take = timed
    await consumer.start()
    await done.wait()
    took = since(began or now())
    if consumer.batches.handled != count or consumer.commits.owed:
        raise RuntimeError(f"{consumer.batches.handled} of {count} events had their effect")
    await consumer.stop()
    return took


class NoDatabase:
    """Sessions whose statements do nothing: no event is a repeat."""

    @asynccontextmanager
    async def begin(self) -> AsyncIterator["NoDatabase"]:
        yield self

    async def execute(self, _: TextClause, __: dict[str, Any]) -> list[tuple[str, str]]:
        return []
