"""Whether what waits for a group is being worked off, looked at every now and then."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog
from aiokafka.errors import KafkaError

from services.delivery.reasons import frames, reason

EVERY = 5.0
# above the slowest batch that is no fault: one with as many failing events as are not yet too many
WAIT_LIMIT = 120.0
SILENCE_LIMIT = 30.0
COUNT_LIMIT = 5.0

log = structlog.get_logger()


class Lag:
    """
    Asks *count* how much waits, and tells when it does not get less.

    *made* counts the commits that went well, *excused* says whether it stands for a reason that
    is told elsewhere. ``trouble`` has words for what waits while none is made, and for a broker
    that does not answer.
    """

    def __init__(
        self,
        count: Callable[[], Awaitable[int]],
        made: Callable[[], int],
        clock: Callable[[], float] = time.monotonic,
        excused: Callable[[], bool] = lambda: False,
    ) -> None:
        self._count = count
        self._made = made
        self._clock = clock
        self._excused = excused
        self._seen = (0, 0)
        self._moved_at = self._answered_at = clock()

    async def now(self) -> int | None:
        """How much waits, or None while it cannot be known."""
        try:
            async with asyncio.timeout(COUNT_LIMIT):
                return await self._count()
        except (KafkaError, TimeoutError):
            return None
        except Exception as error:  # whoever watches must go on watching
            log.warning("what waits cannot be counted", reason=reason(error), at=frames(error))
            return None

    async def watch(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            if self._excused():
                self.excuse()
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
        """Begin to count its time anew."""
        self._moved_at = self._clock()

    def trouble(self) -> str | None:
        """Why it does not get less, or None."""
        silent = self._clock() - self._answered_at
        if silent > SILENCE_LIMIT:
            return f"Kafka has not answered for {silent:.0f} s"
        still = self._clock() - self._moved_at
        if still > WAIT_LIMIT:
            return f"{self._seen[0]} records wait, and none was settled for {still:.0f} s"
        return None
