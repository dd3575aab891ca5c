"""Waiting until the whole system has nothing left to do."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import httpx

EVERY = 0.1


class NeverQuiet(RuntimeError):
    """Something is still waiting after the time allowed; the message says what, where."""


def wait_until_quiet(urls: Mapping[str, str], *, limit: float = 120.0) -> None:
    """
    Come back when two looks in a row saw no waiting work anywhere and the same work done.

    *urls* are the services by name. Raises NeverQuiet after *limit* seconds.
    """
    end = time.monotonic() + limit
    before: dict[str, Any] | None = None
    with httpx.Client(timeout=10) as client:
        while time.monotonic() < end:
            seen = {name: _status(client, url) for name, url in urls.items()}
            idle = not any(_pending(status) for status in seen.values())
            done = {name: status.get("done") for name, status in seen.items()}
            if idle and done == before:
                return
            before = done if idle else None
            time.sleep(EVERY)
    waiting = {name: _pending(status) for name, status in seen.items() if _pending(status)}
    raise NeverQuiet(f"after {limit:.0f} s there is still work waiting: {waiting}")


def _status(client: httpx.Client, url: str) -> dict[str, Any]:
    try:
        answer = client.get(f"{url}/status")
        answer.raise_for_status()
    except httpx.HTTPError as error:
        # a service that is starting again knows nothing of its work yet
        return {"waiting": {"answer": type(error).__name__}}
    found: dict[str, Any] = answer.json()
    return found


def _pending(status: Mapping[str, Any]) -> dict[str, Any]:
    return {part: count for part, count in status["waiting"].items() if count}
