"""What could not be read or done, kept as it came, with the place and the reason."""

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from importlib.metadata import version

from aiokafka import AIOKafkaProducer

from services.delivery.producer import RECORD_LIMIT, close_producer, open_producer
from services.delivery.records import Failure
from services.delivery.topics import dead_topic

WINDOW = 60.0
OURS = "p2a_dead_"


class Halted(RuntimeError):
    """Too many dead letters: somebody must look before more are made."""


class Limit:
    """How many dead letters a minute are an accident, not a bad release; 0: any number."""

    def __init__(self, a_minute: int) -> None:
        self.a_minute = a_minute
        self._made: deque[float] = deque()

    def allow(self, more: int) -> None:
        """Raise Halted if *more* dead letters now would be too many."""
        if not self.a_minute:
            return
        before = time.monotonic() - WINDOW
        while self._made and self._made[0] < before:
            self._made.popleft()
        if len(self._made) + more > self.a_minute:
            raise Halted(f"more than {self.a_minute} dead letters in a minute")

    def count(self, made: int) -> None:
        """Remember *made* dead letters."""
        self._made.extend([time.monotonic()] * made)


class Graveyard:
    """Writes dead letters of one group; its producer starts with the first of them."""

    def __init__(self, bootstrap: str, group: str) -> None:
        self._bootstrap = bootstrap
        self._group = group
        self._producer: AIOKafkaProducer | None = None

    async def bury(self, failures: Sequence[Failure]) -> None:
        """Come back when every one is acknowledged; raises aiokafka's KafkaError."""
        if self._producer is None:
            self._producer = await open_producer(self._bootstrap, largest=2 * RECORD_LIMIT)
        try:
            sent = [await self._send(self._producer, failure) for failure in failures]
            await asyncio.gather(*sent)
        except BaseException:
            await self.close()  # fenced or out of order, it would never come right again
            raise

    async def close(self) -> None:
        """Stop the producer, if there is one."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await close_producer(producer)

    async def _send(self, producer: AIOKafkaProducer, failure: Failure) -> "asyncio.Future[object]":
        record = failure.record
        # aiokafka sends nothing that has neither
        key = b"" if record.key is None and record.value is None else record.key
        sending: asyncio.Future[object] = await producer.send(
            dead_topic(record.topic, self._group),
            value=record.value,
            key=key,
            headers=letter_headers(failure),
        )
        return sending


def letter_headers(failure: Failure) -> list[tuple[str, bytes]]:
    """The record's own headers, byte for byte, then ours: place, error, attempts, release."""
    record = failure.record
    ours = {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "error": failure.error,
        "reason": failure.reason,
        "attempts": failure.attempts,
        "release": version("path2-placement"),
    }
    return [
        *record.headers,
        *((f"{OURS}{name}", str(value).encode()) for name, value in ours.items()),
    ]
