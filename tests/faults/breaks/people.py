"""People who ask to be forgotten while everything about them is on its way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from tests.faults.arena import Arena, Cell, Times
from tests.faults.traffic import Statement
from tests.waiting import until

FORGOTTEN = 6


def erased() -> Cell:
    """Some of those handed in last ask to be forgotten."""
    return Cell(fault="erasure in mid-flow", service="all", breaks=_erased, least=FORGOTTEN)


@contextmanager
def _erased(arena: Arena) -> Iterator[Times]:
    until(lambda: len(_newest(arena)) >= FORGOTTEN, what="enough learners to forget")
    forgotten = 0
    for number in _newest(arena)[:FORGOTTEN]:
        statement = arena.traffic.plan.forget(number)
        if arena.traffic.post(statement):
            forgotten += 1
            arena.judge.forgotten[_address(statement)] = datetime.now(UTC)
    yield lambda: forgotten


def _newest(arena: Arena) -> list[int]:
    """The learners handed in last, last first, who did not ask yet."""
    told = (one.statement for one in reversed(arena.traffic.answered))
    numbers = dict.fromkeys(one.number for one in told if one.path == "learners")
    erased = {one.statement.number for one in arena.traffic.answered
              if one.statement.path == "erasures"}  # fmt: skip
    return [number for number in numbers if number not in erased]


def _address(statement: Statement) -> str:
    return f"c{statement.number}@learners.example.org"
