"""What the places of a standing allocation are worth, exactly, over all eligible pairs."""

import numpy as np

from services.matcher.flow import Ints
from services.matcher.market import Prices
from services.matcher.residual import Residual

FAR = 2**60  # ways cost less; what no way leads to is as far


def levelled(residual: Residual) -> Ints:
    """What every arc costs beyond its heights, int64 [nodes x nodes]; none below 0 is a proof."""
    level = residual.arcs + residual.height[:, None]
    level -= residual.height
    return level


def is_proven(residual: Residual) -> bool:
    """Whether the heights prove the allocation best over the arcs as they are."""
    return int(levelled(residual).min()) >= 0


def prices(residual: Residual, step: int) -> Prices:
    """
    The prices of a proven allocation, int64 [pledges] and [learners]; see `Prices`.

    The shortest ways from the outside to every node and back.
    """
    height, level = residual.height, levelled(residual)
    from_outside = _ways(level) + height - height[-1]
    to_outside = _ways(level.T) - height + height[-1]
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


def _ways(level: Ints) -> Ints:
    """Levelled costs of the shortest ways from the last node, int64 [nodes]."""
    distance = np.full(len(level), FAR, dtype=np.int64)
    distance[-1] = 0
    nearer = np.array([len(level) - 1])
    while len(nearer):
        # all that came nearer at once: most ways have two or three arcs
        onward = (level[nearer] + distance[nearer, None]).min(axis=0)
        found = onward < distance
        distance[found] = onward[found]
        nearer = found.nonzero()[0]
    return distance
