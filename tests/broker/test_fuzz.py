"""Whatever comes as a record, good ones take effect, others are dead letters, and none stands."""

import asyncio
import json
import os
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from services.delivery.buried import place
from services.delivery.consumer import Consumer
from services.delivery.skip import skip
from tests.broker.rig import NotedEvent, Rig, frame
from tests.broker.wire import Raw, Send, batch, sender
from tests.waiting import eventually

# the consumer beside it draws its pauses by chance, which Hypothesis takes for the strategies'
pytestmark = pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")
SHORT = 2.0
LONG = float(os.environ.get("P2A_FUZZ_SECONDS", "120"))
CALM = 60.0
UNREADABLE = ("snappy", "lz4", "zstd")
Headers = list[tuple[bytes, bytes | None]]

blobs = st.sampled_from([b"", b"\xff\xfe", b"\x00" * 9, b"{}", b"null"]) | st.binary(max_size=40)
maybe = st.none() | blobs
names = st.sampled_from([b"ce_id", b"ce_type", b"p2a_dead_offset", b"a\xffb"]) | blobs
headers = st.lists(st.tuples(names, maybe), max_size=6)
attributes = st.sampled_from(["ce_type", "ce_source", "ce_id", "ce_time", "content-type"])
fields = st.sampled_from(["event_id", "occurred_at", "thing", "note", "other"])
values = st.none() | st.integers() | st.text(max_size=8) | st.lists(st.booleans(), max_size=3)
record = st.one_of(
    st.tuples(st.just("good"), headers),
    st.tuples(st.just("noise"), st.tuples(maybe, maybe, headers)),
    st.tuples(st.just("null"), st.none()),
    st.tuples(st.just("attributes"), st.dictionaries(attributes, maybe, min_size=1)),
    st.tuples(st.just("fields"), st.dictionaries(fields, values, min_size=1)),
)
batches = st.lists(
    st.tuples(
        st.sampled_from([0, 1]),
        st.sampled_from(["none", "gzip"]),
        st.lists(record, min_size=1, max_size=12),
    ),
    min_size=1,
    max_size=6,
)


@dataclass
class Fuzz:
    """Feeds one consumer, and knows what must become of what it fed."""

    rig: Rig
    send: Send
    consumer: Consumer
    fed: Counter[str] = field(default_factory=Counter)
    good: set[UUID] = field(default_factory=set)
    aborted: set[UUID] = field(default_factory=set)
    to_bury: set[tuple[int, int]] = field(default_factory=set)
    settled: int = 0
    rounds: int = 0

    @classmethod
    @asynccontextmanager
    async def of(cls, rig: Rig) -> "AsyncIterator[Fuzz]":
        async with sender(rig.bootstrap, rig.topic) as send:
            yield cls(rig, send, await rig.consumer(dead_letters_a_minute=0))

    @property
    def done(self) -> int:
        return self.settled + self.consumer.done

    async def feed(self, drawn: list[tuple[int, str, list[tuple[str, Any]]]]) -> None:
        """Write these batches, and wait until every record of them is settled."""
        for partition, codec, records in drawn:
            raws = [self._made(what, how) for what, how in records]
            first = await self.send(batch(raws, codec), partition)
            # no value, no event: for certain a dead letter
            nulls = [n for n, (what, _) in enumerate(records) if what == "null"]
            self.to_bury |= {(partition, first + n) for n in nulls}
        await self._all_done()

    async def special(self) -> None:
        """What is too dear for every example: huge values, transactions, damage."""
        self.rounds += 1
        await self._huge()
        await self._transactions()
        await self._damage()
        await self.feed([(0, "none", [("good", [])]), (1, "gzip", [("good", [])])])

    def _made(self, what: str, how: Any) -> Raw:
        self.fed[what] += 1
        event = self.rig.event(what)
        given: Headers = [(name.encode(), value) for name, value in frame(event)]
        if what == "good":
            return self._good(event, [*how, *given])
        if what == "noise":
            return Raw(*how)
        if what == "null":
            return Raw(b"k", None, given)
        if what == "attributes":
            changed = {name.encode(): value for name, value in how.items()}
            return Raw(b"k", event.value(), [(n, changed.get(n, value)) for n, value in given])
        return Raw(b"k", json.dumps(json.loads(event.value()) | how).encode(), given)

    def _good(self, event: NotedEvent, given: Headers) -> Raw:
        self.good.add(event.event_id)
        return Raw(event.key.encode(), event.value(), given)

    async def _huge(self) -> None:
        size = 100_000 * (self.rounds % 9 + 1)
        event = self.rig.event()
        given: Headers = [(name.encode(), value) for name, value in frame(event)]
        first = await self.send(batch([Raw(b"k", b"h" * size, given)]), 1)
        self.to_bury.add((1, first))
        self.fed["huge"] += 1

    async def _transactions(self) -> None:
        for kept in (False, True):
            # a producer each: to a fetch that begins behind an aborted transaction the embedded
            # broker still names it, and aiokafka drops what the same producer wrote after it
            producer = AIOKafkaProducer(
                bootstrap_servers=self.rig.bootstrap,
                transactional_id=f"fuzz-{self.rig.group}-{kept}",
            )
            await producer.start()
            events = [self.rig.event("transaction") for _ in range(3)]
            await producer.begin_transaction()
            for event in events:
                await producer.send_and_wait(
                    self.rig.topic, event.value(), partition=0, headers=frame(event)
                )
            await (producer.commit_transaction() if kept else producer.abort_transaction())
            await producer.stop()
            ids = {event.event_id for event in events}
            self.good |= ids if kept else set()
            self.aborted |= set() if kept else ids
            self.fed["transaction" if kept else "aborted"] += 3

    async def _damage(self) -> None:
        """A batch that no client can read: it stands, named, until it is skipped."""
        codec = UNREADABLE[self.rounds % len(UNREADABLE)]
        first = await self.send(batch([Raw(b"k", b"x")] * 3, codec), 0)
        self.to_bury |= {(0, first + n) for n in range(3)}
        self.fed[codec] += 3
        try:
            first = await self.send(batch([Raw(b"k", b"x")], body=b"\x7f" * 40), 1)
            self.to_bury.add((1, first))
            self.fed["broken"] += 1
        except KafkaError:
            self.fed["refused by the broker"] += 1
        stands = 2 if self.fed["broken"] else 1
        await eventually(lambda: _is(len(self._stuck()) == stands), limit=CALM, what="the damage")
        assert "p2a dead skip" in str(self.consumer.trouble())
        stuck = self._stuck()
        await self.rig.stop(self.consumer)
        self.settled += self.consumer.done
        for words in stuck:
            await skip(self.rig.bootstrap, place(words))
        self.consumer = await self.rig.consumer(dead_letters_a_minute=0)

    def _stuck(self) -> list[str]:
        words = str(self.consumer.trouble())
        return words.partition("skip`: ")[2].split(", ") if "decoded" in words else []

    async def _all_done(self) -> None:
        damaged = sum(self.fed[what] for what in (*UNREADABLE, "broken"))
        outside = damaged + self.fed["aborted"] + self.fed["refused by the broker"]
        expected = self.fed.total() - outside
        await eventually(
            lambda: _is(self.done >= expected), limit=CALM, what=f"the {expected}th record"
        )

    async def judge(self) -> None:
        """Every good one once, every bad one a dead letter, and nothing else besides."""
        had = await self.rig.had()
        assert self.good <= had.keys()
        assert set(had.values()) == {1}
        assert not self.aborted & had.keys()
        letters = Counter(
            (int(own["p2a_dead_partition"]), int(own["p2a_dead_offset"]))
            for own in (_last(letter.headers) for letter in await self.rig.log(self.rig.dead))
        )
        assert self.to_bury <= letters.keys()
        assert set(letters.values()) == {1}
        await self.rig.quiet(self.consumer, limit=CALM)
        assert self.consumer.trouble() is None


@settings(
    max_examples=25, deadline=None, database=None, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(drawn=batches)
def examples(fuzz: Fuzz, loop: asyncio.AbstractEventLoop, drawn: Any) -> None:
    """Some of what Hypothesis thinks of, each settled before the next."""
    asyncio.run_coroutine_threadsafe(fuzz.feed(drawn), loop).result(2 * CALM)


async def fuzzed(rig: Rig, seconds: float) -> Counter[str]:
    """What was fed within so many *seconds*, and judged."""
    end = time.monotonic() + seconds
    async with Fuzz.of(rig) as fuzz:
        while not fuzz.rounds or time.monotonic() < end:
            for _ in range(1 if seconds == SHORT else 4):  # what is special takes its time
                await asyncio.to_thread(examples, fuzz, asyncio.get_running_loop())
            await fuzz.special()
        await fuzz.judge()
    return fuzz.fed


async def test_nothing_that_comes_stops_the_good_ones(own_rig: Rig) -> None:
    """A few seconds of it."""
    fed = await fuzzed(own_rig, SHORT)
    assert fed["good"] > 20
    assert fed.total() > 100


@pytest.mark.faults
@pytest.mark.timeout(LONG + 180)
async def test_nothing_that_comes_for_two_minutes_stops_the_good_ones(
    own_rig: Rig, record_property: Callable[[str, object], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """Or P2A_FUZZ_SECONDS."""
    fed = await fuzzed(own_rig, LONG)
    record_property("fed", dict(fed))
    with capsys.disabled():
        told = ", ".join(f"{count} {what}" for what, count in fed.most_common())
        print(f"\n{fed.total()} records in {LONG:.0f} s: {told}")  # noqa: T201 - the figure to know
    assert fed["good"] > 10 * LONG


def _last(found: Any) -> dict[str, str]:
    """Our own headers, which come after the record's."""
    return {name: (value or b"").decode("utf-8", "replace") for name, value in found}


async def _is(true: bool) -> bool:  # noqa: FBT001 - what is waited for
    return true
