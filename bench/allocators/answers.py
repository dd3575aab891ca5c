"""Who gets which place, by ours and by what others would use: learner and vacancy rows."""

from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array, eye_array, hstack
from scipy.sparse.csgraph import maximum_flow, min_weight_full_bipartite_matching

from bench.allocators.cases import Case
from services.matcher.allocation import allocate
from services.matcher.flow import Ints
from services.matcher.market import Policy

Matches = tuple[Ints, Ints]


def ours(case: Case) -> Matches:
    made = allocate(case.values, case.places, case.turns, Policy())
    assert made.prices is not None  # noqa: S101  # an unproven allocation is no figure
    return made.learners, made.vacancies


def dense(case: Case) -> Matches:
    slots = np.repeat(np.arange(len(case.places)), case.places)
    rows, columns = linear_sum_assignment(case.tiers()[:, slots], maximize=True)
    real = case.values[rows, slots[columns]] >= 0
    return rows[real], slots[columns][real]


def sparse(case: Case) -> Matches:
    slots = np.repeat(np.arange(len(case.places)), case.places)
    worth = csr_array(np.where(case.start, case.tiers(), 0.0))[:, slots]
    ways_out = eye_array(len(case.values))  # worth next to nothing, but not 0: it would vanish
    found = hstack([worth, ways_out], format="csr")
    rows, columns = min_weight_full_bipartite_matching(found, maximize=True)
    real = columns < len(slots)
    return rows[real], slots[columns[real]]


def greedy(case: Case) -> Matches:
    rows, columns = np.nonzero(case.start)
    order = np.argsort(-case.values[rows, columns], kind="stable")
    left, free, taken = case.places.tolist(), [True] * len(case.values), []
    for i, j in zip(rows[order].tolist(), columns[order].tolist(), strict=True):
        if free[i] and left[j]:
            free[i], left[j] = False, left[j] - 1
            taken.append((i, j))
    both = np.array(taken, dtype=np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def stable(case: Case, game: Any) -> Matches:  # noqa: ANN401  # a class of an optional package
    """Each side's own ranking, equal ones by row; whoever can rank nobody is left out."""
    people = np.flatnonzero(case.start.any(axis=1)).tolist()
    firms = np.flatnonzero(case.start.any(axis=0) & (case.places > 0)).tolist()
    mine = {i: ranked(case.mine[i], case.start[i], firms) for i in people}
    theirs = {j: ranked(case.theirs[:, j], case.start[:, j], people) for j in firms}
    places = {j: int(case.places[j]) for j in firms}
    solved = game.create_from_dictionaries(mine, theirs, places).solve(optimal="resident")
    pairs = [(one.name, firm.name) for firm, some in solved.items() for one in some]
    both = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def ranked(liking: np.ndarray, eligible: np.ndarray, among: list[int]) -> list[int]:
    some = np.array(among)[eligible[among]]
    return some[np.argsort(-liking[some], kind="stable")].tolist()


def maximum(case: Case) -> int:
    return most(case.values >= 0, case.places)


def most(eligible: np.ndarray, places: Ints) -> int:
    """The most learners that can be placed, by a maximum flow over all *eligible* pairs."""
    learners, vacancies = eligible.shape
    sink = 1 + learners + vacancies
    counts = np.concatenate([[learners], eligible.sum(axis=1), np.ones(vacancies, int), [0]])
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    heads = np.concatenate([
        np.arange(learners, dtype=np.int32) + 1,
        np.nonzero(eligible)[1].astype(np.int32) + np.int32(1 + learners),
        np.full(vacancies, sink, dtype=np.int32),
    ])  # fmt: skip
    room = np.ones(len(heads), dtype=np.int32)
    room[-vacancies:] = places
    return int(maximum_flow(csr_array((room, heads, starts), (sink + 1,) * 2), 0, sink).flow_value)
