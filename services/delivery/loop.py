"""Work that comes round: a tick again and again, sooner when there is more to do."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

import structlog

from services.delivery.failures import Patience
from services.delivery.reasons import frames, reason

log = structlog.get_logger()

Tick = Callable[[], Awaitable[bool | None]]
HURRY_AFTER = 5.0


class Loop:
    """
    Calls *tick* again at once while it answers True, else after *every* or a `wake`.

    An error is logged, makes the part not ready, and is tried again with growing pauses.
    *waiting* counts the work that is due. *hurry* is called while the loop is to stop and its tick
    does not end: it may give up what can be done later.
    """

    def __init__(  # noqa: PLR0913 - what comes round, when, and how it is asked about and ended
        self,
        name: str,
        tick: Tick,
        *,
        every: timedelta,
        waiting: Callable[[], Awaitable[int]] | None = None,
        hurry: Callable[[], None] | None = None,
        patience: Patience | None = None,
    ) -> None:
        self.name = name
        self.done = 0
        self._tick = tick
        self._every = every.total_seconds()
        self._count = waiting
        self._hurry = hurry
        self._patience = patience or Patience(first=0.2, longest=15.0)
        self._failures = 0
        self._why: str | None = None
        self._woken = asyncio.Event()
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin, with a tick at once."""
        self._stopping.clear()
        self._task = asyncio.create_task(self._run(), name=self.name)

    async def stop(self) -> None:
        """Let the tick at hand end, then no more."""
        self._stopping.set()
        self._woken.set()
        if self._task is not None:
            while not (await asyncio.wait([self._task], timeout=HURRY_AFTER))[0]:
                if self._hurry:
                    self._hurry()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    def wake(self) -> None:
        """Tick now."""
        self._woken.set()

    def trouble(self) -> str | None:
        """Why the last tick failed, or None."""
        return self._why

    async def waiting(self) -> int:
        """The work that is due, as the owner counts it."""
        return await self._count() if self._count else 0

    async def _run(self) -> None:
        while not self._stopping.is_set():
            self._woken.clear()
            pause = await self._once()
            if pause and not self._stopping.is_set():
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._woken.wait()

    async def _once(self) -> float:
        try:
            more = await self._tick()
        except Exception as error:
            return self._failed(error)
        self._failures, self._why = 0, None
        if more:
            self.done += 1
            await asyncio.sleep(0)  # a tick that never waits must not starve the others
        return 0.0 if more else self._every

    def _failed(self, error: Exception) -> float:
        self._failures += 1
        self._why = f"failed {self._failures} times: {reason(error)}"
        log.error("tick failed", loop=self.name, times=self._failures, reason=reason(error),
                  at=frames(error))  # fmt: skip
        return self._patience.pause(self._failures)
