"""
The best allocation after a few changes, from the best one before them: shortest exchanges.

If the arcs at one node alone have changed, every improvement is a cycle through that node. The
cheapest cycle is a shortest way from the node back to it over arcs whose costs, made level by the
heights, are not below 0; it is carried out, the heights are raised by the ways, and so on until
no way back costs less than nothing. Then the heights prove the allocation best again.
"""

from dataclasses import dataclass

import numpy as np

from services.matcher.flow import Ints
from services.matcher.residual import NOBODY, NONE, Residual

FAR = 2**60  # ways cost less; whoever is as far cannot be reached


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """Nodes from the first, round and not again back to it; and what the cycle costs."""

    nodes: tuple[int, ...]
    cost: int


def repaired(residual: Residual, node: int) -> set[int]:
    """
    Carry out every improvement through *node*; the learners whose places changed.

    All arcs that do not touch the node must be level with the heights.
    """
    moved: set[int] = set()
    while (way := _cheapest(residual, node)).cost < 0:
        moved |= carry_out(residual, way.nodes)
    return moved


def _cheapest(residual: Residual, node: int) -> _Way:
    """The cheapest cycle through *node*, costing 0 if there is none; heights are levelled."""
    arcs, height = residual.arcs, residual.height
    distance = arcs[node] + height[node] - height
    back = arcs[:, node] + height - height[node]
    distance[node], back[node] = NONE, NONE
    waiting = distance.copy()
    before = np.full(len(height), node, dtype=np.int64)
    nearest_back = int(back.min())
    cost, last = 0, node
    while True:
        here = int(waiting.argmin())
        away = int(waiting[here])
        # nothing beyond can lead back for less, and what is as far is raised by the same
        if away >= FAR or away + nearest_back >= cost:
            break
        waiting[here] = NONE
        if away + int(back[here]) < cost:
            cost, last = away + int(back[here]), here
        onward = arcs[here] + (away + int(height[here])) - height
        nearer = onward < distance
        nearer[node] = False
        distance[nearer] = waiting[nearer] = onward[nearer]
        before[nearer] = here
    if away >= FAR:
        # all that can be reached was passed; the rest is raised as far as a way back might need
        away = int(distance[distance < FAR].max(initial=max(-nearest_back, -FAR)))
        away = away if away > -FAR else 0
    rise = np.minimum(distance, away)
    rise[node] = 0
    height += rise
    nodes = [last]
    while nodes[-1] != node:
        nodes.append(int(before[nodes[-1]]))
    return _Way(nodes=tuple(reversed(nodes)), cost=cost)


def carry_out(residual: Residual, nodes: tuple[int, ...]) -> set[int]:
    """Let the learners of a cycle's arcs go on by one node; who they are."""
    steps = list(zip(nodes, (*nodes[1:], nodes[0]), strict=True))
    moves = [(who, a, b) for a, b in steps if (who := _mover(residual, a, b)) != NOBODY]
    movers = {who for who, _, _ in moves}
    touched = {node for node in nodes if node != residual.outside}
    for who, start, end in moves:
        if start != residual.outside:
            residual.members[start].remove(who)
            residual.held[who][residual.held[who] == start] = NOBODY
        if end != residual.outside:
            residual.members[end].append(who)
            residual.held[who, np.flatnonzero(residual.held[who] == NOBODY)[0]] = end
    redrawn(residual, movers, touched)
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
