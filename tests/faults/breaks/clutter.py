"""What a topic may hold that it should not: repeats in any order, and what nobody can read."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from services.audit.history import Spot
from services.audit.readers import reading
from services.delivery.topics import partitions
from tests.faults.arena import Arena, Cell, Times
from tests.waiting import until

HUGE = 900_000
FEW, MORE = 3, 8
LIMIT_SETTING = "P2A_DEAD_LETTERS_A_MINUTE"
Raw = tuple[bytes | None, bytes | None, list[tuple[str, bytes | None]]]
NO_HEADERS: Raw = (None, b"{}", [])


def unreadables(kind: bytes) -> list[Raw]:
    """Dead letters of every group that handles *kind*: each is wrong in its own way."""
    return [
        (b"k", None, [("ce_type", kind)]),
        (b"k", b"", []),
        (b"k", b"\xff\xfe{", [("ce_type", kind)]),
        (b"k", b"x" * HUGE, [("ce_type", kind)]),
        NO_HEADERS,
        (b"k", b"{}", [("ce_type", None)]),
        (b"k", b"{}", [("ce_type", b"\xff\xfe"), ("ce_id", b"\xff")]),
    ]


def topics_of(service: str) -> list[str]:
    """What *service* reads."""
    return [topic for topic, groups in reading().items() if service in groups]


def kind_of(service: str) -> bytes:
    """A type that *service* handles, of the first of its topics."""
    return min(reading()[topics_of(service)[0]][service]).encode()


def again(service: str) -> Cell:
    """Every record its topics hold comes again, shuffled."""
    return Cell(
        fault="every record again, shuffled", service=service, breaks=partial(_again, service)
    )


@contextmanager
def _again(service: str, arena: Arena) -> Iterator[Times]:
    topics = topics_of(service)
    bootstrap = arena.whole.kafka.bootstrap
    sent = until(lambda: asyncio.run(_repeat(bootstrap, topics)), what="a record to repeat")
    yield lambda: sent


def unreadable(service: str) -> Cell:
    """Records nobody can read stand among the others: each becomes a dead letter."""
    return Cell(
        fault="null, huge and unreadable records", service=service,
        breaks=partial(_unreadable, service), least=len(unreadables(b"")),
    )  # fmt: skip


@contextmanager
def _unreadable(service: str, arena: Arena) -> Iterator[Times]:
    count = arena.heard('"dead letter"', service)
    throw(arena, topics_of(service)[0], unreadables(kind_of(service)))
    yield count


def halted(service: str) -> Cell:
    """More dead letters than its limit: it halts, and goes on when somebody has looked."""
    return Cell(
        fault="dead-letter limit reached", service=service, breaks=partial(_halted, service),
        short=False,
    )  # fmt: skip


@contextmanager
def _halted(service: str, arena: Arena) -> Iterator[Times]:
    own = arena.whole.own[service]
    own[LIMIT_SETTING] = str(FEW)
    arena.whole.restart(service)
    del own[LIMIT_SETTING]
    not_json = (b"k", b"\xff\xfe{", [("ce_type", kind_of(service))])
    throw(arena, topics_of(service)[0], [not_json] * MORE)
    yield lambda: int("halted" in _troubles(arena.whole.url(service)))
    # and no further than its limit meanwhile: the letters are counted by the audit
    arena.whole.restart(service)


def _troubles(url: str) -> str:
    try:
        return httpx.get(f"{url}/readyz", timeout=5).text
    except httpx.HTTPError:
        return ""


def throw(arena: Arena, topic: str, raws: Sequence[Raw]) -> None:
    """Write *raws* to *topic*; the judge knows that they are not ours."""
    spots = asyncio.run(_written(arena.whole.kafka.bootstrap, topic, raws))
    arena.judge.foreign |= {str(spot) for spot in spots}


async def _written(bootstrap: str, topic: str, raws: Sequence[Raw]) -> list[Spot]:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        sent = [
            await producer.send(topic, key=key, value=value, headers=headers)
            for key, value, headers in raws
        ]
        return [Spot(one.topic, one.partition, one.offset) for one in await asyncio.gather(*sent)]


async def _repeat(bootstrap: str, topics: Sequence[str]) -> int:
    records = await _read(bootstrap, topics)
    random.Random(len(records)).shuffle(records)
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        sent = [
            await producer.send(
                one.topic, key=one.key, value=one.value, headers=list(one.headers),
                partition=one.partition,
            )
            for one in records
        ]  # fmt: skip
        await asyncio.gather(*sent)
    return len(records)


async def _read(bootstrap: str, topics: Sequence[str]) -> list[Any]:
    places = await partitions(bootstrap, frozenset(topics).__contains__)
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap) as consumer:
        ends = {at: end for at, end in (await consumer.end_offsets(places)).items() if end}
        consumer.assign(list(ends))
        await consumer.seek_to_beginning()
        found: list[Any] = []
        while any([await consumer.position(at) < end for at, end in ends.items()]):
            for batch in (await consumer.getmany(timeout_ms=200)).values():
                found += batch
        return found
