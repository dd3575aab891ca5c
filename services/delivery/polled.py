"""aiokafka's consumer, made honest: what it gave out comes again until it is settled."""

import asyncio
import time
from contextlib import suppress
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from services.delivery.fetching import adapt
from services.delivery.reasons import reason
from services.delivery.salvage import salvage

log = structlog.get_logger()

Found = dict[TopicPartition, list[Any]]


class Polled(AIOKafkaConsumer):  # type: ignore[misc] # aiokafka has no type information
    """
    A consumer that loses nothing it has taken, and can say how it is.

    ``in_hand`` are the offsets of the batch given out last, until it is `settled` or its partitions
    are `given_up`. What is still there at the next poll is set back, and given again.

    What aiokafka cannot decode is read as far as it can be; at damage its partition alone stands,
    named in ``stuck``. ``polled_at`` is when a poll last went well.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.polled_at = time.monotonic()
        self.in_hand: dict[TopicPartition, range] = {}
        self.stuck: dict[TopicPartition, int] = {}
        self._refused: set[TopicPartition] = set()
        self._assigned: Any = None

    async def getmany(self, *partitions: Any, **options: Any) -> Any:
        """As aiokafka's, past what it cannot decode, and again what nobody settled."""
        self._look_around()
        for tp, offsets in self.in_hand.items():
            self.seek(tp, offsets.start)
        self.in_hand = {}
        found = await self._salvaged() or await super().getmany(*partitions, **options)
        # from the moment positions moved until here nothing was awaited
        self._look_around()
        self.in_hand = {
            tp: range(records[0].offset, records[-1].offset + 1) for tp, records in found.items()
        }
        self.polled_at = time.monotonic()
        return found

    def settled(self) -> dict[TopicPartition, int]:
        """What to commit now that the batch in hand is settled; nothing if it was given up."""
        ends = {tp: offsets.stop for tp, offsets in self.in_hand.items()}
        self.in_hand = {}
        return ends

    def given_up(self) -> None:
        """The partitions change hands: what is in hand or stands is no longer ours."""
        self.in_hand = {}
        self.stuck = {}

    def done_to(self, tp: TopicPartition, committed: int) -> int:
        """
        Up to where nothing is left to do, when nothing is owed and *committed* is committed.

        That is our position while nothing is in hand: between stand aborted records and a
        transaction's own marks, which nobody is given.
        """
        position = self._position(tp)
        moving = self._subscription.reassignment_in_progress
        if position is None or moving or tp in self.in_hand:
            return committed
        return max(committed, position)

    async def lost(self) -> None:
        """Come back when one of aiokafka's own tasks has ended: without it nothing moves."""
        own = [self._coordinator._coordination_task, self._fetcher.error_future]  # noqa: SLF001
        await asyncio.wait(own, return_when=asyncio.FIRST_COMPLETED)

    async def stop(self) -> None:
        """As aiokafka's, which would stop half-way at an error of its own tasks, or hang."""
        try:
            await self._end_fetching()
            await super().stop()
        except Exception as error:
            log.warning("its own task had failed", reason=reason(error))
            for end in (
                self._coordinator._stop_heartbeat_task,  # noqa: SLF001 - what its close() left
                self._coordinator._stop_commit_offsets_refresh_task,  # noqa: SLF001
                self._coordinator._maybe_leave_group,  # noqa: SLF001
                self._fetcher.close,
                self._client.close,
            ):
                with suppress(Exception):  # the same error once more
                    await end()

    async def _end_fetching(self) -> None:
        # while it cancels requests of an older assignment it takes our cancelling for theirs
        fetching = self._fetcher and self._fetcher.error_future
        while fetching and not fetching.done():
            fetching.cancel()
            await asyncio.wait([fetching], timeout=1.0)

    # aiokafka makes it in the middle of its start, and it fetches before that comes back
    @property
    def _fetcher(self) -> Any:
        return self._adapted

    @_fetcher.setter
    def _fetcher(self, fetcher: Any) -> None:
        self._adapted = fetcher
        if fetcher is not None:
            adapt(fetcher, self._refused.add)

    def _look_around(self) -> None:
        """Other partitions than before begin where it was committed: nothing is known of them."""
        assigned = self._subscription.subscription and self._subscription.subscription.assignment
        if assigned is not self._assigned:
            self._assigned = assigned
            self.in_hand = {}
            self.stuck = {}

    def _position(self, tp: TopicPartition) -> int | None:
        assignment = self._subscription.subscription.assignment
        state = assignment and assignment.state_value(tp)
        return state.position if state and state.has_valid_position else None

    async def _salvaged(self) -> Found:
        """What can be read of a batch that the last poll refused; moves only what it read."""
        while self._refused:
            tp = self._refused.pop()
            at = self._position(tp)
            if at is None or tp in self.paused():
                continue  # refused again when it is read again
            found = await salvage(self, tp, at)
            self._look_around()
            ours = not self._subscription.reassignment_in_progress
            if not ours or self._position(tp) != at:
                continue
            self.seek(tp, found.next)
            if found.records:
                return {tp: found.records}
            if found.damage:
                self._stand(tp, found.next, found.damage)
        return {}

    def _stand(self, tp: TopicPartition, at: int, damage: Exception) -> None:
        self.stuck[tp] = at
        self.pause(tp)
        log.critical("partition stands: a batch cannot be decoded", topic=tp.topic,
                     partition=tp.partition, offset=at, reason=type(damage).__name__)  # fmt: skip
