"""Whether heights prove a standing allocation best: over all arcs, or those a step changed."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from services.matcher.flow import Ints
from services.matcher.residual import Residual

BLOCK = 2**16  # arcs looked at together: they stay in the cache
SHARE = 8  # where one in so many nodes is to be looked at, all are
ALL = 100  # times after which all arcs are looked at again


def is_proven(residual: Residual) -> bool:
    """Whether the heights prove the allocation best over the arcs as they are."""
    arcs, height = residual.arcs, residual.height
    return all(_lowest(arcs[part], height, height[part]) >= 0 for part in _blocks(len(height)))


@dataclass(slots=True, kw_only=True)
class Proven:
    """
    The same, asked again and again of one allocation.

    An arc that was not drawn anew since it was last looked at, between nodes of the same heights,
    is as good as it was: only the others are looked at, and now and then all.
    """

    residual: Residual
    _height: Ints | None = None
    _since: int = 0
    _left: int = 0

    def holds(self) -> bool:
        """Whether the heights prove the allocation best; after a No, every arc is looked at."""
        residual, height = self.residual, self.residual.height
        rows, columns = residual.drawn_since(self._since)
        before, self._height = self._height, None
        if before is None or not self._left:
            held, self._left = is_proven(residual), ALL
        else:
            self._left -= 1
            lifted = np.flatnonzero(height != before)
            held = self._look(np.union1d(rows, lifted), np.union1d(columns, lifted))
        if held:
            self._height, self._since = height.copy(), residual.next_moment()
        return held

    def _look(self, rows: Ints, columns: Ints) -> bool:
        """Whether the arcs out of *rows* and into *columns* are level."""
        arcs, height = self.residual.arcs, self.residual.height
        if SHARE * (len(rows) + len(columns)) > len(height):
            return is_proven(self.residual)
        return (
            _lowest(arcs[rows], height, height[rows]) >= 0
            and _lowest(arcs[:, columns].T, -height, -height[columns]) >= 0
        )


def _blocks(nodes: int) -> Iterator[slice]:
    rows = max(1, BLOCK // nodes)
    return (slice(start, start + rows) for start in range(0, nodes, rows))


def _lowest(arcs: Ints, there: Ints, here: Ints) -> int:
    """The least that an arc costs when heights *here* are added and those *there* taken off."""
    return int(((arcs - there).min(axis=1) + here).min()) if len(here) else 0
