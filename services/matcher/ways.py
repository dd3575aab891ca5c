"""The shortest ways of a standing allocation from the outside, or to it: found once, then kept."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from services.matcher.flow import Ints
from services.matcher.residual import NOBODY, Residual

FAR = 2**60  # ways cost less; what no way leads to is as far
TOGETHER = 64  # nodes that go on together
SHARE = 8  # where one in so many nodes is to be looked at, all are
EMPTY = np.empty(0, dtype=np.int64)


@dataclass(slots=True, kw_only=True)
class Ways:
    """
    The shortest ways over the arcs of *residual* from its outside, or ``back`` to it.

    Its heights must prove the allocation: else there may be no shortest way, and no end.

    ``costs`` int64 [nodes] are theirs, `FAR` where there is none; ``before`` [nodes] is the node
    a way comes by, seen from the outside, ``NOBODY`` where it needs none.
    """

    residual: Residual
    back: bool = False
    costs: Ints = field(init=False)
    before: Ints = field(init=False)

    def __post_init__(self) -> None:
        """Find all of them."""
        nodes = len(self.residual.height)
        self.costs = np.full(nodes, FAR, dtype=np.int64)
        self.before = np.full(nodes, NOBODY, dtype=np.int64)
        self._find(np.ones(nodes, dtype=np.bool_), EMPTY, EMPTY)

    def bring_up(self, rows: Ints, columns: Ints) -> None:
        """
        Go on to the arcs as they are now, where those out of *rows* and into *columns* may differ.

        Ways with an arc that costs more than it did are found anew; what has got nearer leads on.
        """
        if self.back:
            rows, columns = columns, rows
        lost = self._lost()
        if SHARE * (int(lost.sum()) + len(rows) + len(columns)) > len(lost):
            lost[:] = True
        self._find(lost, rows, columns)

    @property
    def _arcs(self) -> Ints:
        arcs: Ints = self.residual.arcs.T if self.back else self.residual.arcs
        return arcs

    @property
    def _height(self) -> Ints:
        height: Ints = -self.residual.height if self.back else self.residual.height
        return height

    def _lost(self) -> NDArray[np.bool_]:
        """Which nodes have a way that costs more now."""
        nodes = np.flatnonzero(self.before != NOBODY)
        via = self.before[nodes]
        lost = np.zeros(len(self.costs), dtype=np.bool_)
        lost[nodes] = self.costs[via] + self._arcs[via, nodes] > self.costs[nodes]
        count = -1
        while count < (count := int(lost.sum())):
            lost[nodes] |= lost[via]
        return lost

    def _find(self, lost: NDArray[np.bool_], rows: Ints, columns: Ints) -> None:
        """The ways to nodes that are *lost* anew, and shorter ones by *rows* or into *columns*."""
        height = self._height
        # where heights are taken into account no arc costs less than nothing
        level = np.where(self.costs < FAR, self.costs - height + height[-1], FAR)
        level[lost], self.before[lost] = FAR, NOBODY
        level[-1] = 0
        waiting = np.full(len(level), FAR, dtype=np.int64)
        waiting[rows], waiting[-1] = level[rows], 0
        if not lost.all():
            into = np.union1d(np.flatnonzero(lost), columns)
            found = self._nearer_at(level, into)
            waiting[found] = level[found]
        self._go_on(level, waiting)
        self.costs = np.where(level < FAR, level + height - height[-1], FAR)

    def _go_on(self, level: Ints, waiting: Ints) -> None:
        """From nodes that are *waiting*, the nearest first: nearly every node goes on once."""
        together = min(TOGETHER, len(level))
        while True:
            near = np.argpartition(waiting, together - 1)[:together]
            near = near[waiting[near] < FAR]
            if not len(near):
                return
            waiting[near] = FAR
            found = self._nearer_by(level, near)
            waiting[found] = level[found]

    def _nearer_by(self, level: Ints, via: Ints) -> Ints:
        """Bring nodes nearer that are so by one of *via*; which these are."""
        return self._closer(level, via, self._arcs[via], np.arange(len(level)))

    def _nearer_at(self, level: Ints, nodes: Ints) -> Ints:
        """Bring those of *nodes* nearer that are so by any other; which these are."""
        return self._closer(level, np.arange(len(level)), self._arcs[:, nodes], nodes)

    def _closer(self, level: Ints, via: Ints, onward: Ints, nodes: Ints) -> Ints:
        height = self._height
        onward += (level + height)[via, None]
        nearest = onward.min(axis=0) - height[nodes]
        at = np.flatnonzero(nearest < level[nodes])
        found: Ints = nodes[at]
        level[found] = nearest[at]
        self.before[found] = via[onward[:, at].argmin(axis=0)]
        return found
