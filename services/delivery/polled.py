"""aiokafka's consumer, made honest about what it cannot decode."""

import asyncio
import time
from contextlib import suppress
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import (
    ConsumerStoppedError,
    CorruptRecordException,
    IllegalStateError,
    KafkaError,
    UnsupportedCodecError,
)

from services.delivery.salvage import Salvaged, salvage

REFETCH_MS = 500
# Apache Kafka holds an empty fetch for 500 ms; the embedded broker answers at once, and would
# be asked some thousand times a second
FETCH_PAUSE = 0.02

log = structlog.get_logger()


class Polled(AIOKafkaConsumer):  # type: ignore[misc] # aiokafka has no type information
    """
    A consumer that loses nothing to a batch aiokafka cannot decode, and can say how it is.

    aiokafka would drop what the same poll had taken from other partitions, and never come past
    that batch. Here what is readable of it is read; at damage its partition alone stands, named
    in ``stuck``. ``polled_at`` is when a poll last went well. ``epoch`` rises whenever partitions
    are given up; ``taken_in`` is the one in which the last batch was taken.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.polled_at = time.monotonic()
        self.epoch = self.taken_in = 0
        self.stuck: dict[TopicPartition, int] = {}
        self._given: dict[TopicPartition, int] = {}
        self._astray: dict[TopicPartition, int | None] = {}

    async def start(self) -> None:
        """As aiokafka's, asking no faster than is of use."""
        await super().start()
        _pace(self._fetcher)

    async def getmany(self, *partitions: Any, **options: Any) -> Any:
        """As aiokafka's, past what it cannot decode."""
        await self._set_back()
        epoch, before = self.epoch, {tp: self._position(tp) for tp in self.assignment()}
        try:
            records = await super().getmany(*partitions, **options)
        except ConsumerStoppedError:
            raise
        except Exception as error:
            ours = before if self.epoch == epoch else {}
            self._astray = {tp: ours.get(tp) for tp in self.assignment()}
            if not undecodable(error):
                raise
            await self._set_back()
            records = await self._one_by_one()
        self.polled_at = time.monotonic()
        self.taken_in = self.epoch
        self._given |= {tp: found[-1].offset + 1 for tp, found in records.items()}
        return records

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """As aiokafka's."""
        super().seek(partition, offset)
        self._given[partition] = offset

    def forget(self) -> None:
        """Partitions are given up: nothing is known of them."""
        self.epoch += 1
        self.stuck.clear()
        self._given.clear()
        self._astray.clear()

    def done_to(self, tp: TopicPartition, committed: int) -> int:
        """
        Up to where nothing is left to do, when *committed* is what is settled.

        That is our position once all we were given is settled: between stand aborted records and
        a transaction's own marks, which nobody is given.
        """
        position = self._position(tp)
        if position is None or committed < self._given.get(tp, 0):
            return committed
        return max(committed, position)

    def _position(self, tp: TopicPartition) -> int | None:
        assignment = self._subscription.subscription.assignment
        state = assignment and assignment.state_value(tp)
        return state.position if state and state.has_valid_position else None

    async def _set_back(self) -> None:
        # a failed poll has moved on from records of other partitions that nobody was given
        while self._astray:
            tp, position = next(iter(self._astray.items()))
            if position is None:
                position = await self.committed(tp)
            with suppress(IllegalStateError):  # it is another member's now
                if position is None:
                    await self.seek_to_beginning(tp)
                elif self._position(tp) != position:
                    self.seek(tp, position)
            self._astray.pop(tp, None)

    async def _one_by_one(self) -> dict[TopicPartition, list[Any]]:
        epoch = self.epoch
        found: dict[TopicPartition, list[Any]] = {}
        for tp in self.assignment() - self.paused():
            try:
                found |= await super().getmany(tp, timeout_ms=REFETCH_MS)
            except ConsumerStoppedError:
                raise
            except Exception as error:
                self._astray = {other: records[0].offset for other, records in found.items()}
                if not undecodable(error):
                    raise
                salvaged = await salvage(self, tp, await self.position(tp))
                if self.epoch != epoch:
                    break
                self._astray.clear()
                found |= self._salvaged(tp, salvaged)
        # what changed hands meanwhile begins again where it was committed
        return found if self.epoch == epoch else {}

    def _salvaged(self, tp: TopicPartition, salvaged: Salvaged) -> dict[TopicPartition, list[Any]]:
        self.seek(tp, salvaged.next)
        if salvaged.records:
            return {tp: salvaged.records}
        if salvaged.damage:
            self.stuck[tp] = salvaged.next
            self.pause(tp)
            log.critical("partition stands: a batch cannot be decoded", topic=tp.topic,
                         partition=tp.partition, offset=salvaged.next,
                         reason=type(salvaged.damage).__name__)  # fmt: skip
        return {}


def undecodable(error: Exception) -> bool:
    """Whether records are at fault, and not the way to the broker."""
    return not isinstance(error, KafkaError) or isinstance(
        error, CorruptRecordException | UnsupportedCodecError
    )


def _pace(fetcher: Any) -> None:
    """Let *fetcher* rest after a fetch that brought nothing and was answered at once."""
    ask = fetcher._proc_fetch_request  # noqa: SLF001 - there is no other place to wait

    async def paced(*request: Any) -> bool:
        began = time.monotonic()
        news: bool = await ask(*request)
        if not news and time.monotonic() - began < FETCH_PAUSE:
            try:
                await asyncio.sleep(FETCH_PAUSE)
            except asyncio.CancelledError:  # the partitions are gone, as the fetcher expects it
                return False
        return news

    fetcher._proc_fetch_request = paced  # noqa: SLF001 - there is no setting for it
