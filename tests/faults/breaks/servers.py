"""Servers stopped, killed and frozen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.faults.arena import Arena, Cell, Times


def postgres_killed() -> Cell:
    """PostgreSQL's immediate stop, and its recovery."""
    return Cell(fault="PostgreSQL stops at once", service="all", breaks=_postgres_killed)


@contextmanager
def _postgres_killed(arena: Arena) -> Iterator[Times]:
    before = arena.traffic.retries
    arena.whole.postgres.kill()
    yield lambda: arena.traffic.retries - before
    arena.whole.postgres.start()
