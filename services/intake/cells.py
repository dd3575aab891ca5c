"""
Facts held field by field, each with its own time: why order does not matter.

A cell is ``[at, by, value]``. The greatest ``(at, by)`` stays, so merging is commutative,
associative and idempotent: statements shuffled, repeated or late end in the same cells.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

Cells = dict[str, list[Any]]


@dataclass(frozen=True, slots=True, order=True)
class Stamp:
    """
    When a statement was true, and what it was.

    ``by`` names the source record by its content, so the same record read again is recognised.
    """

    at: datetime
    by: str

    @property
    def key(self) -> tuple[str, str]:
        """The stamp as it stands in a cell; its texts sort as the times do."""
        return (self.at.astimezone(UTC).isoformat(timespec="microseconds"), self.by)


@dataclass(frozen=True, slots=True)
class Merge:
    """The cells after a statement, the fields it decided, and those another decided at its time."""

    cells: Cells
    won: frozenset[str]
    clashed: frozenset[str]


def merged(cells: Cells, given: Mapping[str, Any], stamp: Stamp) -> Merge:
    """*cells* with each *given* value that is not older than the one held."""
    at, by = stamp.key
    after = dict(cells)
    won, clashed = set(), set()
    for field, value in given.items():
        held = cells.get(field)
        if held is None or (held[0], held[1]) <= (at, by):
            after[field] = [at, by, value]
            won.add(field)
        elif held[0] == at and held[2] != value:
            clashed.add(field)
    return Merge(after, frozenset(won), frozenset(clashed))


def values(cells: Cells) -> dict[str, Any]:
    """What the cells say."""
    return {field: cell[2] for field, cell in cells.items()}
