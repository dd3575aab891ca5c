"""
The best allocation after one more turn or one more place: a shortest way of exchanges.

All arcs are level with the heights, that is, cost no less than nothing when a node's height is
added where an arc begins and taken off where it ends. Then the cheapest way that somebody new can
come in, or that a new place can be filled, is found as on any map, looking only at nodes that are
nearer than the end. Carried out, it leaves the best allocation, and the heights of the nodes that
were looked at are set so that they prove it (successive shortest paths with potentials).
"""

from itertools import pairwise

import numpy as np

from services.matcher.flow import Ints
from services.matcher.residual import NOBODY, NONE, Residual


def let_in(residual: Residual, learner: int, pledge: int | None = None) -> set[int]:
    """
    Let a learner's next turn in, and open one more place at *pledge*, if given; who moved.

    The turn may stay unused and the place free. Nobody is ``away`` any more once a turn stays
    unused, or none is left; no place is opened then.
    """
    costs, height, outside = residual.entering(learner), residual.height, residual.outside
    if costs is None:
        residual.away[learner] = False
        return set()
    end = outside if pledge is None else pledge
    if pledge is not None and len(residual.members[pledge]) < residual.places[pledge]:
        residual.places[pledge] += 1  # one more beside a free one changes nothing
        pledge, end = None, outside
    _may_stay_free(residual, end)
    begin = np.append(costs, 0) + height[outside] - height
    distance, before = _nearest(residual.arcs, height, begin, end)
    height += np.minimum(distance, distance[end]) - distance[end]
    nodes = _traced(before, end)
    comes = nodes[0] != outside
    if pledge is not None:
        residual.places[pledge] += 1
    moved = carry_out(residual, nodes, first=learner if comes else NOBODY)
    if not comes:
        residual.away[learner] = False
        residual.entered_by(learner)
    return moved


def fill(residual: Residual, pledge: int) -> set[int]:
    """Open one more place at a pledge, and fill it if that makes the whole better; who moved."""
    outside = residual.outside
    if len(residual.members[pledge]) < residual.places[pledge]:
        residual.places[pledge] += 1
        return set()
    _may_stay_free(residual, pledge)
    begin = np.full(outside + 1, NONE, dtype=np.int64)
    begin[pledge] = 0
    # the same search the other way round: from the place back to whoever comes in
    distance, before = _nearest(residual.arcs.T, -residual.height, begin, outside)
    residual.height -= np.minimum(distance, distance[outside]) - distance[outside]
    residual.places[pledge] += 1
    return carry_out(residual, tuple(reversed(_traced(before, outside))))


def _may_stay_free(residual: Residual, node: int) -> None:
    """A place that opens at *node* may also be left free: that is a way from outside."""
    if node == residual.outside:
        return
    residual.arcs[-1, node] = min(0, int(residual.arcs[-1, node]))
    if not residual.members[node]:
        # no arc leads away from it, so it may lie lower
        residual.height[node] = min(residual.height[node], residual.height[-1])


def _nearest(arcs: Ints, height: Ints, begin: Ints, end: int) -> tuple[Ints, Ints]:
    """The levelled costs of the ways to each node nearer than *end*, and the nodes before them."""
    distance, waiting = begin, begin.copy()
    before = np.full(len(height), NOBODY, dtype=np.int64)
    while (here := int(waiting.argmin())) != end:
        away = int(waiting[here])
        waiting[here] = NONE
        onward = arcs[here] + (away + int(height[here])) - height
        nearer = (onward < distance).nonzero()[0]
        distance[nearer] = waiting[nearer] = onward[nearer]
        before[nearer] = here
    return distance, before


def _traced(before: Ints, end: int) -> tuple[int, ...]:
    """The nodes of a way, the first one first."""
    nodes = [end]
    while before[nodes[-1]] != NOBODY:
        nodes.append(int(before[nodes[-1]]))
    return tuple(reversed(nodes))


def carry_out(residual: Residual, nodes: tuple[int, ...], *, first: int = NOBODY) -> set[int]:
    """Let the learner of each arc between *nodes* go on, and *first* come in; who moved."""
    outside = residual.outside
    moves = [(who, a, b) for a, b in pairwise(nodes) if (who := _mover(residual, a, b)) != NOBODY]
    if first != NOBODY:
        moves.append((first, outside, nodes[0]))
    for who, start, _ in moves:
        if start != outside:
            residual.members[start].remove(who)
            residual.held[who][residual.held[who] == start] = NOBODY
    for who, _, end in moves:
        if end != outside:
            residual.members[end].append(who)
            residual.held[who, np.flatnonzero(residual.held[who] == NOBODY)[0]] = end
    movers = {who for who, _, _ in moves}
    redrawn(residual, movers, {node for node in nodes if node != outside})
    return movers


def redrawn(residual: Residual, learners: set[int], nodes: set[int]) -> None:
    """The arcs anew after *learners* came, went or changed, and places at *nodes*."""
    held = residual.held[sorted(learners)]
    for node in sorted(nodes | set(held[held >= 0].tolist())):
        residual.redraw(node)
    stale = np.flatnonzero(np.isin(residual.entrant, sorted(learners)))
    if len(stale):
        residual.enter(stale)
    for who in sorted(learners):
        residual.entered_by(who)


def _mover(residual: Residual, start: int, end: int) -> int:
    """Whose move an arc stands for; nobody's where a free place is meant."""
    cost, outside = int(residual.arcs[start, end]), residual.outside
    if start == outside:
        return int(residual.entrant[end]) if cost == residual.entry[end] else NOBODY
    members = residual.members[start]
    if end != outside:
        costs = residual.going(members, start)[:, end]
    elif cost == 0 and len(members) < residual.places[start]:
        return NOBODY
    else:
        costs = residual.leaving(members, start)
    return members[int(np.flatnonzero(costs == cost)[0])]


def is_level(residual: Residual) -> bool:
    """Whether the heights prove the allocation best, over all arcs drawn anew."""
    drawn = Residual(
        values=residual.values,
        places=residual.places,
        worth=residual.worth,
        used=residual.used,
        held=residual.held,
        height=residual.height,
    )
    drawn.rebuild()
    level: Ints = drawn.arcs + residual.height[:, None] - residual.height[None, :]
    return bool((level[drawn.arcs < NONE] >= 0).all()) and np.array_equal(drawn.arcs, residual.arcs)
