"""Whether a flow is optimal, and what a place is worth, from the flow alone."""

import numpy as np
from numpy.typing import NDArray

from services.matcher.flow import Graph, Ints
from services.matcher.market import Prices


def prices(graph: Graph, flows: Ints, learners: int) -> Prices | None:
    """
    The prices that prove *flows* optimal on *graph*; None if they are not.

    Relaxing the residual arcs ends only where no cycle of negative cost is left, and a flow
    without one is optimal. One more place at a vacancy gains what the shortest way from the sink
    to it saves; one fewer loses what the shortest way from it to the sink costs.
    """
    back = flows > 0
    forth = flows < graph.capacities
    tails = np.concatenate([graph.tails[forth], graph.heads[back]])
    heads = np.concatenate([graph.heads[forth], graph.tails[back]])
    costs = np.concatenate([graph.costs[forth], -graph.costs[back]])
    # further than any way there is: what no way leads to keeps this distance
    far = 2 * (int(np.abs(graph.costs).max(initial=0)) + 1) * graph.nodes
    from_sink, passes = _distances(tails, heads, costs, graph.nodes, far)
    if from_sink is None:
        return None
    to_sink, more = _distances(heads, tails, costs, graph.nodes, far)
    if to_sink is None:
        return None
    seekers, outlets = slice(1, 1 + learners), slice(1 + learners, -1)
    # a place given to a learner is entered by their turn, or by leaving the place they have
    entered = np.full(graph.nodes, far, dtype=np.int64)
    np.minimum.at(entered, heads, costs - to_sink[tails])
    return Prices(
        # an unused vacancy may be far from the sink; its places are free all the same
        gains=np.maximum(-from_sink[outlets], 0),
        gain_claims=from_sink[seekers],
        losses=to_sink[outlets],
        loss_claims=entered[seekers],
        step=graph.step,
        passes=passes + more,
    )


def _distances(
    tails: Ints, heads: Ints, costs: Ints, nodes: int, far: int
) -> tuple[Ints | None, int]:
    """Shortest ways from the last node, and passes made; None if there is a negative cycle."""
    order = np.argsort(heads, kind="stable")
    tails, heads, costs = tails[order], heads[order], costs[order]
    starts = np.flatnonzero(np.diff(heads, prepend=-1))
    reached = heads[starts]
    distances = np.full(nodes, far, dtype=np.int64)
    distances[-1] = 0
    for passes in range(1, nodes + 2):
        nearer = np.minimum.reduceat(distances[tails] + costs, starts)
        if not (nearer < distances[reached]).any():
            return distances, passes
        distances[reached] = np.minimum(distances[reached], nearer)
    return None, nodes + 1


def gains(
    values: NDArray[np.signedinteger], prices: Prices, known: NDArray[np.bool_], *, worst: int = 10
) -> tuple[Ints, Ints]:
    """
    Eligible pairs outside the graph that would gain, at most *worst* a learner.

    *values* and *known* (pairs in the graph) are [learners x vacancies]; a value below 0 is not
    eligible. None left: the flow is the optimum over all eligible pairs.
    """
    found = []
    for start in range(0, len(values), block := max(1, 2**20 // max(1, values.shape[1]))):
        part = slice(start, start + block)
        floor = prices.gain_claims[part, None] + prices.gains[None, :]
        gain = values[part] - floor
        gain[(values[part] < 0) | known[part]] = 0
        gaining = np.flatnonzero((gain > 0).any(axis=1))
        rows, columns = _largest(gain[gaining], worst)
        found.append((gaining[rows] + start, columns))
    return (
        np.concatenate([rows for rows, _ in found] or [np.empty(0, np.int64)]),
        np.concatenate([columns for _, columns in found] or [np.empty(0, np.int64)]),
    )


def _largest(gain: Ints, most: int) -> tuple[Ints, Ints]:
    """The *most* largest of each row that are over 0, by row and size, equal ones by column."""
    if not gain.size:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    few = min(most, gain.shape[1])
    least = np.partition(gain, -few, axis=1)[:, -few, None]
    rows, columns = np.nonzero(gain >= np.maximum(least, 1))
    order = np.lexsort((columns, -gain[rows, columns], rows))
    rows, columns = rows[order], columns[order]
    place = np.arange(len(rows)) - np.searchsorted(rows, rows)
    return rows[place < most], columns[place < most]
