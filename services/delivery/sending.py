"""
Sending parcels of rows to Kafka and learning what became of each.

One parcel a partition at a time: when it fails, nothing of a later one can have overtaken it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import DuplicateSequenceNumber

from services.delivery.failpoints import reach
from services.delivery.parcels import FOR_GOOD, Parcel
from services.delivery.tail import Ack

# above the producer's own time-out for one request: it may try a second broker meanwhile
SEND_LIMIT = 30.0
Future = asyncio.Future[Any]


@dataclass(slots=True)
class Sent:
    """What became of parcels; *error* is the first that says nothing of a parcel."""

    acks: list[Ack] = field(default_factory=list)
    refused: list[tuple[Parcel, Exception]] = field(default_factory=list)
    error: Exception | None = None

    def add(self, parcel: Parcel, answer: int | Exception) -> None:
        """Take in where *parcel* begins in its log, or why it is not known to be there."""
        if isinstance(answer, int):
            self.acks += [
                Ack(row.id, *parcel.place, answer + n) for n, row in enumerate(parcel.rows)
            ]
        elif isinstance(answer, FOR_GOOD):
            self.refused.append((parcel, answer))
        else:
            self.error = self.error or answer


async def send(producer: AIOKafkaProducer, parcels: Sequence[Parcel]) -> Sent:
    """Send *parcels* and wait for their acknowledgements; never raises a Kafka error."""
    sent = Sent()
    under_way: list[tuple[Parcel, Future]] = []
    for parcel in parcels:
        topic, partition = parcel.place
        try:
            future = await producer.send_batch(parcel.builder, topic, partition=partition)
        except Exception as error:
            sent.error = error
            break
        future.add_done_callback(_answer)
        under_way.append((parcel, future))
    reach("relay.sent")
    if under_way:
        await asyncio.wait([future for _, future in under_way], timeout=SEND_LIMIT)
    for parcel, future in under_way:
        sent.add(parcel, _answer(future))
    return sent


def _answer(future: Future) -> int | Exception:
    # also called when it comes after we gave up waiting: asyncio complains of errors unseen
    if not future.done():
        return TimeoutError("unacknowledged")
    if future.cancelled():
        return ConnectionError("the producer gave it up")
    error = future.exception()
    if error is not None:
        return error if isinstance(error, Exception) else ConnectionError("the producer died")
    base: int = future.result().offset
    if base < 0:
        unplaced: Exception = DuplicateSequenceNumber()  # the broker does not say where it has it
        return unplaced
    return base
