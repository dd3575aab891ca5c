"""
The allocation as one min-cost flow: source -> learner -> vacancy -> sink.

    CostsTooLarge   the market is too large for exact whole-number costs

Three strict tiers in one solve. Whoever can be placed together forms a matroid, so positive
weights on the first interview, rising with waiting, give the largest number of learners, then
the longest-waiting; one *step* of them is worth more than everything below it together.
"""

from dataclasses import dataclass
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

Ints = NDArray[np.int64]
SOLVER = f"ortools-{version('ortools')}"
COST_RANGE = 2**61  # OR-tools multiplies costs by the number of nodes


class CostsTooLarge(Exception):
    """The market is too large for exact whole-number costs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """
    Who may get how many interviews.

    *waiting* is 0 for the newest learners and rises with waiting; *used* are the interviews a
    learner has already; *each* is how many one may have.
    """

    waiting: Ints
    used: Ints
    each: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """
    Arcs in a fixed order: turns by learner, pairs by (learner, vacancy), places, the way past.

    Nodes: the source 0, learners from 1, vacancies after them, the sink last. *step* is the
    value that outweighs all scores; ``pairs`` are the arcs that are matches.
    """

    nodes: int
    supply: int
    step: int
    pairs: slice
    tails: Ints
    heads: Ints
    capacities: Ints
    costs: Ints


def step_of(top: int, places: Ints, turns: Turns) -> int:
    """
    More than four times all lower-tier values of all places; *top* is the best pair's value.

    Twice, so that a cost can be read: whole steps are turns, what is left of it is score. Twice
    again, so that a market may grow while its allocation is kept up.
    """
    # at least one: a place may come free where there is none
    bound = max(1, min(int(places.sum()), int((turns.each - turns.used).clip(0).sum())))
    return 4 * bound * (top + (turns.each - 1) * (top + 1)) + 1


def worths(turns: Turns, step: int, top: int) -> Ints:
    """
    What each interview of each learner is worth beside its value, int64 [learners x turns].

    The first is whole *steps*, more of them the longer the wait; each further one falls by more
    than *top*, the best pair's value, so that interviews spread before they pile up.
    """
    first = (turns.waiting + 1) * step
    further = [
        np.full(len(first), (turns.each - 1 - turn) * (top + 1)) for turn in range(1, turns.each)
    ]
    worth: Ints = np.stack([first, *further], axis=1)
    return worth


def graph(pairs: tuple[Ints, Ints], values: Ints, places: Ints, turns: Turns, top: int) -> Graph:
    """
    The graph of these *pairs* (learner and vacancy rows, sorted) and their *values*.

    Raises CostsTooLarge.
    """
    learners, vacancies = len(turns.waiting), len(places)
    sink = 1 + learners + vacancies
    step = step_of(top, places, turns)
    first = (turns.waiting + 1) * step
    if len(first) and int(first.max()) * (sink + 1) >= COST_RANGE:
        raise CostsTooLarge(f"{learners} learners and {vacancies} vacancies at scores up to {top}")
    worth = worths(turns, step, top)
    open_turns = np.arange(turns.each)[None, :] >= turns.used[:, None]
    owner = np.nonzero(open_turns)[0]
    supply = len(owner)
    ones = np.ones(supply + len(values), dtype=np.int64)
    outlets = np.arange(vacancies) + 1 + learners
    return Graph(
        nodes=sink + 1,
        supply=supply,
        step=step,
        pairs=slice(supply, supply + len(values)),
        tails=np.concatenate([np.zeros_like(owner), pairs[0] + 1, outlets, [0]]),
        heads=np.concatenate(
            [owner + 1, pairs[1] + 1 + learners, np.full_like(outlets, sink), [sink]]
        ),
        capacities=np.concatenate([ones, places, [supply]]),
        costs=np.concatenate([-worth[open_turns], -values, np.zeros(vacancies + 1, np.int64)]),
    )


def solve(graph: Graph) -> Ints:
    """The optimal flow on each arc of *graph*."""
    solver = SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(
        graph.tails, graph.heads, graph.capacities, graph.costs
    )
    solver.set_nodes_supplies(
        np.array([0, graph.nodes - 1]), np.array([graph.supply, -graph.supply])
    )
    if (status := solver.solve()) != solver.OPTIMAL:
        # the way past makes every graph feasible, and costs were checked
        raise RuntimeError(f"OR-tools answered {status} to a feasible allocation")
    flows: Ints = solver.flows(arcs).astype(np.int64)
    return flows
