"""A Polled on aiokafka's own fetcher and subscription; only the broker behind them is ours."""

import asyncio
from collections import OrderedDict
from types import SimpleNamespace
from typing import Any, cast

from aiokafka import TopicPartition
from aiokafka.consumer.fetcher import Fetcher, FetchResult

from services.delivery.polled import Polled

A, B, C = (TopicPartition(name, 0) for name in "abc")


class Fetched:
    """The records of one partition from *at* to *end*, one of which may not be decodable."""

    def __init__(self, tp: TopicPartition, at: int, end: int, bad: int | None) -> None:
        self.tp = tp
        self.next_fetch_offset = at
        self.end = end
        self.bad = bad

    def __iter__(self) -> "Fetched":
        return self

    def __next__(self) -> Any:
        at = self.next_fetch_offset
        if at == self.bad:
            raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")
        if at >= self.end:
            raise StopIteration
        self.next_fetch_offset += 1
        return record(self.tp, at)


def record(tp: TopicPartition, offset: int) -> Any:
    """A record of which only its place is known."""
    return SimpleNamespace(topic=tp.topic, partition=tp.partition, offset=offset)


class Wire:
    """Assigns partitions from where they were *committed*, and lets records arrive."""

    def __init__(self, **committed: int) -> None:
        self.committed = {TopicPartition(name, 0): at for name, at in committed.items()}
        self.consumer = Polled(group_id="g", bootstrap_servers="nowhere:1")
        self.subscription = self.consumer._subscription
        self.subscription.subscribe({tp.topic for tp in self.committed})
        self.consumer._coordinator = SimpleNamespace(check_errors=lambda: None)
        fetcher = cast("Any", Fetcher.__new__(Fetcher))
        fetcher._records = OrderedDict()
        fetcher._subscriptions = self.subscription
        fetcher._fetch_waiters = set()
        fetcher._wait_consume_future = None
        fetcher._loop = asyncio.get_running_loop()
        fetcher._closed = False
        self.subscription.register_fetch_waiters(fetcher._fetch_waiters)
        self.arriving: list[tuple[TopicPartition, int, int | None]] = []
        fetcher._proc_fetch_request = self._answer
        self.consumer._fetcher = self.fetcher = fetcher
        self.assign()

    def assign(self) -> None:
        """The group has settled: every partition is ours, from what was committed."""
        self.fetcher._records.clear()
        self.subscription.assign_from_subscribed(set(self.committed))
        for tp, at in self.committed.items():
            self.subscription.subscription.assignment.state_value(tp).reset_to(at)

    def revoke(self) -> None:
        """The group begins anew, as `Consumer` tells its member."""
        self.subscription.begin_reassignment()
        self.consumer.given_up()

    async def arrives(self, tp: TopicPartition, end: int, bad: int | None = None) -> None:
        """Records of *tp* from our position to *end* were fetched; the one at *bad* is odd."""
        self.arriving = [(tp, end, bad)]
        await self.fetcher._proc_fetch_request()
        for waiter in list(self.fetcher._fetch_waiters):
            self.fetcher._notify(waiter)

    async def poll(self) -> dict[str, tuple[int, int]]:
        """The first and last offset given out of each topic."""
        found = await self.consumer.getmany(timeout_ms=20, max_records=500)
        return {tp.topic: (records[0].offset, records[-1].offset) for tp, records in found.items()}

    async def _answer(self) -> bool:
        assignment = self.subscription.subscription.assignment
        for tp, end, bad in self.arriving:
            at = assignment.state_value(tp).position
            records = Fetched(tp, at, end, bad)
            self.fetcher._records[tp] = FetchResult(
                tp, assignment=assignment, partition_records=records, backoff=0
            )
        return bool(self.arriving)
