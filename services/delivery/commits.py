"""Committing what is settled: again when it was refused, and what is known to be committed."""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError

from services.delivery.effects import Patience
from services.delivery.failpoints import reach
from services.delivery.polled import Polled
from services.delivery.reasons import reason

LIMIT = 10.0

log = structlog.get_logger()


class Commits:
    """
    Commits the settled offsets of one member of *group*.

    What a commit could not record is ``owed`` and tried again with growing pauses: on a quiet
    topic no later batch would cover it. ``failed`` counts the attempts that failed.
    """

    def __init__(self, group: str, patience: Patience) -> None:
        self.failed = 0
        self.owed: dict[TopicPartition, int] = {}
        self._group = group
        self._patience = patience
        self._known: dict[TopicPartition, int] = {}
        self._one = asyncio.Lock()
        self._again: asyncio.Task[None] | None = None

    async def commit(self, consumer: Polled, offsets: Mapping[TopicPartition, int]) -> None:
        """Record *offsets* now or later; never raises."""
        self.owed.update(offsets)
        if not await self._paid(consumer) and (self._again is None or self._again.done()):
            self._again = asyncio.create_task(self._until_paid(consumer))

    def forget(self, partitions: Iterable[TopicPartition]) -> None:
        """They changed hands: what was not committed comes again, to whoever has them now."""
        for tp in partitions:
            self._known.pop(tp, None)
            self.owed.pop(tp, None)

    async def stop(self) -> None:
        """No more attempts: what is owed comes again."""
        if self._again is not None:
            self._again.cancel()
            with suppress(asyncio.CancelledError):
                await self._again

    async def known(self, consumer: Polled, tp: TopicPartition) -> int:
        """The offset that is committed for *tp*, or the log's start; raises Kafka's errors."""
        if tp not in self._known:
            committed = await consumer.committed(tp)
            if committed is None:
                committed = (await consumer.beginning_offsets([tp]))[tp]
            # a commit may have come while we asked: it is the newer one
            self._known.setdefault(tp, committed)
        return self._known[tp]

    async def _paid(self, consumer: Polled) -> bool:
        async with self._one:  # an older attempt must not land after a newer one
            offsets = dict(self.owed)
            if not offsets:
                return True
            try:
                async with asyncio.timeout(LIMIT):
                    await consumer.commit(offsets)
                reach("consumer.offsets")
            except (KafkaError, IllegalStateError, TimeoutError) as error:
                self.failed += 1
                log.warning("commit failed", group=self._group, reason=reason(error))
                return False
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
