"""The one way our records are written: idempotent, acknowledged by every replica in sync."""

import asyncio

import structlog
from aiokafka import AIOKafkaProducer

STOP_LIMIT = 5.0
RECORD_LIMIT = 1_048_576  # brokers' own default

log = structlog.get_logger()


async def open_producer(bootstrap: str, *, largest: int = RECORD_LIMIT) -> AIOKafkaProducer:
    """A started producer of records up to *largest* bytes; raises aiokafka's KafkaError."""
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        enable_idempotence=True,
        acks="all",
        linger_ms=5,
        max_batch_size=262_144,
        max_request_size=largest,
        # how long a record may stay unacknowledged before we look again what became of it
        request_timeout_ms=10_000,
    )
    try:
        await producer.start()
    except BaseException:
        await close_producer(producer)
        raise
    return producer


async def close_producer(producer: AIOKafkaProducer) -> None:
    """Stop it at once: what it still holds is not sent any more, and stays unpublished with us."""
    # its own stop waits for its batches, for ever while no broker takes them, and cut short
    # leaves its sender running
    sender = producer._sender.sender_task  # noqa: SLF001
    producer._closed = True  # noqa: SLF001
    try:
        async with asyncio.timeout(STOP_LIMIT):
            if sender is not None:
                sender.cancel()
            await producer.client.close()  # so that requests under way end
            if sender is not None:
                await asyncio.wait([sender])
    except TimeoutError:
        log.warning("producer not stopped in time")
