"""The allocation of a whole round against bare OR-tools, and how many it places."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from bench.allocators.answers import most
from bench.figure import Figure, said, seconds
from services.matcher.candidates import candidates
from services.matcher.flow import Graph, Ints, graph, solve
from services.matcher.market import Outcome, RoundInputs
from services.matcher.placement import rows_of, turns_of
from services.matcher.proof import gains, prices

BAR = 1.2  # of the matching guide


def bare(network: Graph) -> Ints:
    """The flows OR-tools finds on the finished arrays."""
    solver = SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(
        network.tails, network.heads, network.capacities, network.costs
    )
    solver.set_nodes_supplies(
        np.array([0, network.nodes - 1]), np.array([network.supply, -network.supply])
    )
    assert solver.solve() == solver.OPTIMAL  # noqa: S101  # a benchmark of a failed solve says nothing
    return np.asarray(solver.flows(arcs), dtype=np.int64)


@dataclass(kw_only=True)
class Solved:
    """A whole round's allocation by its parts; ``alone`` are seconds of the bare solver."""

    inputs: RoundInputs
    outcome: Outcome
    alone: float = field(init=False, default=0.0)

    def figures(self) -> Iterator[Figure]:
        """Arcs, solve, matches and their order against the solver; the proof; the coverage."""
        judgement = self.outcome.judgement
        values = np.where(judgement.rule == 0, judgement.scores, np.int16(-1))
        places = np.array([row.profile.interviews for row in self.inputs.vacancies], dtype=np.int64)
        turns = turns_of(self.inputs, rows_of(self.inputs))
        inside = candidates(values, per_vacancy=50, per_learner=20, scattered=10)
        pairs = np.nonzero(inside)
        worth, top = values[pairs].astype(np.int64), int(values.max())
        network = graph(pairs, worth, places, turns, top)
        size = f"{len(values)} x {len(places)}"

        def ours() -> np.ndarray:
            made = graph(pairs, worth, places, turns, top)
            taken = solve(made)[made.pairs] > 0
            learners, vacancies = pairs[0][taken], pairs[1][taken]
            return np.lexsort((learners, -values[learners, vacancies], vacancies))

        flows = solve(network)
        proven = prices(network, flows, len(values))
        assert proven is not None  # noqa: S101  # the same: an unproven flow is no baseline
        whole, self.alone, proof, pricing = seconds(
            ours,
            lambda: bare(network),
            lambda: prices(network, flows, len(values)),
            lambda: gains(values, proven, inside),
        )
        yield Figure(
            name=f"allocation {size}, {len(pairs[0])} arcs",
            figure=f"{said(whole)}, {whole / self.alone:.2f}x",
            baseline=f"OR-tools {said(self.alone)}",
            bar=f"<= {BAR}x",
            held=whole / self.alone <= BAR,
        )
        yield Figure(name=f"proof {size}", figure=f"{said(proof)}, {proof / self.alone:.2f}x")
        eligible = values >= 0
        yield Figure(
            name=f"pricing {size}, {int(eligible.sum())} eligible",
            figure=f"{said(pricing)}, {pricing / self.alone:.2f}x",
        )
        yield covered(f"whole round {size}", len(self.outcome.allocated), eligible, places)


def covered(name: str, placed: int, eligible: np.ndarray, places: Ints) -> Figure:
    """Whether as many are *placed* as scipy's maximum flow can over all *eligible* pairs."""
    can = most(eligible, places)
    return Figure(
        name=f"coverage, {name}",
        figure=f"{placed} placed",
        baseline=f"maximum flow {can}",
        bar="equal",
        held=placed == can,
    )


def at_most(placed: int, eligible: np.ndarray, places: Ints) -> int:
    """
    The most that can be placed over all *eligible* pairs.

    Nobody needs a flow to see it where all are *placed* who are eligible for a place at all, or
    all places are taken that somebody is eligible for.
    """
    able = np.minimum(eligible.sum(axis=0), places)
    bound = min(int(eligible[:, places > 0].any(axis=1).sum()), int(able.sum()))
    return bound if placed == bound else most(eligible, places)
