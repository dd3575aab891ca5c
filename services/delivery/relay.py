"""The relay: one a service, from its outbox to Kafka in order, again after every failure."""

import asyncio
import time
from contextlib import suppress

import structlog
from aiokafka import AIOKafkaProducer
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.delivery import tail, unsent
from services.delivery.database import Sessions
from services.delivery.effects import Patience
from services.delivery.ends import Ends
from services.delivery.failpoints import reach
from services.delivery.failures import Stopping, pause_or_stop
from services.delivery.lock import heard, only_one
from services.delivery.producer import close_producer, open_producer
from services.delivery.reasons import frames, reason
from services.delivery.sending import Sent, send
from services.delivery.settings import DeliverySettings
from services.delivery.unsent import Row

ROWS = 500
POLL = 1.0
STALLED = 30.0

log = structlog.get_logger()


class Relay:
    """
    Sends what *service* posted, as a part of it; any number of replicas, one of them working.

    ``rebuilds`` counts producers made anew, ``looks`` comparisons with the ends of the broker's
    logs, ``heals`` rows sent again after it lost them, ``parked`` rows it will never take.
    With *holds_readiness* False a standing relay does not make its service unready.
    """

    name = "relay"

    def __init__(
        self,
        settings: DeliverySettings,
        sessions: Sessions,
        *,
        service: str,
        holds_readiness: bool = True,
    ) -> None:
        self.service = service
        self.done = 0
        self.rebuilds = 0
        self.heals = 0
        self.looks = 0
        self.parked = 0
        self._engine: AsyncEngine = sessions.kw["bind"]
        self._bootstrap = settings.kafka_bootstrap
        self._holds_readiness = holds_readiness
        self._ends = Ends(settings.kafka_bootstrap)
        self._producer: AIOKafkaProducer | None = None
        self._patience = Patience(first=0.2, longest=10.0)
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._failures = 0
        self._failing: tuple[float, str] | None = None

    async def start(self) -> None:
        """Begin, in the background, whether or not the broker is there."""
        self._stopping.clear()
        self._task = asyncio.create_task(self._run(), name=f"relay {self.service}")

    async def stop(self) -> None:
        """Finish the rows at hand, let go of the lock."""
        self._stopping.set()
        if self._task is not None:
            await self._task
            self._task = None
        await self._drop_producer()
        await self._ends.close()

    def trouble(self) -> str | None:
        """Why nothing has been sent for a while, or None."""
        if self._failing is None or not self._holds_readiness:
            return None
        seconds = time.monotonic() - self._failing[0]
        return f"stands since {seconds:.0f} s: {self._failing[1]}" if seconds > STALLED else None

    async def waiting(self) -> int:
        """Rows not sent yet, without those that wait behind a parked one."""
        async with self._engine.connect() as connection:
            return await unsent.count_unsent(connection)

    async def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                async with only_one(self._engine, self.service, self._stopping) as connection:
                    if connection is not None:
                        await self._relay(connection)
            except Exception as error:
                await self._failed(error)

    async def _failed(self, error: Exception) -> None:
        self._failures += 1
        began = self._failing[0] if self._failing else time.monotonic()
        self._failing = (began, reason(error))
        log.warning("relay failed", service=self.service, times=self._failures,
                    reason=reason(error), at=frames(error))  # fmt: skip
        await self._drop_producer()
        with suppress(Stopping):
            await pause_or_stop(self._stopping, self._patience.pause(self._failures))

    async def _relay(self, connection: AsyncConnection) -> None:
        marks = await unsent.marks(connection)
        await self._heal(connection, marks)
        while not self._stopping.is_set():
            rows = await unsent.unsent(connection, ROWS)
            if rows:
                await self._publish(connection, rows, marks)
                continue
            self._well()
            await self._idle(connection)
            await self._heal(connection, marks)

    async def _heal(self, connection: AsyncConnection, marks: tail.Marks) -> None:
        ends = await self._ends.of(marks)
        self.looks += 1
        await self._send_again(connection, tail.lost(marks, ends))

    async def _send_again(
        self, connection: AsyncConnection, starts: dict[tail.Partition, int]
    ) -> None:
        rows = await unsent.send_again(connection, starts) if starts else 0
        if rows:
            self.heals += rows
            log.error("the broker lost records, sending them again", service=self.service,
                      rows=rows, partitions=len(starts))  # fmt: skip

    async def _publish(
        self, connection: AsyncConnection, rows: list[Row], marks: tail.Marks
    ) -> None:
        reach("relay.read")
        sent = await send(await self._connected(), rows)
        reach("relay.acked")
        await self._record(connection, sent, marks)
        reach("relay.recorded")
        for row, _ in sent.refused:
            await self._alone(connection, row, marks)
        if sent.error is not None:
            raise sent.error
        self._well()

    async def _record(self, connection: AsyncConnection, sent: Sent, marks: tail.Marks) -> None:
        await self._send_again(connection, tail.late(sent.acks, marks))
        counted = tail.counted(sent.acks, marks)
        await unsent.record(connection, counted)
        tail.raised(marks, counted)
        self.done += len(counted)

    async def _alone(self, connection: AsyncConnection, row: Row, marks: tail.Marks) -> None:
        # one bad row makes the broker refuse all that came in its batch
        sent = await send(await self._connected(), [row])
        await self._record(connection, sent, marks)
        for refused, error in sent.refused:
            self.parked += 1
            await unsent.park(connection, refused, reason(error))
            log.error("row parked", service=self.service, id=str(row.id), topic=row.topic,
                      reason=reason(error))  # fmt: skip
        if sent.error is not None:
            raise sent.error

    async def _idle(self, connection: AsyncConnection) -> None:
        # asked to stop, we do not wait for the next row
        waits = [
            asyncio.ensure_future(heard(connection, POLL)),
            asyncio.ensure_future(self._stopping.wait()),
        ]
        done, pending = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        for task in done:
            task.result()

    async def _connected(self) -> AIOKafkaProducer:
        if self._producer is None:
            self._producer = await open_producer(self._bootstrap)
            self.rebuilds += 1
        return self._producer

    async def _drop_producer(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await close_producer(producer)

    def _well(self) -> None:
        if self._failing is not None:
            log.info("relay works again", service=self.service)
        self._failures, self._failing = 0, None
