"""consume(): how events reach a service's handlers, each once in effect."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from aiokafka import ConsumerRecord
from faststream import AckPolicy

from schemas.envelope import Event
from services.delivery.batch import Batches
from services.delivery.broker import GRACE, Broker
from services.delivery.consumer import Consumer
from services.delivery.database import Sessions
from services.delivery.dead import Graveyard, Limit
from services.delivery.effects import Effects, Handler
from services.delivery.failures import Patience, pause_or_stop
from services.delivery.lossy import WouldLoseEvents
from services.delivery.polled import Polled

HEARTBEAT = 3.0
# as long as a member may take to drain, commits and all: it hears of a rebalance a heartbeat late
# and joins a moment after; below aiokafka's 40 s for an answer, which the others wait for meanwhile
REBALANCE = GRACE + 2 * HEARTBEAT

Records = tuple[ConsumerRecord[bytes, bytes], ...]


def consume(
    broker: Broker,
    handlers: Mapping[type[Event], Handler],
    *,
    group: str,
    sessions: Sessions,
    patience: Patience | None = None,
) -> Consumer:
    """
    A Consumer of *group* that gives each event to its handler, once in effect.

    One for each broker: its topics are those of the *handlers*' events. How patiently it takes
    an event whose handler fails, and when it halts, are settings of the *broker*.
    """
    settings = broker.settings
    if broker.subscribers:
        raise WouldLoseEvents("one consume() for each broker: open another one")
    stopping = asyncio.Event()
    effects = Effects(
        group=group,
        handlers=handlers,
        sessions=sessions,
        patience=patience or Patience(attempts=settings.event_attempts),
        wait=partial(pause_or_stop, stopping),
    )
    graveyard = Graveyard(settings.kafka_bootstrap, group)
    limit = Limit(settings.dead_letters_a_minute)
    batches = Batches(effects=effects, graveyard=graveyard, limit=limit)
    consumer = Consumer(broker, batches, stopping)
    subscribe(broker, consumer, sorted({event.topic for event in handlers}), group)
    return consumer


def subscribe(broker: Broker, consumer: Consumer, topics: list[str], group: str) -> None:
    """Tie *consumer* to *topics*, with every setting that FastStream would default to loss."""
    replica = broker.settings.replica
    subscriber = broker.subscriber(
        *topics,
        group_id=group,
        # a named replica takes its partitions again after a restart without a rebalance
        group_instance_id=f"{group}-{replica}" if replica else None,
        batch=True,
        max_records=500,
        batch_timeout_ms=20,  # slept once more after an empty poll
        ack_policy=AckPolicy.MANUAL,
        auto_offset_reset="earliest",
        session_timeout_ms=10_000,
        heartbeat_interval_ms=int(HEARTBEAT * 1000),
        rebalance_timeout_ms=int(REBALANCE * 1000),
        isolation_level="read_committed",
        listener=consumer,
        parser=parse,
        decoder=decode,
    )

    @subscriber
    async def take(records: list[Any], member: Polled) -> None:
        batch = tuple(records)
        # the message outlives its batch by minutes, in the context of every timer begun for it
        records.clear()
        await consumer.take(batch, member)


async def parse(records: Records, original: Callable[[Records], Awaitable[Any]]) -> Any:
    """
    FastStream's message, its body being the true records.

    It is made of the first alone, with readable headers: the stock parser would decode every
    header of every record, take no null, and cost more than our own validation.
    """
    message = await original((_readable(records[0]),))
    message.body = list(records)
    return message


async def decode(message: Any) -> tuple[list[Any], Polled]:
    """The records, to be validated from their own bytes later, and the consumer they are from."""
    return message.body, message.consumer


def _readable(record: ConsumerRecord[bytes, bytes]) -> ConsumerRecord[bytes, bytes]:
    headers = tuple(
        (name, (value or b"").decode("utf-8", "replace").encode()) for name, value in record.headers
    )
    return replace(record, headers=headers)
