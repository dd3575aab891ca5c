"""What goes wrong between a service and a server, by its proxy."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from tests.faults.arena import Arena, Cell, Times
from tests.faults.proxy.faults import DelayReply, Fault, HalfOpen, LoseReply, Reset

NAMES = {"kafka": "Kafka", "postgres": "PostgreSQL", "smtp": "the mail server"}
LATE = 1.5
# shorter than every limit of ours: what ends the silence is a reset, as a firewall's or a kernel's
SILENCE = 4.0
RESETS = 3


def reply_lost(service: str, server: str, kind: str, *, times: int = 2) -> Cell:
    """The server did what *kind* asked for, and nobody heard of it."""
    words = f"reply to {kind} lost" if kind != "." else "reply after the final dot lost"
    fault = LoseReply(kind=kind, times=times)
    return Cell(fault=words, service=service, breaks=partial(_armed, service, server, fault))


def delayed(service: str, server: str, kind: str, *, times: int = 3) -> Cell:
    """The answer to *kind* comes late, and so does all behind it."""
    words = f"reply to {kind} late" if kind != "." else "reply after the final dot late"
    fault = DelayReply(kind=kind, times=times, seconds=LATE)
    return Cell(fault=words, service=service, breaks=partial(_armed, service, server, fault))


def reset(service: str, server: str) -> Cell:
    """Every line to a server is reset at once, several times."""
    return Cell(
        fault=f"lines to {NAMES[server]} reset", service=service,
        breaks=partial(_reset, service, server),
    )  # fmt: skip


def silent(service: str, server: str) -> Cell:
    """Every line to a server stays open and carries nothing, and is reset after a while."""
    return Cell(
        fault=f"lines to {NAMES[server]} half open", service=service,
        breaks=partial(_silent, service, server),
    )  # fmt: skip


@contextmanager
def _armed(service: str, server: str, fault: Fault, arena: Arena) -> Iterator[Times]:
    proxies = arena.paths.of(server, service)
    armed = [proxy.arm(fault) for proxy in proxies]
    yield lambda: sum(one.hits for one in armed)
    for proxy in proxies:
        proxy.clear()


@contextmanager
def _reset(service: str, server: str, arena: Arena) -> Iterator[Times]:
    proxies = arena.paths.of(server, service)
    hits = 0
    last = 0.0

    def again() -> int:
        nonlocal hits, last
        if time.monotonic() - last > 1.0:
            last = time.monotonic()
            hits += sum(proxy.arm(Reset()).hits for proxy in proxies) > 0
        return hits

    yield again


@contextmanager
def _silent(service: str, server: str, arena: Arena) -> Iterator[Times]:
    proxies = arena.paths.of(server, service)
    armed = [proxy.arm(HalfOpen()) for proxy in proxies]
    end = time.monotonic() + SILENCE
    yield lambda: sum(one.hits for one in armed) if time.monotonic() > end else 0
    for proxy in proxies:
        proxy.clear()
        proxy.arm(Reset())
