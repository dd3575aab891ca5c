"""A consumer with nothing to read leaves the broker and the processor alone."""

import asyncio
import time
from typing import Any

from services.delivery.polled import Polled


async def test_an_idle_consumer_asks_seldom(kafka: str) -> None:
    """The embedded broker does not hold an empty fetch: without a pause it is asked thousands."""
    consumer = Polled("p2a.learners.v1", bootstrap_servers=kafka)
    await consumer.start()
    asked = 0
    send = consumer._client.send

    async def counted(*request: Any, **options: Any) -> Any:
        nonlocal asked
        asked += 1
        return await send(*request, **options)

    consumer._client.send = counted
    try:
        end = time.monotonic() + 1.0
        while time.monotonic() < end:
            await consumer.getmany(timeout_ms=100)
            await asyncio.sleep(0)
    finally:
        await consumer.stop()
    assert 0 < asked < 100
