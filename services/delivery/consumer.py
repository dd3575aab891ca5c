"""A group's member as a part of a service: joining, settling, committing, draining, leaving."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import structlog
from aiokafka import ConsumerRebalanceListener, TopicPartition

from services.delivery.batch import Batches
from services.delivery.broker import GRACE, Broker
from services.delivery.commits import Commits
from services.delivery.dead import Halted
from services.delivery.effects import Patience
from services.delivery.failpoints import reach
from services.delivery.failures import Stopping, pause_or_stop
from services.delivery.lag import Lag
from services.delivery.lossy import refuse_lossy
from services.delivery.offsets import back, ends
from services.delivery.polled import Polled
from services.delivery.reasons import reason
from services.delivery.standstill import Standstill

JOIN_LIMIT = 5.0
POLL_LIMIT = 60.0
REBALANCE_LIMIT = 60.0  # twice what a member may take to end its batch

log = structlog.get_logger()


class Consumer(ConsumerRebalanceListener):  # type: ignore[misc] # aiokafka has no type information
    """
    Takes one group's batches and decides when their offsets are committed.

    A batch is committed when it is settled, by the member that was given it. One that cannot be
    settled now comes again: what that takes is `Standstill`'s.
    """

    name = "consumer"

    def __init__(self, broker: Broker, batches: Batches, topics: Sequence[str]) -> None:
        self.batches = batches
        self.topics = topics
        self.rebalances = 0
        self.stopping = asyncio.Event()
        self._broker = broker
        self._patience = Patience(first=0.2, longest=15.0)
        self._busy = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []
        self._joining: str | None = "not joined yet"
        self._revoked_at: float | None = None
        self.commits = Commits(batches.effects.group, self._patience)
        self.standstill = Standstill(batches.effects.group, self._patience)
        self.lag = Lag(self._waiting, lambda: self.commits.made)

    @property
    def done(self) -> int:
        """Records settled since the start."""
        counts = self.batches
        return counts.handled + counts.repeats + counts.dead + counts.passed

    async def start(self) -> None:
        """Join the group in the background, however long the broker is away."""
        refuse_lossy(self._broker)
        self._tasks = [asyncio.create_task(self._join()), asyncio.create_task(self.lag.watch())]

    async def stop(self) -> None:
        """Finish the batch at hand, commit it, leave."""
        self.stopping.set()
        await self.standstill.stop()
        if self._tasks:
            # cut off while it connects, aiokafka leaves the connection open
            await asyncio.wait(self._tasks[:1], timeout=JOIN_LIMIT)
        for task in self._tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await self._broker.stop()
        await self.commits.stop()
        await self.batches.graveyard.close()

    def trouble(self) -> str | None:
        """Why events are not taken at this moment, or None."""
        return next(self._troubles(), None)

    async def waiting(self) -> int:
        """Records of our partitions not settled yet; 1 while we do not know."""
        waiting = None if self._joining else await self.lag.now()
        return 1 if waiting is None else waiting

    async def take(self, records: Sequence[Any], consumer: Polled) -> None:
        """Settle one batch and commit its offsets; never raises."""
        async with self._busy:
            epoch = consumer.taken_in
            if consumer.epoch != epoch:
                return  # its partitions changed hands: it comes again, to whoever has them now
            try:
                reach("consumer.claimed")
                await self.batches.settle(records)
            except Halted as halted:
                self.standstill.halt(consumer, records, halted)
            except Stopping:
                back(consumer, records)
            except Exception as error:
                self.standstill.wait_out(consumer, records, error)
            else:
                self.standstill.over()
                if consumer.epoch == epoch:
                    await self.commits.commit(consumer, ends(records))

    async def on_partitions_revoked(self, _: set[TopicPartition]) -> None:
        """Before partitions change hands, the batch at hand is finished and committed."""
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE), self._busy:
                pass
        self._revoked_at = time.monotonic()
        self.commits.forget()
        if (consumer := self._consumer()) is not None:
            consumer.forget()

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Count it, and begin anew; but a halted consumer stays halted."""
        self.rebalances += 1
        self._revoked_at = None
        self.commits.forget()
        self.standstill.forget()
        if self.standstill.halted and (consumer := self._consumer()) is not None:
            consumer.pause(*assigned)

    def _consumer(self) -> Polled | None:
        subscriber: Any = self._broker.subscribers[0]
        consumer: Polled | None = subscriber.consumer
        return consumer

    def _troubles(self) -> Iterator[str]:
        if self._joining:
            yield self._joining
        if self.standstill.why:
            yield self.standstill.why
        if (consumer := self._consumer()) is None:
            yield "has left its group"
            return
        if consumer.stuck:
            group = self.batches.effects.group
            places = [
                f"{tp.topic}/{group}/{tp.partition}/{at}" for tp, at in consumer.stuck.items()
            ]
            yield f"cannot be decoded, see `p2a dead skip`: {', '.join(places)}"
        now = time.monotonic()
        if self._revoked_at is not None and now - self._revoked_at > REBALANCE_LIMIT:
            yield f"no partitions for {now - self._revoked_at:.0f} s: its group does not settle"
        if now - consumer.polled_at > POLL_LIMIT:
            yield f"no poll went well for {now - consumer.polled_at:.0f} s"
        if trouble := self.lag.trouble():
            yield trouble

    async def _waiting(self) -> int:
        consumer = self._consumer()
        if consumer is None or self._joining:
            self.lag.excuse()
            return 0
        if self.standstill.why or consumer.stuck:
            self.lag.excuse()
        return await self.commits.waiting(consumer)

    async def _join(self) -> None:
        attempt = 0
        while not self.stopping.is_set():
            try:
                await self._broker.start()
            except Exception as error:
                attempt += 1
                self._joining = f"cannot join: {reason(error)}"
                log.warning("cannot join", group=self.batches.effects.group, reason=reason(error))
                await self._broker.stop()
                with suppress(Stopping):
                    await pause_or_stop(self.stopping, self._patience.pause(attempt))
            else:
                self._joining = None
                return
