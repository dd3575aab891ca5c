"""Waiting for a thing to become true, with a deadline."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


def until(found: Callable[[], T | None], *, limit: float = 20.0, what: str = "it") -> T:
    """The first true answer of *found*, asked again and again; fails after *limit* seconds."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        answer = found()
        if answer:
            return answer
        time.sleep(0.02)
    raise AssertionError(f"{what} did not come within {limit:.0f} s")


async def eventually(
    found: Callable[[], Awaitable[T | None]], *, limit: float = 25.0, what: str = "it"
) -> T:
    """As `until`, for a coroutine function; other tasks go on between."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        answer = await found()
        if answer:
            return answer
        await asyncio.sleep(0.02)
    raise AssertionError(f"{what} did not come within {limit:.0f} s")
