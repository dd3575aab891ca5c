"""Counts of people that may be shown: small ones are hidden, and a second so that none is told."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

FEWEST = 5  # a smaller group of people could be recognised


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """
    Counts by name, None where hidden, and their *total*, None where that is hidden too.

    From what is shown, no hidden count can be worked out, and what is hidden together is never
    a smaller group than FEWEST.
    """

    cells: Mapping[str, int | None]
    total: int | None


def table(names: Iterable[str]) -> Table:
    """How often each name comes, as a table that may be shown; by name."""
    return shown(Counter(names))


def shown(counts: Mapping[str, int]) -> Table:
    """
    *counts* of people without those under FEWEST, and without as few others as must go.

    With one hidden alone the total would tell it, so the smallest other goes too; likewise
    while those hidden are together fewer than FEWEST, or no more than one for each name. Counts
    of 0 are left out.
    """
    rest = sorted((count, name) for name, count in counts.items() if count)
    total = sum(count for count, _ in rest)
    hidden = [each for each in rest if each[0] < FEWEST]
    open_ = [each for each in rest if each[0] >= FEWEST]
    while open_ and _told(hidden):
        hidden.append(open_.pop(0))
    telling = _told(hidden)  # nothing else was there to hide
    away = {name for _, name in hidden}
    return Table(
        cells={name: None if name in away else count for count, name in sorted(rest, key=_name)},
        total=None if telling else total,
    )


def _told(hidden: Sequence[tuple[int, str]]) -> bool:
    """Whether the total tells what is *hidden*: one alone, few people, or one for each name."""
    together = sum(count for count, _ in hidden)
    return bool(hidden) and (len(hidden) == 1 or together < FEWEST or together == len(hidden))


def _name(cell: tuple[int, str]) -> str:
    return cell[1]


def hidden(total: Mapping[str, int], *parts: Mapping[str, int]) -> set[str]:
    """
    The names to leave out where *parts* of *total* are told beside it.

    A name goes if its people, those in a part, or those not in it are too few to show, and others
    go with it so that no sum tells it.
    """
    tables = [total, *parts, *({n: total[n] - part.get(n, 0) for n in total} for part in parts)]
    found = {name for each in tables for name, count in shown(each).cells.items() if count is None}
    if len(found) == 1 and len(total) > 1:  # where the others have none in a part, the sum is its
        found.add(min(total.keys() - found, key=lambda name: (total[name], name)))
    return found
