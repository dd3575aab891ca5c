"""
A group's member as a part of a service: joining, settling, committing, draining, leaving.

A batch passes `polled` (given out, in hand), `consume` (FastStream's subscriber), `Consumer.take`,
`batch` (told apart by `records`), `effects` and `inbox` (one transaction), `commits`. What cannot
be settled passes `failures` and `standstill`; `fetching` and `salvage` are below `polled`.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import structlog
from aiokafka import ConsumerRebalanceListener, TopicPartition

from services.delivery.batch import Batches
from services.delivery.broker import GRACE, Broker
from services.delivery.commits import Commits
from services.delivery.dead import Halted
from services.delivery.failpoints import reach
from services.delivery.failures import Patience, Stopping, pause_or_stop
from services.delivery.health import Health
from services.delivery.lossy import refuse_lossy
from services.delivery.polled import Polled
from services.delivery.reasons import reason
from services.delivery.standstill import Standstill

JOIN_LIMIT = 5.0

log = structlog.get_logger()


class Consumer(ConsumerRebalanceListener):  # type: ignore[misc] # aiokafka has no type information
    """
    Takes one group's batches and decides when their offsets are committed.

    A batch is committed when it is settled, by the member that was given it. One that is not
    settled comes again at the next poll: after which pause is `Standstill`'s. Whoever waits for
    what batches bring puts a function in ``taken``, which is called after each of them.
    """

    name = "consumer"

    def __init__(self, broker: Broker, batches: Batches, stopping: asyncio.Event) -> None:
        group = batches.effects.group
        self.batches = batches
        self.rebalances = 0
        self.stopping = stopping
        self.taken: Callable[[], None] = lambda: None
        self._broker = broker
        self._patience = Patience(first=0.2, longest=15.0)
        self._busy = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []
        self.commits = Commits(group, self._patience)
        self.standstill = Standstill(group, self._patience)
        self.health = Health(group, self.member, self.commits, self.standstill)

    @property
    def done(self) -> int:
        """Records settled since the start."""
        counts = self.batches
        return counts.handled + counts.repeats + counts.dead + counts.passed

    async def start(self) -> None:
        """Join the group in the background, however long the broker is away."""
        refuse_lossy(self._broker)
        self._tasks = [
            asyncio.create_task(self._stay()),
            asyncio.create_task(self.health.lag.watch()),
        ]

    async def stop(self) -> None:
        """Finish the batch at hand, commit it, leave; a named replica keeps its place a while."""
        self.stopping.set()
        if self._tasks:
            # cut off while it connects, aiokafka leaves the connection open
            await asyncio.wait(self._tasks[:1], timeout=JOIN_LIMIT)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._leave()
        await self.batches.graveyard.close()

    def trouble(self) -> str | None:
        """Why events are not taken at this moment, or None."""
        return self.health.trouble()

    async def waiting(self) -> int:
        """Records of our partitions not settled yet; 1 while we do not know."""
        return await self.health.waiting()

    async def take(self, records: Sequence[Any], consumer: Polled) -> None:
        """Settle the batch in hand and commit its offsets; never raises."""
        async with self._busy:
            if self.standstill.halted or not consumer.in_hand:
                return  # or its partitions changed hands after it was given out
            try:
                reach("consumer.claimed")
                await self.batches.settle(records)
            except Halted as halted:
                self.standstill.halt(consumer, halted)
            except Stopping:
                return
            except Exception as error:
                self.standstill.wait_out(consumer, error)
            else:
                self.standstill.over()
                self.taken()
                if ends := consumer.settled():
                    await self.commits.commit(consumer, ends)

    async def on_partitions_revoked(self, _: set[TopicPartition]) -> None:
        """Before partitions change hands, the batch at hand is finished and committed."""
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE), self._busy:
                pass
        self.health.revoked_at = time.monotonic()
        self.commits.forget()
        if (consumer := self.member()) is not None:
            consumer.given_up()

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Count it, and begin anew; but a halted consumer stays halted."""
        self.rebalances += 1
        self.health.revoked_at = None
        self.commits.forget()
        self.standstill.forget()
        if self.standstill.halted and (consumer := self.member()) is not None:
            consumer.pause(*assigned)

    def member(self) -> Polled | None:
        """Our member of the group, while there is one."""
        subscriber: Any = self._broker.subscribers[0]
        consumer: Polled | None = subscriber.consumer
        return consumer

    async def _stay(self) -> None:
        """Be in the group until we are to stop: join again when aiokafka's own tasks have died."""
        attempt = 0
        while not self.stopping.is_set():
            try:
                await self._broker.start()
                self.health.outside, attempt = None, 0
                await self._lost_or_stopping()
                why = "has lost its place in the group"
            except Exception as error:
                why = f"cannot join: {reason(error)}"
            if self.stopping.is_set():
                return
            attempt += 1
            self.health.outside = why
            log.warning("not in its group", group=self.batches.effects.group, reason=why)
            await self._leave()
            with suppress(Stopping):
                await pause_or_stop(self.stopping, self._patience.pause(attempt))

    async def _lost_or_stopping(self) -> None:
        if (member := self.member()) is None:
            return
        either = [asyncio.create_task(member.lost()), asyncio.create_task(self.stopping.wait())]
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in either:
                task.cancel()

    async def _leave(self) -> None:
        try:
            await self._broker.stop()
        except Exception as error:
            log.warning("left with an error", reason=reason(error))
        # after the batch at hand, which may still begin a pause or owe a commit
        await self.standstill.stop()
        await self.commits.stop()
