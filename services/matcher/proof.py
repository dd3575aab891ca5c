"""Whether a flow is optimal, and what a place is worth, from the flow alone."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.matcher.flow import Graph, Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """
    Potentials of an optimal flow, in whole units of score.

    A pair's reduced cost is ``learners[l] + vacancies[v] - value``. For a pair without a place it
    is what placing it would cost the whole, at least; negative only where it would gain.
    ``vacancies`` is what one more place there would gain, 0 while places are free.
    """

    learners: Ints
    vacancies: Ints
    passes: int


def prices(graph: Graph, flows: Ints, learners: int) -> Prices | None:
    """
    The potentials that prove *flows* optimal on *graph*; None if they are not.

    Relaxing the residual arcs ends only where no cycle of negative cost is left, and a flow
    without one is optimal. Potentials are shortest ways from the sink, so a vacancy's is exactly
    what one more place there would gain.
    """
    back = flows > 0
    forth = flows < graph.capacities
    tails = np.concatenate([graph.tails[forth], graph.heads[back]])
    heads = np.concatenate([graph.heads[forth], graph.tails[back]])
    costs = np.concatenate([graph.costs[forth], -graph.costs[back]])
    order = np.argsort(heads, kind="stable")
    tails, heads, costs = tails[order], heads[order], costs[order]
    starts = np.flatnonzero(np.diff(heads, prepend=-1))
    reached = heads[starts]

    # further than any way there is: what cannot be reached from the sink keeps its distance
    dearest = int(np.abs(graph.costs).max(initial=0))
    potentials = np.full(graph.nodes, 2 * (dearest + 1) * graph.nodes, dtype=np.int64)
    potentials[-1] = 0
    for passes in range(1, graph.nodes + 2):
        nearer = np.minimum.reduceat(potentials[tails] + costs, starts)
        if not (nearer < potentials[reached]).any():
            # an unused vacancy may be far from the sink; its places are free all the same
            places = np.maximum(-potentials[1 + learners : -1], 0)
            return Prices(learners=potentials[1 : 1 + learners], vacancies=places, passes=passes)
        potentials[reached] = np.minimum(potentials[reached], nearer)
    return None


def gains(
    values: NDArray[np.signedinteger], prices: Prices, known: NDArray[np.bool_], *, worst: int = 5
) -> tuple[Ints, Ints]:
    """
    Eligible pairs outside the graph that would gain, at most *worst* a learner.

    *values* and *known* (pairs in the graph) are [learners x vacancies]; a value below 0 is not
    eligible. None left: the flow is the optimum over all eligible pairs.
    """
    found = []
    for start in range(0, len(values), block := max(1, 2**20 // max(1, values.shape[1]))):
        part = slice(start, start + block)
        floor = prices.learners[part, None] + prices.vacancies[None, :]
        gain = values[part] - floor
        gain[(values[part] < 0) | known[part]] = 0
        rows = np.flatnonzero((gain > 0).any(axis=1))
        best = np.argsort(-gain[rows], axis=1, kind="stable")[:, :worst]
        keep = np.take_along_axis(gain[rows], best, axis=1) > 0
        found.append((np.repeat(rows + start, keep.sum(axis=1)), best[keep]))
    return (
        np.concatenate([rows for rows, _ in found] or [np.empty(0, np.int64)]),
        np.concatenate([columns for _, columns in found] or [np.empty(0, np.int64)]),
    )
