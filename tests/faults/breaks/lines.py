"""What goes wrong between a service and a server, by its proxy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from tests.faults.arena import Arena, Cell, Times
from tests.faults.proxy.faults import Fault, LoseReply


def reply_lost(service: str, server: str, kind: str, *, times: int = 3) -> Cell:
    """The server did what *kind* asked for, and nobody heard of it."""
    fault = LoseReply(kind=kind, times=times)
    words = f"reply to {kind} lost" if kind != "." else "reply after the final dot lost"
    return Cell(fault=words, service=service, breaks=partial(_armed, service, server, fault))


@contextmanager
def _armed(service: str, server: str, fault: Fault, arena: Arena) -> Iterator[Times]:
    proxies = arena.paths.of(server, service)
    armed = [proxy.arm(fault) for proxy in proxies]
    yield lambda: sum(one.hits for one in armed)
    for proxy in proxies:
        proxy.clear()
