"""Waiting for a thing to become true, with a deadline."""

import time
from collections.abc import Callable
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
