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

    def __init__(
        self,
        count: Callable[[], Awaitable[int]],
        made: Callable[[], int],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._count = count
        self._made = made
        self._clock = clock
        self._seen = (0, 0)
        self._moved_at = self._answered_at = clock()

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
            self.look(await self.now())
            await asyncio.sleep(EVERY)

    def look(self, waiting: int | None) -> None:
        """Note that so much waits at this moment; None: nobody answered."""
        if waiting is None:
            return
        self._answered_at = self._clock()
        made = self._made()
        if waiting == 0 or made != self._seen[1]:
            self.excuse()
        self._seen = (waiting, made)

    def excuse(self) -> None:
        """It moves, or stands for a reason that is told elsewhere: begin to count anew."""
        self._moved_at = self._clock()

    def trouble(self) -> str | None:
        """Why it does not get less, or None."""
        silent = self._clock() - self._answered_at
        if silent > SILENT:
            return f"Kafka has not answered for {silent:.0f} s"
        still = self._clock() - self._moved_at
        if still > STALLED:
            return f"{self._seen[0]} records wait, and none was settled for {still:.0f} s"
        return None
