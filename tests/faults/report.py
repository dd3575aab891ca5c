"""The table of `make faults`: a row a cell, and one line of totals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

# under this name a test hands its row to whoever prints
ROW = "row"
COLUMNS = ("fault", "service", "times", "events", "lost", "doubled", "recovery s")
WIDTHS = (44, 9, 6, 7, 5, 8, 11)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """
    What one cell came to; ``amiss`` are findings that are neither losses nor doubles.

    ``place`` is the cell's in the matrix.
    """

    place: int
    broker: str
    fault: str
    service: str
    times: int
    events: int
    lost: int
    doubled: int
    amiss: int
    recovery: float

    @property
    def good(self) -> bool:
        """It happened, and nothing came of it."""
        return self.times > 0 and not (self.lost or self.doubled or self.amiss)

    def cells(self) -> tuple[str, ...]:
        """As the table shows it."""
        counts = (self.times, self.events, self.lost, self.doubled)
        return (self.fault, self.service, *map(str, counts), f"{self.recovery:.1f}")

    def as_json(self) -> dict[str, Any]:
        """For a report that goes from one process to another."""
        return asdict(self)


def row_of(found: Mapping[str, Any]) -> Row:
    """What `as_json` told."""
    return Row(**found)


def line(cells: Sequence[str]) -> str:
    """A row for a terminal: words left, figures right."""
    words = [cell.ljust(width) for cell, width in zip(cells[:2], WIDTHS[:2], strict=True)]
    figures = [cell.rjust(width) for cell, width in zip(cells[2:], WIDTHS[2:], strict=True)]
    return " ".join((*words, *figures))


def totals(rows: Sequence[Row], *, broken: int) -> str:
    """
    One line: what happened how often, what came of it, and whether all of it is good.

    *broken* counts what failed beside the rows.
    """
    silent = sum(row.times == 0 for row in rows)
    slowest = max((row.recovery for row in rows), default=0.0)
    good = rows and not broken and all(row.good for row in rows)
    return (
        f"faults: {len(rows)} cells, felt {_sum(rows, 'times')} times,"
        f" {_sum(rows, 'events')} events, {_sum(rows, 'lost')} lost,"
        f" {_sum(rows, 'doubled')} doubled, {_sum(rows, 'amiss')} otherwise wrong,"
        f" {silent} never happened, {broken} failed, slowest recovery {slowest:.1f} s:"
        f" {'ok' if good else 'BROKEN'}"
    )


def markdown(rows: Iterable[Row]) -> list[str]:
    """The lines of the table in a document."""
    return [
        f"| {' | '.join(COLUMNS)} |",
        f"|{'---|' * 2}{'---:|' * (len(COLUMNS) - 2)}",
        *(f"| {' | '.join(row.cells())} |" for row in rows),
    ]


def _sum(rows: Iterable[Row], name: str) -> int:
    return sum(getattr(row, name) for row in rows)
