"""What the places of a standing allocation are worth, exactly, over all eligible pairs."""

import numpy as np

from services.matcher.flow import Ints
from services.matcher.market import Prices
from services.matcher.residual import Residual

FAR = 2**60  # ways cost less; what no way leads to is as far
BLOCK = 2**16  # arcs looked at together: they stay in the cache
TOGETHER = 64  # nodes that go on together
FROM, TO = 0, 1  # the axis of arcs along which a way goes


def is_proven(residual: Residual) -> bool:
    """Whether the heights prove the allocation best over the arcs as they are."""
    arcs, height = residual.arcs, residual.height
    rows = max(1, BLOCK // len(height))
    level = np.empty((rows, len(height)), dtype=np.int64)
    for start in range(0, len(height), rows):
        part = slice(start, start + rows)
        here = level[: len(arcs[part])]
        np.subtract(arcs[part], height, out=here)
        if int((here.min(axis=1) + height[part]).min()) < 0:
            return False
    return True


def prices(residual: Residual, step: int) -> Prices:
    """
    The prices of a proven allocation, int64 [pledges] and [learners]; see `Prices`.

    The shortest ways from the outside to every node and back; heights make no arc cost less than
    nothing, so the nearest nodes are done with first.
    """
    height = residual.height
    from_outside = _ways(residual, FROM) + height - height[-1]
    to_outside = _ways(residual, TO) - height + height[-1]
    gain_claims = np.full(len(residual.used), FAR, dtype=np.int64)
    loss_claims = gain_claims.copy()
    turns = residual.used + (residual.held >= 0).sum(axis=1)
    free = np.flatnonzero((turns < residual.worth.shape[1]) & ~residual.away)
    gain_claims[free] = loss_claims[free] = -residual.worth[free, turns[free]]
    learners, places = np.nonzero(residual.held >= 0)
    at = residual.held[learners, places]
    here = residual.values[learners, at].astype(np.int64)
    np.minimum.at(gain_claims, learners, from_outside[at] + here)
    np.minimum.at(loss_claims, learners, here - to_outside[at])
    return Prices(
        gains=np.maximum(-from_outside[:-1], 0),
        gain_claims=gain_claims,
        losses=to_outside[:-1],
        loss_claims=loss_claims,
        step=step,
        passes=0,
    )


def _ways(residual: Residual, direction: int) -> Ints:
    """
    Levelled costs of the shortest ways from the last node, or to it, int64 [nodes].

    `TOGETHER` of the nearest nodes at once go on to all others: nearly every node does so once.
    """
    arcs, height = residual.arcs, residual.height if direction == FROM else -residual.height
    together = min(TOGETHER, len(height))
    distance = np.full(len(height), FAR, dtype=np.int64)
    distance[-1] = 0
    waiting = distance.copy()
    while True:
        near = np.argpartition(waiting, together - 1)[:together]
        near = near[waiting[near] < FAR]
        if not len(near):
            return distance
        waiting[near] = FAR
        onward = arcs.take(near, axis=direction)
        onward += np.expand_dims(distance[near] + height[near], 1 - direction)
        nearest = onward.min(axis=direction) - height
        found = (nearest < distance).nonzero()[0]
        distance[found] = waiting[found] = nearest[found]
