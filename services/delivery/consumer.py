"""A group's member as a part of a service: polling, pausing, committing, draining."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import structlog
from aiokafka import ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError

from services.delivery.batch import Batches
from services.delivery.broker import GRACE, Broker
from services.delivery.commits import Commits
from services.delivery.dead import Halted
from services.delivery.effects import Patience
from services.delivery.failpoints import reach
from services.delivery.failures import Fault, Stopping, fault, pause_or_stop
from services.delivery.lossy import refuse_lossy
from services.delivery.offsets import back, ends
from services.delivery.polled import Polled
from services.delivery.reasons import frames, reason

JOIN_LIMIT = 5.0
POLL_LIMIT = 60.0
ASK_LIMIT = 5.0

log = structlog.get_logger()


class Consumer(ConsumerRebalanceListener):  # type: ignore[misc] # aiokafka has no type information
    """
    Takes one group's batches and decides when their offsets are committed.

    A batch that cannot be settled now (an outage) comes again: its partitions are set back and
    paused, the polling goes on, and later attempts start by themselves.
    """

    name = "consumer"

    def __init__(self, broker: Broker, batches: Batches, topics: Sequence[str]) -> None:
        self.batches = batches
        self.topics = topics
        self.rebalances = 0
        self.outages = 0
        self.stopping = asyncio.Event()
        self._broker = broker
        self._patience = Patience(first=0.2, longest=15.0)
        self._busy = asyncio.Lock()
        self._joining: asyncio.Task[None] | None = None
        self._resuming: asyncio.Task[None] | None = None
        self._trouble: str | None = "not joined yet"
        self._streak = 0
        self._halted = False
        self.commits = Commits(batches.effects.group, self._patience)

    @property
    def done(self) -> int:
        """Records settled since the start."""
        counts = self.batches
        return counts.handled + counts.repeats + counts.dead + counts.passed

    async def start(self) -> None:
        """Join the group in the background, however long the broker is away."""
        refuse_lossy(self._broker)
        self._joining = asyncio.create_task(self._join())

    async def stop(self) -> None:
        """Finish the batch at hand, commit it, leave."""
        self.stopping.set()
        # cut off while it connects, aiokafka leaves the connection open
        await _ended(self._joining, within=JOIN_LIMIT)
        await _ended(self._resuming, within=0)
        await self.commits.stop()
        await self._broker.stop()
        await self.batches.graveyard.close()

    def trouble(self) -> str | None:
        """Why events are not taken at this moment, or None."""
        if self._trouble is not None:
            return self._trouble
        consumer = self._consumer()
        if consumer is None:
            return "not joined yet"
        if consumer.stuck:
            places = ", ".join(
                f"{tp.topic} {tp.partition} {at}" for tp, at in consumer.stuck.items()
            )
            return f"cannot be decoded, see `p2a dead skip`: {places}"
        silent = time.monotonic() - consumer.polled_at
        return f"no poll for {silent:.0f} s" if silent > POLL_LIMIT else None

    async def waiting(self) -> int:
        """Records of our partitions not committed yet; 1 while we do not know."""
        consumer = self._consumer()
        if consumer is None or self._trouble == "not joined yet":
            return 1
        mine = sorted(consumer.assignment())
        try:
            async with asyncio.timeout(ASK_LIMIT):
                last = await consumer.end_offsets(mine) if mine else {}
                starts = [await self.commits.known(consumer, tp) for tp in mine]
        except (KafkaError, IllegalStateError, TimeoutError):
            return 1
        return sum(max(0, last[tp] - start) for tp, start in zip(mine, starts, strict=True))

    async def take(self, records: Sequence[Any], consumer: Polled) -> None:
        """Settle one batch and commit its offsets; never raises."""
        async with self._busy:
            try:
                reach("consumer.claimed")
                await self.batches.settle(records)
            except Halted as halt:
                self._halt(consumer, records, str(halt))
            except Exception as error:
                self._again(consumer, records, error)
            else:
                self._recovered()
                await self.commits.commit(consumer, ends(records))

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Before partitions change hands, the batch at hand is finished and committed."""
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE), self._busy:
                pass
        self.commits.forget(revoked)

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Count it; a halted consumer stays halted."""
        self.rebalances += 1
        self.commits.forget(assigned)
        consumer = self._consumer()
        if consumer is not None:
            consumer.forget()
            if self._halted:
                consumer.pause(*assigned)

    def _consumer(self) -> Polled | None:
        subscriber: Any = self._broker.subscribers[0]
        consumer: Polled | None = subscriber.consumer
        return consumer

    async def _join(self) -> None:
        attempt = 0
        while not self.stopping.is_set():
            try:
                await self._broker.start()
            except Exception as error:
                attempt += 1
                self._trouble = f"cannot join: {reason(error)}"
                log.warning("cannot join", group=self.batches.effects.group, reason=reason(error))
                await self._broker.stop()
                with suppress(Stopping):
                    await pause_or_stop(self.stopping, self._patience.pause(attempt))
            else:
                self._trouble = None
                return

    def _again(self, consumer: Polled, records: Sequence[Any], error: Exception) -> None:
        back(consumer, records)
        if isinstance(error, Stopping):
            return
        self.outages += 1
        self._streak += 1
        self._trouble = f"waiting out an outage: {reason(error)}"
        kind = "outage" if fault(error) is not Fault.EVENT else "batch not settled"
        log.warning(kind, group=self.batches.effects.group, reason=reason(error), at=frames(error))
        consumer.pause(*consumer.assignment())
        self._resuming = asyncio.create_task(self._resume(self._patience.pause(self._streak)))

    async def _resume(self, after: float) -> None:
        await asyncio.sleep(after)
        consumer = self._consumer()
        if consumer is not None and not self._halted:
            consumer.resume(*(consumer.paused() & consumer.assignment()))

    def _recovered(self) -> None:
        if self._streak:
            log.info("outage over", group=self.batches.effects.group)
        self._streak = 0
        self._trouble = None

    def _halt(self, consumer: Polled, records: Sequence[Any], why: str) -> None:
        back(consumer, records)
        self._halted = True
        self._trouble = f"halted: {why}; see `p2a dead list`, then start again"
        log.critical("halted", group=self.batches.effects.group, why=why)
        consumer.pause(*consumer.assignment())


async def _ended(task: asyncio.Task[None] | None, *, within: float) -> None:
    if task is None:
        return
    await asyncio.wait([task], timeout=within)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
