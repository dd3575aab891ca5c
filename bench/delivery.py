"""
Delivery's rates on the embedded broker and on one node of Apache Kafka, each against a baseline.

Every pair is measured in one run, in turns, on the same servers: the median of five, after a
round that does not count. Events are the catalogue's VacancyChanged, about 1 kB with headers.

**consuming**: 20,000 events of a topic with 6 partitions. The baseline is aiokafka alone:
`getmany` of up to 500 records, each validated as ours are (`model_validate_json` by its `ce_type`,
a source, an id that is the event's), one explicit commit a batch. Ours is `consume()` as services
call it, its database replaced by sessions whose statements do nothing. Both in one process, from
the first batch at hand to the last commit. The bar is on processor time, which busy neighbours
change little; by the clock both also wait for the broker, which is reported.

**outbox to effect**: 15,000 rows stand in a writer's outbox. Ours is their way through the
relay (a process of its own, as the writer's is), the broker, the consumer, the inbox and a
handler, in the reader's process; by the clock, from their commit in the outbox to the commit of
their last offsets. The handler's effect is one upsert of up to 500 rows into the matcher's own
table of vacancies. The baseline stores the same rows with nothing else: an event leaves three in
PostgreSQL (that it was sent, that it was had, its effect), and these are written by the same
statements and driver into the same tables and indexes, 500 events in a transaction, all values
ready. No event is read, no JSON made, nothing sent. Beside it stands, without a bar, the upsert
of the effects alone.

**relay** and **posting** are reported without a bar: 5,000 rows sent and recorded, against
aiokafka's `send` and `gather` of the same ready bytes, 500 in flight; and rows put in an outbox.

`python -m bench.delivery [embedded|apache]` measures one broker alone.
"""

import asyncio
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from statistics import median

from bench.figure import Figure, printed
from bench.rates import consuming, sending
from bench.rates.stage import Stage, Took, as_deployed, events, in_turns, staged
from bench.rates.storing import Way
from services.delivery.database import open_database
from services.embedded.apache import Apache
from services.embedded.kafka import Kafka
from services.embedded.processes import ServerDidNotStart

BROKERS = {"embedded": Kafka, "apache": Apache}
CONSUMED, SENT, STORED = 20_000, 5_000, 15_000
CONSUMING, STORING = 0.9, 0.5  # the bars


async def sent(stage: Stage) -> list[Figure]:
    """The relay alone."""
    cls = await stage.topic()
    sessions = open_database(stage.database, schema="intake")

    async def raw() -> Took:
        async with stage.producer() as producer:
            took = await sending.raw(producer, events(cls, SENT))
        await stage.empty(cls.topic)
        return took

    async def ours() -> Took:
        took = await sending.relayed(stage, sessions, events(cls, SENT + 1))
        await stage.empty(cls.topic)
        return took

    theirs, relay = await in_turns(raw, ours)
    await sessions.kw["bind"].dispose()
    return [compared(f"relay, {stage.broker}", SENT, relay.clock, theirs.clock, "send+gather")]


async def consumed(stage: Stage) -> list[Figure]:
    """The consumer without its database."""
    cls = await stage.topic()
    async with stage.producer() as producer:
        await sending.raw(producer, events(cls, CONSUMED))
    raw, ours = await in_turns(
        partial(consuming.raw, stage, cls, CONSUMED), partial(consuming.ours, stage, cls, CONSUMED)
    )
    await stage.empty(cls.topic)
    name = f"consuming, {stage.broker}"
    busy = compared(name, CONSUMED, ours.processor, raw.processor, "aiokafka")
    return [
        barred(busy, raw.processor / ours.processor, CONSUMING),
        compared(f"{name}, by the clock", CONSUMED, ours.clock, raw.clock, "aiokafka"),
    ]


async def stored(stage: Stage) -> list[Figure]:
    """The whole way, and how fast its rows were posted."""
    async with Way.opened(stage, STORED) as way:
        ours, same, alone = await in_turns(way.delivered, way.written, way.upserted)
    name = f"outbox to effect, {stage.broker}"
    return [
        barred(
            compared(name, STORED, ours.clock, same.clock, "same rows"),
            same.clock / ours.clock,
            STORING,
        ),
        compared(name, STORED, ours.clock, alone.clock, "effects alone"),
        Figure(name=f"posting, {stage.broker}", figure=rate(STORED, median(way.posting))),
    ]


def compared(name: str, count: int, ours: float, theirs: float, whose: str) -> Figure:
    """*count* events in *ours* seconds, beside the baseline's *theirs*."""
    figure = f"{rate(count, ours)}, {theirs / ours:.2f}x"
    return Figure(name=name, figure=figure, baseline=f"{whose} {rate(count, theirs)}")


def barred(figure: Figure, ratio: float, bar: float) -> Figure:
    return replace(figure, bar=f">= {bar}x", held=ratio >= bar)


def rate(count: int, seconds: float) -> str:
    return f"{count / seconds / 1000:.1f} k/s"


def figures() -> Iterator[Figure]:
    """All of them; a broker that cannot be had is a failure where nobody would notice."""
    for name in sys.argv[1:] or BROKERS:
        try:
            with staged(BROKERS[name]) as stage:
                for each in (sent, consumed, stored):
                    yield from asyncio.run(each(stage))
        except ServerDidNotStart as missing:
            print(f"delivery on {name} is not measured: {missing}")
            yield Figure(name=f"delivery on {name}", figure="none", held="CI" not in os.environ)


if __name__ == "__main__":
    as_deployed()
    sys.exit(printed(figures()))
