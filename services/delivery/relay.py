"""The relay: one a service, from its outbox to Kafka in order, again after every failure."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.delivery import unsent
from services.delivery.database import Sessions
from services.delivery.failures import Patience, Stopping, pause_or_stop
from services.delivery.lock import heard_or_stopping, only_one
from services.delivery.reasons import frames, reason
from services.delivery.settings import DeliverySettings
from services.delivery.shift import Shift
from services.delivery.tally import Tally

ROWS = 500
POLL = 1.0
STALLED = 30.0
# above SEND_LIMIT: a turn that takes longer hangs on a silent server
TURN_LIMIT = 60.0
# what a turn may still take once asked to stop; with the consumer's own and the producer's end it
# stays below the pod's grace
LAST_TURN = 5.0

log = structlog.get_logger()


class Relay:
    """Sends what *service* posted, as a part of it; any number of replicas, one of them working."""

    name = "relay"

    def __init__(self, settings: DeliverySettings, sessions: Sessions, *, service: str) -> None:
        self.service = service
        self.tally = Tally()
        self._engine: AsyncEngine = sessions.kw["bind"]
        self._bootstrap = settings.kafka_bootstrap
        self._patience = Patience(first=0.2, longest=10.0)
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._turn_ends: asyncio.Timeout | None = None
        self.failing = 0
        self._well_at = time.monotonic()
        self._why = ""

    @property
    def done(self) -> int:
        """Rows sent since the start."""
        return self.tally.sent

    async def start(self) -> None:
        """Begin, in the background, whether or not the broker is there."""
        self._stopping.clear()
        self._well_at = time.monotonic()
        self._task = asyncio.create_task(self._run(), name=f"relay {self.service}")

    async def stop(self) -> None:
        """Finish the rows at hand unless the broker is silent, let go of the lock."""
        self._stopping.set()
        if self._turn_ends is not None and not self._turn_ends.expired():
            self._turn_ends.reschedule(asyncio.get_running_loop().time() + LAST_TURN)
        if self._task is not None:
            await self._task
            self._task = None

    def trouble(self) -> str | None:
        """Since when and why rows wait, once that is too long, or None."""
        seconds = time.monotonic() - self._well_at
        return f"stands since {seconds:.0f} s: {self._why}" if seconds > STALLED else None

    async def waiting(self) -> int:
        """Rows not sent yet, without those that wait behind a parked one."""
        async with self._engine.connect() as connection:
            return await unsent.count_unsent(connection)

    async def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                async with only_one(
                    self._engine, self.service, self._stopping, meanwhile=self._stand_by
                ) as connection:
                    if connection is not None:
                        await self._work(connection)
            except Exception as error:
                await self._failed(error)

    async def _work(self, connection: AsyncConnection) -> None:
        async with Shift(connection, self._bootstrap, self.tally, service=self.service) as shift:
            async with self._bounded():
                await shift.begin()
            while not self._stopping.is_set():
                async with self._bounded():
                    await self._turn(connection, shift)
                self._recovered()

    @asynccontextmanager
    async def _bounded(self) -> AsyncIterator[None]:
        seconds = LAST_TURN if self._stopping.is_set() else TURN_LIMIT
        try:
            async with asyncio.timeout(seconds) as self._turn_ends:
                yield
        finally:
            self._turn_ends = None

    async def _turn(self, connection: AsyncConnection, shift: Shift) -> None:
        rows = await unsent.unsent(connection, ROWS)
        if rows:
            self._rows_wait(rows[0].age, "rows come faster than they leave")
            await shift.send(rows)
        else:
            self._rows_wait(0.0)
            await heard_or_stopping(connection, POLL, self._stopping)
            if not self._stopping.is_set():
                await shift.look()

    async def _stand_by(self, connection: AsyncConnection) -> None:
        age = await unsent.oldest(connection)
        self._rows_wait(age, "another replica holds the lock and does not send")

    def _rows_wait(self, seconds: float, why: str = "") -> None:
        # by the database's clock, which all replicas share
        self._well_at = time.monotonic() - seconds
        if not self.failing:
            self._why = why

    async def _failed(self, error: Exception) -> None:
        self.failing += 1
        self._why = reason(error)
        log.warning("relay failed", service=self.service, times=self.failing,
                    reason=reason(error), at=frames(error))  # fmt: skip
        with suppress(Stopping):
            await pause_or_stop(self._stopping, self._patience.pause(self.failing))

    def _recovered(self) -> None:
        if self.failing:
            log.info("relay works again", service=self.service)
        self.failing = 0
