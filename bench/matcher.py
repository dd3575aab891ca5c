"""The matcher against raw numpy, bare OR-tools and scipy, on invented markets of one run."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import maximum_bipartite_matching

from bench.figure import Figure, printed, said, seconds
from services.matcher.allocation import allocate
from services.matcher.candidates import candidates
from services.matcher.columns import rows_of
from services.matcher.features import FEATURES, vectors
from services.matcher.flow import Graph, Ints, Turns, graph, solve
from services.matcher.market import Policy, RoundInputs
from services.matcher.prior import fitted
from services.matcher.proof import gains, prices
from services.matcher.proposal import propose
from services.matcher.rules import Rules
from services.matcher.sectors import sectors_of
from tests.matcher.cohorts import cohort

MODEL, RULES = fitted(), Rules.load()
SCORING, ALLOCATING = 0.8, 1.2  # the bars of the matching guide
SIZES = ((1_000, 200), (5_000, 1_000))
LARGE = (20_000, 4_000)


def scoring() -> Iterator[Figure]:
    """
    Bulk scoring against a float32 product and sigmoid of the same array, in pairs a second.

    Ours adds in a fixed order, so that a pair's bits do not depend on its neighbours, and each
    vacancy has its sector's weights; for few pairs, where nothing waits for memory, the free order
    of BLAS is faster.
    """
    market = cohort(1, 1_000, 1_000)
    every = vectors(market.learners, market.vacancies)
    sector = sectors_of(rows_of(market.vacancies))
    vector, constant = MODEL.folded[0][0], MODEL.folded[1][0]

    def raw(features: np.ndarray) -> np.ndarray:
        return 1 / (1 + np.exp(-(vector @ features + constant)))

    for count, bar in ((10_000, 0.0), (1_000_000, SCORING)):
        features = np.ascontiguousarray(every[:, : count // len(sector)])
        flat = features.reshape(len(FEATURES), -1)
        ours, theirs = seconds(partial(MODEL.chances, features, sector), partial(raw, flat))
        yield Figure(
            name=f"scoring {count} pairs",
            figure=f"{count / ours / 1e6:.0f} M/s, {theirs / ours:.2f}x",
            baseline=f"numpy {count / theirs / 1e6:.0f} M/s",
            bar=f">= {bar}x" if bar else "-",
            held=theirs / ours >= bar,
        )


def bare(network: Graph) -> Ints:
    solver = SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(
        network.tails, network.heads, network.capacities, network.costs
    )
    solver.set_nodes_supplies(
        np.array([0, network.nodes - 1]), np.array([network.supply, -network.supply])
    )
    assert solver.solve() == solver.OPTIMAL  # noqa: S101  # a benchmark of a failed solve says nothing
    return np.asarray(solver.flows(arcs), dtype=np.int64)


def allocating(inputs: RoundInputs) -> Iterator[Figure]:
    """Arcs, solve, matches and their order, against OR-tools given the finished arrays."""
    judgement = propose(inputs, MODEL, RULES).judgement
    values = np.where(judgement.rule == 0, judgement.scores, np.int16(-1))
    places = np.array([row.profile.interviews for row in inputs.vacancies], dtype=np.int64)
    since = [-(row.completed_on or inputs.today).toordinal() for row in inputs.learners]
    waiting = np.unique(since, return_inverse=True)[1]
    turns = Turns(waiting=waiting, used=np.zeros(len(waiting), dtype=np.int64))
    inside = candidates(values, per_vacancy=50, per_learner=20)
    pairs = np.nonzero(inside)
    network = graph(pairs, values[pairs].astype(np.int64), places, turns, int(values.max()))
    size = f"{len(values)} x {len(places)}"

    def ours() -> np.ndarray:
        made = graph(pairs, values[pairs].astype(np.int64), places, turns, int(values.max()))
        taken = solve(made)[made.pairs] > 0
        learners, vacancies = pairs[0][taken], pairs[1][taken]
        return np.lexsort((learners, -values[learners, vacancies], vacancies))

    flows = solve(network)
    proven = prices(network, flows, len(values))
    assert proven is not None  # noqa: S101  # the same: an unproven flow is no baseline
    whole, alone, proof, pricing = seconds(
        ours,
        lambda: bare(network),
        lambda: prices(network, flows, len(values)),
        lambda: gains(values, proven, inside),
    )
    yield Figure(
        name=f"allocation {size}, {len(pairs[0])} arcs",
        figure=f"{said(whole)}, {whole / alone:.2f}x",
        baseline=f"OR-tools {said(alone)}",
        bar=f"<= {ALLOCATING}x",
        held=whole / alone <= ALLOCATING,
    )
    yield Figure(name=f"proof {size}", figure=f"{said(proof)}, {proof / alone:.2f}x")
    eligible = int((values >= 0).sum())
    yield Figure(
        name=f"pricing {size}, {eligible} eligible",
        figure=f"{said(pricing)}, {pricing / alone:.2f}x",
    )
    made = allocate(values, places, turns, Policy())
    slots = np.repeat(np.arange(len(places)), places)
    most = maximum_bipartite_matching(csr_matrix(values[:, slots] >= 0), perm_type="column")
    yield Figure(
        name=f"coverage {size}, {made.solves} solves",
        figure=f"{len(made.learners)} placed",
        baseline=f"scipy {int((most >= 0).sum())}",
        bar="equal",
        held=len(made.learners) == int((most >= 0).sum()) and made.prices is not None,
    )


def rounds(inputs: RoundInputs) -> Iterator[Figure]:
    """A whole round, and one after a single learner changed."""
    first = propose(inputs, MODEL, RULES)
    row = inputs.learners[7]
    moved = replace(row, profile=row.profile.model_copy(update={"outcode": "WV1"}))
    event = replace(
        inputs, learners=(*inputs.learners[:7], moved, *inputs.learners[8:]),
        current=first.allocated,
    )  # fmt: skip
    full, after = seconds(
        lambda: propose(inputs, MODEL, RULES),
        lambda: propose(event, MODEL, RULES, earlier=first),
    )
    size = f"{len(inputs.learners)} x {len(inputs.vacancies)}"
    yield Figure(name=f"full round {size}", figure=said(full))
    yield Figure(
        name=f"round after one event {size}",
        figure=f"{said(after)}, {after / full:.2f}x",
        baseline=f"full {said(full)}",
    )


def figures() -> Iterator[Figure]:
    """All of them; the largest market only when asked for by `large`."""
    yield from scoring()
    for size in (*SIZES, LARGE) if "large" in sys.argv else SIZES:
        inputs = cohort(2, *size, pledged=11)
        yield from allocating(inputs)
        yield from rounds(inputs)


if __name__ == "__main__":
    sys.exit(printed(figures()))
