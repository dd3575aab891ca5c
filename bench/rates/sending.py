"""Sending: rows that wait in an outbox, by the relay, against aiokafka's send and gather."""

import asyncio
from collections.abc import Callable, Sequence

from aiokafka import AIOKafkaProducer
from sqlalchemy.ext.asyncio import AsyncSession

from bench.rates.stage import BATCH, Stage, Took, now, since
from schemas.envelope import Event
from services.delivery.database import Sessions
from services.delivery.outbox import post
from services.delivery.relay import Relay


async def raw(producer: AIOKafkaProducer, events: Sequence[Event]) -> Took:
    """From ready bytes to the last acknowledgement, 500 in flight."""
    ready = [
        (e.topic, e.value(), e.key.encode(), [(n, v.encode()) for n, v in e.headers().items()])
        for e in events
    ]
    began = now()
    for start in range(0, len(ready), BATCH):
        futures = [
            await producer.send(topic, value=value, key=key, headers=headers)
            for topic, value, key, headers in ready[start : start + BATCH]
        ]
        await asyncio.gather(*futures)
    return since(began)


async def posted(session: AsyncSession, events: Sequence[Event]) -> Took:
    """To put *events* in the outbox by posts of 500; nothing of the commit."""
    began = now()
    for start in range(0, len(events), BATCH):
        await post(session, *events[start : start + BATCH])
    return since(began)


async def relayed(stage: Stage, sessions: Sessions, events: Sequence[Event]) -> Took:
    """How long a relay that runs takes to send and record all *events* but the first."""
    relay = Relay(stage.settings, sessions, service="intake")
    await relay.start()
    async with sessions.begin() as session:
        await posted(session, events[:1])
    await eventually(lambda: relay.done)
    async with sessions.begin() as session:
        await posted(session, events[1:])
    began = now()
    await eventually(lambda: relay.done == len(events))
    took = since(began)
    await relay.stop()
    return took


async def eventually(true: Callable[[], object]) -> None:
    """Come back within a millisecond of it."""
    while not true():  # noqa: ASYNC110  # the relay counts, and tells nobody
        await asyncio.sleep(0.001)
