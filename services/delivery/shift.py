"""What a relay does while it holds the lock: look, send, record."""

import asyncio
from collections.abc import Sequence
from typing import Self

import structlog
from aiokafka import AIOKafkaProducer
from sqlalchemy.ext.asyncio import AsyncConnection

from services.delivery import parcels, sending, unsent
from services.delivery.failpoints import reach
from services.delivery.parcels import Parcel
from services.delivery.producer import close_producer, open_producer
from services.delivery.reasons import reason
from services.delivery.tally import Tally
from services.delivery.unsent import Row
from services.delivery.watch import Watch

log = structlog.get_logger()


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
        self._watch = Watch(connection, bootstrap, tally, service=service)
        self._producer: AIOKafkaProducer | None = None
        self.begin = self._watch.begin
        self.look = self._watch.look

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(self._drop_producer(), self._watch.close())

    async def send(self, rows: Sequence[Row]) -> None:
        """
        Send and record *rows* or the first of them, and park what is refused for good.

        Raises the first error that says nothing of a row.
        """
        reach("relay.read")
        packed, refused = await parcels.packed(await self._connected(), rows)
        for row, error in refused:
            await self._park(row, reason(error))
        for parcel, _ in await self._sent(packed) if packed else ():
            await self._one_by_one(parcel)

    async def _sent(self, packed: Sequence[Parcel]) -> list[tuple[Parcel, Exception]]:
        await self._watch.announce({parcel.place: len(parcel.rows) for parcel in packed})
        sent = await sending.send(await self._connected(), packed)
        reach("relay.acked")
        await self._watch.note(sent.acks)
        reach("relay.recorded")
        if sent.refused:
            # its count of records has a gap now, and the broker would refuse what comes after
            await self._drop_producer()
        if sent.error is not None:
            raise sent.error
        return sent.refused

    async def _one_by_one(self, parcel: Parcel) -> None:
        # one bad row makes the broker refuse all that came with it
        held: set[bytes] = set()
        for row in parcel.rows:
            if row.key in held:
                continue
            single = parcels.alone(await self._connected(), parcel.place, row)
            for _, error in await self._sent([single]):
                held.add(row.key)
                await self._park(row, reason(error))

    async def _park(self, row: Row, why: str) -> None:
        self._tally.parked += 1
        await unsent.park(self._connection, row, why)
        self._log.error("row parked", id=str(row.id), topic=row.topic, reason=why)

    async def _connected(self) -> AIOKafkaProducer:
        if self._producer is None:
            self._producer = await open_producer(self._bootstrap)
            self._tally.rebuilds += 1
        return self._producer

    async def _drop_producer(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await close_producer(producer)
