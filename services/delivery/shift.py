"""What a relay does while it holds the lock: look, send, record."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import structlog
from aiokafka import AIOKafkaProducer
from sqlalchemy.ext.asyncio import AsyncConnection

from services.delivery import sending, tail, unsent
from services.delivery.ends import Ends
from services.delivery.failpoints import reach
from services.delivery.marks import raise_marks, read_marks
from services.delivery.producer import close_producer, open_producer
from services.delivery.reasons import reason
from services.delivery.sending import Batch
from services.delivery.unsent import Row

ROWS = 500

log = structlog.get_logger()


@dataclass(slots=True, eq=False)
class Tally:
    """
    What a relay has done since its start.

    ``done`` rows sent, ``rebuilds`` producers made, ``looks`` comparisons with the ends of the
    broker's logs, ``heals`` rows sent again after it lost them, ``doubts`` rows sent again because
    an unfinished turn may hide such a loss, ``parked`` rows it will never take.
    """

    done: int = 0
    rebuilds: int = 0
    looks: int = 0
    heals: int = 0
    doubts: int = 0
    parked: int = 0


class Shift:
    """
    One holding of the lock, from `begin` to the first error: whoever follows begins anew.

    Everything is said on *connection*, which holds the lock: without the lock nothing is recorded.
    """

    def __init__(
        self, connection: AsyncConnection, bootstrap: str, tally: Tally, *, service: str
    ) -> None:
        self._connection = connection
        self._bootstrap = bootstrap
        self._tally = tally
        self._log = log.bind(service=service)
        self._ends = Ends(bootstrap)
        self._producer: AIOKafkaProducer | None = None
        self._marks: tail.Marks = {}
        self._next: dict[tail.Partition, int] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._drop_producer()
        await self._ends.close()

    async def begin(self) -> None:
        """Learn how far the logs may have gone, look, and settle what the last shift left open."""
        self._marks, turns = await read_marks(self._connection)
        await self.look()
        doubts = tail.doubtful(self._marks, self._next, turns)
        self._tally.doubts += await unsent.send_again(self._connection, doubts)

    async def look(self) -> None:
        """See that the broker still has what it acknowledged; what it lost is unsent again."""
        ends = await self._ends.of(self._marks)
        self._tally.looks += 1
        self._next |= ends
        await self._send_again(tail.lost(self._marks, ends))

    async def send(self, rows: Sequence[Row]) -> None:
        """
        Send and record *rows* or the first of them, and park what is refused for good.

        Raises the first error that says nothing of a row.
        """
        reach("relay.read")
        batches, refused = await sending.packed(await self._connected(), rows)
        for row, error in refused:
            await self._park(row, reason(error))
        for batch, _ in await self._sent(batches) if batches else ():
            await self._one_by_one(batch)

    async def _sent(self, batches: Sequence[Batch]) -> list[tuple[Batch, Exception]]:
        await self._announce(batches)
        sent = await sending.send(await self._connected(), batches)
        reach("relay.acked")
        await self._record(sent.acks)
        reach("relay.recorded")
        if sent.refused:
            # its count of records has a gap now, and the broker would refuse what comes after
            await self._drop_producer()
        if sent.error is not None:
            raise sent.error
        return sent.refused

    async def _announce(self, batches: Sequence[Batch]) -> None:
        unknown = [batch.place for batch in batches if batch.place not in self._next]
        self._next |= await self._ends.of(unknown)
        turns = {batch.place: len(batch.rows) for batch in batches}
        await raise_marks(self._connection, self._next, turns)

    async def _record(self, acks: Sequence[tail.Ack]) -> None:
        await self._send_again(tail.late(acks, self._marks))
        counted = tail.counted(acks, self._marks)
        await unsent.record(self._connection, counted)
        self._marks |= tail.highest(counted)
        self._next |= {place: offset + 1 for place, offset in tail.highest(acks).items()}
        self._tally.done += len(counted)

    async def _one_by_one(self, batch: Batch) -> None:
        # one bad row makes the broker refuse all that came in its batch
        held: set[bytes] = set()
        for row in batch.rows:
            if row.key in held:
                continue
            single = sending.alone(await self._connected(), batch.place, row)
            for _, error in await self._sent([single]):
                held.add(row.key)
                await self._park(row, reason(error))

    async def _park(self, row: Row, why: str) -> None:
        self._tally.parked += 1
        await unsent.park(self._connection, row, why)
        self._log.error("row parked", id=str(row.id), topic=row.topic, reason=why)

    async def _send_again(self, starts: dict[tail.Partition, int]) -> None:
        rows = await unsent.send_again(self._connection, starts)
        if rows:
            self._tally.heals += rows
            self._log.error("the broker lost records, sending them again", rows=rows,
                            partitions=len(starts))  # fmt: skip

    async def _connected(self) -> AIOKafkaProducer:
        if self._producer is None:
            self._producer = await open_producer(self._bootstrap)
            self._tally.rebuilds += 1
        return self._producer

    async def _drop_producer(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await close_producer(producer)
