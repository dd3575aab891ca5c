"""
Who gets which interview: most completers first, then the longest-waiting, then the best scores.

Proven optimal over all eligible pairs: solve on candidates, price every other eligible pair with
the flow's own prices, add those that would gain, until there are none.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.matcher.candidates import candidates
from services.matcher.flow import Ints, Turns, graph, solve
from services.matcher.market import Policy, Prices
from services.matcher.proof import gains, prices


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """
    The matches, as learner and vacancy rows sorted by (learner, vacancy), and their proof.

    ``prices`` is None only if the flow could not be proven optimal.
    """

    learners: Ints
    vacancies: Ints
    prices: Prices | None
    arcs: int
    solves: int
    passes: int


def allocate(
    values: NDArray[np.signedinteger],
    places: Ints,
    turns: Turns,
    policy: Policy,
    *,
    top: int | None = None,
) -> Allocation:
    """
    The best allocation over every pair with a value of 0 or more.

    *values* are whole numbers [learners x vacancies], stickiness included, below 0 where a pair
    is not eligible; *places* the free places of each vacancy. Raises CostsTooLarge.
    """
    free = np.where((turns.used < turns.each)[:, None] & (places > 0)[None, :], values, -1)
    top = max(0, int(free.max(initial=0))) if top is None else top
    inside = candidates(
        free,
        per_vacancy=policy.per_vacancy,
        per_learner=policy.per_learner,
        scattered=policy.scattered,
    )
    solves = passes = 0
    while True:
        learners, vacancies = np.nonzero(inside)
        pairs = learners.astype(np.int64), vacancies.astype(np.int64)
        network = graph(pairs, free[pairs].astype(np.int64), places, turns, top)
        flows = solve(network)
        proven = prices(network, flows, len(free))
        solves, passes = solves + 1, passes + (proven.passes if proven else 0)
        missing = gains(free, proven, inside) if proven else None
        if missing is None or not len(missing[0]):
            break
        inside[missing] = True
    taken = flows[network.pairs] > 0
    return Allocation(
        learners=pairs[0][taken],
        vacancies=pairs[1][taken],
        prices=proven,
        arcs=len(pairs[0]),
        solves=solves,
        passes=passes,
    )
