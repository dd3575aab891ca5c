"""Sending rows to Kafka and learning what became of each."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    CorruptRecordException,
    InvalidTopicError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
)

from services.delivery.failpoints import reach
from services.delivery.tail import Ack
from services.delivery.unsent import Row

SEND_LIMIT = 30.0
# refused today, refused tomorrow: whatever else fails may work later
FOR_GOOD = (
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    CorruptRecordException,
    InvalidTopicError,
)


@dataclass(slots=True)
class Sent:
    """What became of a number of rows; *error* is the first that says nothing of a row."""

    acks: list[Ack] = field(default_factory=list)
    refused: list[tuple[Row, Exception]] = field(default_factory=list)
    error: Exception | None = None


async def send(producer: AIOKafkaProducer, rows: Sequence[Row]) -> Sent:
    """
    Send *rows* in order and wait for their acknowledgements; never raises a Kafka error.

    After a row that cannot even leave, later rows of its key stay here too.
    """
    result = Sent()
    futures: dict[asyncio.Future[Any], Row] = {}
    held: set[tuple[str, bytes]] = set()
    for row in rows:
        if (row.topic, row.key) in held:
            continue
        try:
            futures[await _started(producer, row)] = row
        except FOR_GOOD as error:
            result.refused.append((row, error))
            held.add((row.topic, row.key))
        except Exception as error:
            result.error = error
            break
    reach("relay.sent")
    await _harvest(futures, result)
    return result


async def _started(producer: AIOKafkaProducer, row: Row) -> "asyncio.Future[Any]":
    future: asyncio.Future[Any] = await producer.send(
        row.topic, value=row.value, key=row.key, headers=row.headers
    )
    # looked at even if we gave up waiting
    future.add_done_callback(lambda done: done.cancelled() or done.exception())
    return future


async def _harvest(futures: "dict[asyncio.Future[Any], Row]", result: Sent) -> None:
    if not futures:
        return
    done, pending = await asyncio.wait(futures, timeout=SEND_LIMIT)
    for future in (future for future in futures if future in done):
        row, error = futures[future], future.exception()
        if error is None:
            place = future.result()
            result.acks.append(Ack(row.id, place.topic, place.partition, place.offset))
        elif isinstance(error, FOR_GOOD):
            result.refused.append((row, error))
        elif result.error is None:
            result.error = error if isinstance(error, Exception) else RuntimeError("cancelled")
    if pending and result.error is None:
        result.error = TimeoutError(f"{len(pending)} records unacknowledged")
