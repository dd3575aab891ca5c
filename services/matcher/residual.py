"""
A standing allocation and what every exchange in it would cost, kept up to date move by move.

Nodes are the pledges, and last the outside: turns nobody uses, and places nobody has. An arc says
what it costs the whole to let one learner go from one node to another, or to use one place more
or less; the learners themselves are inside the arcs. A cycle of arcs whose costs sum to less than
nothing is an improvement; if there is none, the allocation is the best there is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from services.matcher.flow import Ints

NONE = 2**61  # the cost of what cannot be done; real costs stay below 2**57
NOBODY = -1

Values = NDArray[np.signedinteger]


@dataclass(slots=True, kw_only=True)
class Residual:
    """
    Who has which place, and the arcs that follow.

    ``values`` [learners x pledges] are below 0 where a pair is not eligible; ``places`` are each
    pledge's, locks taken off; ``worth`` [learners x turns] is what each interview of a learner is
    worth beside its value, never rising; ``used`` are turns that locks have used; ``held``
    [learners x turns] are the pledges somebody has a place at, ``NOBODY`` where none; who is
    ``away`` is not asked for now, although they have a turn left.
    ``arcs`` [nodes x nodes] and ``height``, one a node, prove the allocation best while no
    ``arcs[a, b] + height[a] - height[b]`` is below 0.
    """

    values: Values
    places: Ints
    worth: Ints
    used: Ints
    held: NDArray[np.int32]
    height: Ints
    away: NDArray[np.bool_] = field(init=False)
    members: list[list[int]] = field(default_factory=list)
    arcs: Ints = field(default_factory=lambda: np.empty((0, 0), np.int64))
    entrant: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    entry: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    _moment: int = 0  # when each node's arcs out and in were drawn last, as `drawn_since` tells
    _drawn: Ints = field(init=False)
    _drawn_in: Ints = field(init=False)

    def __post_init__(self) -> None:
        """Everybody with a turn left is asked for."""
        self.away = np.zeros(len(self.used), dtype=np.bool_)
        self._drawn = np.zeros(len(self.height), dtype=np.int64)
        self._drawn_in = self._drawn.copy()

    @property
    def outside(self) -> int:
        """The number of the last node."""
        return len(self.places)

    def turns(self, learners: Sequence[int] | Ints) -> Ints:
        """How many turns each of *learners* has used, by locks and by places held."""
        turns: Ints = self.used[learners] + (self.held[learners] >= 0).sum(axis=1)
        return turns

    def drawn_since(self, moment: int) -> tuple[Ints, Ints]:
        """
        Nodes that arcs lead out of, and into, which were drawn anew at *moment* or later.

        Those out of the outside always may have been.
        """
        drawn = self._drawn >= moment
        drawn[-1] = True
        return np.flatnonzero(drawn), np.flatnonzero(self._drawn_in >= moment)

    def next_moment(self) -> int:
        """Begin another: what is drawn from now on is drawn in it."""
        self._moment += 1
        return self._moment

    def rebuild(self) -> None:
        """All arcs anew from who holds what."""
        outside = self.outside
        self.members = [[] for _ in range(outside)]
        for learner, turn in zip(*np.nonzero(self.held >= 0), strict=True):
            self.members[self.held[learner, turn]].append(int(learner))
        self.arcs = np.full((outside + 1, outside + 1), NONE, dtype=np.int64)
        self.entrant = np.full(outside, NOBODY, dtype=np.int64)
        self.entry = np.full(outside, NONE, dtype=np.int64)
        for node in range(outside):
            self.redraw(node)
        self.enter(np.arange(outside))

    def redraw(self, node: int) -> None:
        """The arcs out of a pledge anew: its members, their values or its places changed."""
        self._drawn[node] = self._moment
        row, members = self.arcs[node], self.members[node]
        row[:] = NONE
        if members:
            row[:-1] = self.going(members, node).min(axis=0)
            row[-1] = self.leaving(members, node).min()
        if len(members) < self.places[node]:
            row[-1] = min(0, int(row[-1]))
        self._draw_in(np.array([node]))

    def going(self, members: Sequence[int], node: int) -> Ints:
        """What it costs that each member goes from *node* to each pledge, [members x pledges]."""
        there = self.values[members].astype(np.int64)
        costs: Ints = self.values[members, node].astype(np.int64)[:, None] - there
        costs[there < 0] = NONE
        held = self.held[members]
        rows, turns = np.nonzero(held >= 0)
        costs[rows, held[rows, turns]] = NONE  # nobody goes where they are
        return costs

    def leaving(self, members: Sequence[int], node: int) -> Ints:
        """What it costs that each member goes without a place at *node*."""
        last = self.turns(members) - 1
        costs: Ints = self.values[members, node] + self.worth[members, last]
        return costs

    def redraw_column(self, node: int) -> None:
        """All arcs at a pledge anew: values there changed."""
        self._drawn_in[node] = self._moment
        learners, turns = np.nonzero(self.held >= 0)
        at = self.held[learners, turns]
        there = self.values[learners, node].astype(np.int64)
        costs = self.values[learners, at] - there
        costs[(there < 0) | (self.held[learners] == node).any(axis=1)] = NONE
        column = np.full(self.outside, NONE, dtype=np.int64)
        np.minimum.at(column, at, costs)
        self.arcs[:-1, node] = column
        self.enter(np.array([node]))
        self.redraw(node)

    def enter(self, nodes: Ints) -> None:
        """
        The best entrant of each of *nodes* anew: whoever has a turn left, the dearest turn first.

        One turn's worth outweighs every difference of values, so whoever comes first in worth and
        is eligible is the best, and only equal ones are compared by value.
        """
        left = nodes
        self.entrant[left], self.entry[left] = NOBODY, NONE
        turns = self.used + (self.held >= 0).sum(axis=1)
        waiting = np.flatnonzero((turns < self.worth.shape[1]) & ~self.away)
        worth = self.worth[waiting, turns[waiting]]
        order = np.argsort(-worth, kind="stable")
        waiting, worth = waiting[order], worth[order]
        starts = np.flatnonzero(np.diff(-worth, prepend=-worth[:1] - 1))
        for start, end in pairwise([*starts.tolist(), len(worth)]):
            if not len(left):
                break
            group = waiting[start:end]
            values = self.values[np.ix_(group, left)].astype(np.int64)
            values[(self.held[group][:, :, None] == left).any(axis=1)] = -1
            best = values.argmax(axis=0)
            value = values[best, np.arange(len(left))]
            found = value >= 0
            self.entrant[left[found]] = group[best[found]]
            self.entry[left[found]] = -worth[start] - value[found]
            left = left[~found]
        self._draw_in(nodes)

    def entering(self, learner: int) -> Ints | None:
        """What a learner's next turn costs at each pledge; None if no turn is left."""
        turn = int(self.turns([learner])[0])
        if turn >= self.worth.shape[1]:  # more of them locked than one may have
            return None
        values = self.values[learner].astype(np.int64)
        costs = np.where(values < 0, NONE, -self.worth[learner, turn] - values)
        costs[self.held[learner][self.held[learner] >= 0]] = NONE
        return costs

    def entered_by(self, learner: int) -> None:
        """A learner has a turn again, or a dearer one: they may be a pledge's best entrant."""
        costs = None if self.away[learner] else self.entering(learner)
        if costs is not None:
            better = np.flatnonzero(costs < self.entry)
            self.entry[better], self.entrant[better] = costs[better], learner
            self._draw_in(better)

    def _draw_in(self, nodes: Ints) -> None:
        """The arcs from outside: an entrant, or a place used there given back."""
        back = np.array([0 if self.members[node] else NONE for node in nodes.tolist()], np.int64)
        self.arcs[-1, nodes] = np.minimum(self.entry[nodes], back)
