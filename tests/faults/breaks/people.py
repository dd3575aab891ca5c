"""People who ask to be forgotten while everything about them is on its way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from tests.faults.arena import Arena, Cell, Times
from tests.faults.traffic import Statement

FORGOTTEN = 6


def erased() -> Cell:
    """Some of those handed in last ask to be forgotten."""
    return Cell(fault="erasure in mid-flow", service="all", breaks=_erased, least=FORGOTTEN)


@contextmanager
def _erased(arena: Arena) -> Iterator[Times]:
    newest = dict.fromkeys(
        one.statement.number
        for one in reversed(arena.traffic.answered)
        if one.statement.path == "learners"
    )
    forgotten = 0
    for number in list(newest)[:FORGOTTEN]:
        statement = arena.traffic.plan.forget(number)
        if arena.traffic.post(statement):
            forgotten += 1
            arena.judge.forgotten[_address(statement)] = datetime.now(UTC)
    yield lambda: forgotten


def _address(statement: Statement) -> str:
    return f"c{statement.number}@learners.example.org"
