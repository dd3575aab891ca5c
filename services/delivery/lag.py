"""Whether what waits for a group is being worked off, looked at every now and then."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from aiokafka.errors import KafkaError

EVERY = 5.0
# above the slowest batch that is no fault: one with as many failing events as are not yet too many
STALLED = 120.0
SILENT = 30.0
ASK_LIMIT = 5.0


class Lag:
    """
    Asks *count* how much waits, and tells when it does not get less.

    *made* counts the commits that went well. ``trouble`` has words for what waits while none is
    made, and for a broker that does not answer.
    """

    def __init__(self, count: Callable[[], Awaitable[int]], made: Callable[[], int]) -> None:
        self._count = count
        self._made = made
        self._seen = (0, -1)
        self._moved_at = self._answered_at = time.monotonic()

    async def now(self) -> int | None:
        """How much waits, or None while it cannot be known."""
        try:
            async with asyncio.timeout(ASK_LIMIT):
                return await self._count()
        except (KafkaError, TimeoutError):
            return None

    async def watch(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            self.look(await self.now(), self._made(), time.monotonic())
            await asyncio.sleep(EVERY)

    def look(self, waiting: int | None, made: int, at: float) -> None:
        """Note what was found *at* a time of the monotonic clock."""
        if waiting is None:
            return
        self._answered_at = at
        if waiting == 0 or made != self._seen[1]:
            self._moved_at = at
        self._seen = (waiting, made)

    def excuse(self) -> None:
        """It stands for a reason that is told elsewhere: begin to count anew."""
        self._moved_at = time.monotonic()

    def trouble(self, at: float | None = None) -> str | None:
        """Why it does not get less, or None."""
        at = time.monotonic() if at is None else at
        if at - self._answered_at > SILENT:
            return f"Kafka has not answered for {at - self._answered_at:.0f} s"
        if at - self._moved_at > STALLED:
            return (
                f"{self._seen[0]} records wait, and none was settled "
                f"for {at - self._moved_at:.0f} s"
            )
        return None
