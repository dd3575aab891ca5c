"""aiokafka's consumer, made honest about what it cannot decode."""

import asyncio
import time
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import ConsumerStoppedError, KafkaError

REFETCH_MS = 500
# Apache Kafka holds an empty fetch for 500 ms; the embedded broker answers at once, and would
# be asked some thousand times a second
FETCH_PAUSE = 0.02

log = structlog.get_logger()


class Polled(AIOKafkaConsumer):  # type: ignore[misc] # aiokafka has no type information
    """
    A consumer that remembers when it was last asked, and where it cannot read on.

    A record that aiokafka itself cannot decode (a header's name that is not UTF-8) would stop
    every partition, unseen. Here its partition alone stands, named in ``stuck``.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.polled_at = time.monotonic()
        self.stuck: dict[TopicPartition, int] = {}
        self._next: dict[TopicPartition, int] = {}

    async def start(self) -> None:
        """As aiokafka's, asking no faster than is of use."""
        await super().start()
        _pace(self._fetcher)

    async def getmany(self, *partitions: Any, **options: Any) -> Any:
        """As aiokafka's, past what it cannot decode."""
        self.polled_at = time.monotonic()
        try:
            records = await super().getmany(*partitions, **options)
        except (KafkaError, ConsumerStoppedError):
            raise
        except Exception:
            await self._back()
            records = await self._one_by_one()
        self._next |= {tp: found[-1].offset + 1 for tp, found in records.items()}
        return records

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """As aiokafka's."""
        super().seek(partition, offset)
        self._next[partition] = offset

    def forget(self) -> None:
        """Partitions were given out anew: nothing is known of them."""
        self.stuck.clear()
        self._next.clear()

    async def _back(self) -> None:
        # what it had already taken from other partitions is gone, their positions moved
        for tp in self.assignment() - self.paused():
            start = self._next.get(tp, await self.committed(tp))
            if start is None:
                await self.seek_to_beginning(tp)
            else:
                self.seek(tp, start)

    async def _one_by_one(self) -> dict[TopicPartition, list[Any]]:
        # a batch fails as a whole: its readable records come singly, then the bad one is alone
        for tp in self.assignment() - self.paused():
            try:
                records: dict[TopicPartition, list[Any]] = await super().getmany(
                    tp, timeout_ms=REFETCH_MS, max_records=1
                )
            except (KafkaError, ConsumerStoppedError):
                raise
            except Exception as error:
                self.stuck[tp] = await self.position(tp)
                self.pause(tp)
                log.critical("partition stands: a record cannot be decoded", topic=tp.topic,
                             partition=tp.partition, offset=self.stuck[tp],
                             reason=type(error).__name__)  # fmt: skip
            else:
                if records:
                    return records
        return {}


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
