"""Committing what is settled: again when it was refused, and what is known to be committed."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError, RebalanceInProgressError

from services.delivery.failpoints import reach
from services.delivery.failures import Patience
from services.delivery.polled import Polled
from services.delivery.reasons import reason

COMMIT_LIMIT = 10.0

log = structlog.get_logger()


class Commits:
    """
    Commits the settled offsets of one member of *group*.

    What a commit could not record is ``owed`` and tried again with growing pauses: on a quiet
    topic no later batch would cover it. ``made`` and ``failed`` count the attempts.
    """

    def __init__(self, group: str, patience: Patience) -> None:
        self.made = 0
        self.failed = 0
        self.owed: dict[TopicPartition, int] = {}
        self._group = group
        self._patience = patience
        self._known: dict[TopicPartition, int] = {}
        self._changes = 0
        self._one = asyncio.Lock()
        self._again: asyncio.Task[None] | None = None

    async def commit(self, consumer: Polled, offsets: Mapping[TopicPartition, int]) -> None:
        """Record *offsets* now or later; never raises."""
        self.owed.update(offsets)
        if not await self._paid(consumer) and (self._again is None or self._again.done()):
            self._again = asyncio.create_task(self._until_paid(consumer))

    def forget(self) -> None:
        """Partitions change hands: what was not committed comes again, to whoever has them now."""
        self._changes += 1
        self._known.clear()
        self.owed.clear()

    async def stop(self) -> None:
        """No more attempts: what is owed comes again."""
        if self._again is not None:
            self._again.cancel()
            with suppress(asyncio.CancelledError):
                await self._again
            self._again = None

    async def waiting(self, consumer: Polled) -> int:
        """How many records of our partitions are not settled yet; raises Kafka's errors."""
        mine = sorted(consumer.assignment())
        last = await consumer.end_offsets(mine) if mine else {}
        done = {tp: await self._done_to(consumer, tp) for tp in mine}
        return sum(max(0, last[tp] - done[tp]) for tp in mine)

    async def _done_to(self, consumer: Polled, tp: TopicPartition) -> int:
        committed = await self._committed(consumer, tp)
        return committed if tp in self.owed else consumer.done_to(tp, committed)

    async def _committed(self, consumer: Polled, tp: TopicPartition) -> int:
        """The offset that is committed for *tp*, or the log's start."""
        if tp not in self._known:
            changes, committed = self._changes, await consumer.committed(tp)
            if committed is None:
                committed = (await consumer.beginning_offsets([tp]))[tp]
            if self._changes != changes:
                raise RebalanceInProgressError
            # a commit may have come while we asked: it is the newer one
            self._known.setdefault(tp, committed)
        return self._known[tp]

    async def _paid(self, consumer: Polled) -> bool:
        async with self._one:  # an older attempt must not land after a newer one
            offsets = dict(self.owed)
            if not offsets:
                return True
            try:
                async with asyncio.timeout(COMMIT_LIMIT):
                    await consumer.commit(offsets)
                reach("consumer.offsets")
            except (KafkaError, TimeoutError) as error:
                self.failed += 1
                log.warning("commit failed", group=self._group, reason=reason(error))
                return False
            self.made += 1
            for tp, offset in offsets.items():
                if self.owed.get(tp) == offset:
                    del self.owed[tp]
                    self._known[tp] = offset
            return True

    async def _until_paid(self, consumer: Polled) -> None:
        attempt = 1
        while self.owed:
            await asyncio.sleep(self._patience.pause(attempt))
            attempt += 1
            await self._paid(consumer)
