"""The allocation against oracles that share nothing with it."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import maximum_bipartite_matching

from services.matcher.allocation import Allocation, allocate
from services.matcher.blocking import blocked, most
from services.matcher.flow import CostsTooLarge, Turns, graph, solve
from services.matcher.market import Policy
from services.matcher.proof import gains, prices

NARROW = Policy(
    per_vacancy=1, per_learner=1, scattered=0
)  # so that pricing out has something to do
SEEDS = range(300)


def small(seed: int, *, each: int = 1) -> tuple[np.ndarray, np.ndarray, Turns]:
    """A market that can be searched whole: values, places and turns, some of them used."""
    chance = np.random.default_rng(seed)
    learners, vacancies = chance.integers(1, 7), chance.integers(1, 5)
    values = chance.integers(0, 40, size=(learners, vacancies)) * 100
    values[chance.random(values.shape) < chance.uniform(0, 0.7)] = -1
    places = chance.integers(0, 3, size=vacancies)
    waiting = np.unique(chance.integers(0, 4, size=learners), return_inverse=True)[1]
    used = (chance.random(learners) < 0.15).astype(np.int64)
    return values.astype(np.int16), places, Turns(waiting=waiting, used=used, each=each)


def worth(market: tuple[np.ndarray, np.ndarray, Turns], pairs: list[tuple[int, int]]):
    """(first interviews, those of the longest-waiting, of the next..., total value)."""
    values, _, turns = market
    first = {i for i, _ in pairs if not turns.used[i]}
    ranks = range(int(turns.waiting.max()), -1, -1)
    by_wait = [sum(turns.waiting[i] == rank for i in first) for rank in ranks]
    return (len(first), *by_wait, sum(int(values[pair]) for pair in pairs))


def best(market: tuple[np.ndarray, np.ndarray, Turns]):
    """The same figures of the best of all allocations there are, found by trying each."""
    values, places, turns = market
    vacancies = range(len(places))

    @cache
    def search(i: int, left: tuple[int, ...]):
        if i == len(values):
            return worth(market, [])
        free = turns.each - turns.used[i]
        choices = [()] + [(j,) for j in vacancies]
        if free > 1:
            choices += [(j, k) for j in vacancies for k in vacancies if j < k]
        found = []
        for choice in choices:
            if len(choice) > free or any(values[i, j] < 0 or not left[j] for j in choice):
                continue
            rest = tuple(n - (j in choice) for j, n in enumerate(left))
            mine = worth(market, [(i, j) for j in choice])
            found.append(tuple(map(sum, zip(mine, search(i + 1, rest), strict=True))))
        return max(found)

    return search(0, tuple(int(n) for n in places))


def pairs_of(made: Allocation) -> list[tuple[int, int]]:
    return list(zip(made.learners.tolist(), made.vacancies.tolist(), strict=True))


@pytest.mark.parametrize("each", [1, 2])
@pytest.mark.parametrize("policy", [NARROW, Policy()], ids=["narrow", "wide"])
def test_all_three_tiers_are_the_best_there_are(policy: Policy, each: int) -> None:
    """Most learners, then the longest-waiting, then the score: as by exhaustive search."""
    for seed in SEEDS:
        market = small(seed, each=each)
        made = allocate(*market, policy)
        pairs = pairs_of(made)
        assert made.prices is not None
        assert worth(market, pairs) == best(market), seed
        values, places, turns = market
        assert all(values[pair] >= 0 for pair in pairs)
        assert (np.bincount(made.vacancies, minlength=len(places)) <= places).all()
        assert (np.bincount(made.learners, minlength=len(values)) <= turns.each - turns.used).all()


def test_a_second_interview_never_takes_somebodys_first() -> None:
    """Two places, two learners: one each, though both places are worth more with the first."""
    values = np.array([[9000, 9000], [10, -1]], dtype=np.int16)
    nobody_waits = np.zeros(2, dtype=np.int64)
    turns = Turns(waiting=nobody_waits, used=nobody_waits, each=2)
    assert pairs_of(allocate(values, np.array([1, 1]), turns, Policy())) == [(0, 1), (1, 0)]
    assert pairs_of(allocate(values, np.array([2, 1]), turns, Policy())) == [(0, 0), (0, 1), (1, 0)]


def test_further_interviews_spread_before_they_pile_up() -> None:
    """With three each and four places, it is two and two, not three and one."""
    values = np.array([[9000] * 4, [10] * 4], dtype=np.int16)
    nobody_waits = np.zeros(2, dtype=np.int64)
    turns = Turns(waiting=nobody_waits, used=nobody_waits, each=3)
    made = allocate(values, np.ones(4, dtype=np.int64), turns, Policy())
    assert np.bincount(made.learners).tolist() == [2, 2]


def large(seed: int, learners: int, vacancies: int) -> tuple[np.ndarray, np.ndarray, Turns]:
    chance = np.random.default_rng(seed)
    values = chance.integers(0, 10_000, size=(learners, vacancies)).astype(np.int16)
    values[chance.random(values.shape) < 0.8] = -1
    places = chance.integers(0, 2 * learners // vacancies + 1, size=vacancies)
    waiting = chance.integers(0, 30, size=learners)
    return values, places, Turns(waiting=waiting, used=np.zeros(learners, dtype=np.int64))


@pytest.mark.parametrize("seed", range(6))
def test_coverage_is_the_maximum_over_all_eligible_pairs(seed: int) -> None:
    """As counted by scipy's bipartite matching, each place a node of its own."""
    values, places, turns = large(seed, 300, 25)
    made = allocate(values, places, turns, Policy(per_vacancy=10, per_learner=2, scattered=0))
    slots = np.repeat(np.arange(len(places)), places)
    matching = maximum_bipartite_matching(csr_matrix(values[:, slots] >= 0), perm_type="column")
    eligible = values >= 0
    sets = list(blocked(eligible, (made.learners, made.vacancies), places))
    assert len(made.learners) == (matching >= 0).sum() == most(eligible, places, sets)


@pytest.mark.parametrize("seed", range(6))
def test_candidates_priced_out_reach_the_optimum_of_the_full_graph(seed: int) -> None:
    market = large(seed, 200, 20)
    everything = Policy(per_vacancy=10_000, per_learner=10_000)
    narrow, whole = allocate(*market, NARROW), allocate(*market, everything)
    assert whole.solves == 1 < narrow.solves
    assert narrow.arcs < whole.arcs
    assert worth(market, pairs_of(narrow)) == worth(market, pairs_of(whole))


def test_scattered_pairs_are_in_the_graph_from_the_start() -> None:
    places, turns = np.full(60, 4, dtype=np.int64), large(1, 200, 60)[2]
    values = np.random.default_rng(1).integers(0, 9_000, (200, 60)).astype(np.int16)
    few = {"per_vacancy": 2, "per_learner": 2}
    best = allocate(values, places, turns, Policy(**few, scattered=0))
    more = allocate(values, places, turns, Policy(**few, scattered=9))
    assert more.arcs > best.arcs + 1_000
    market = values, places, turns
    assert worth(market, pairs_of(more)) == worth(market, pairs_of(best))


@pytest.mark.parametrize("seed", range(30))
def test_the_price_of_a_place_is_what_one_more_would_gain_and_one_fewer_lose(seed: int) -> None:
    """Both come of one solve; here each is checked by solving again, a place more or less."""
    values, places, turns = market = small(seed)
    made = allocate(*market, Policy())
    assert made.prices is not None
    step = made.prices.step

    def objective(found: Allocation) -> int:
        first = sum((int(turns.waiting[i]) + 1) * step for i in found.learners)
        return first + sum(int(values[pair]) for pair in pairs_of(found))

    for vacancy, price in enumerate(made.prices.gains.tolist()):
        if not places[vacancy]:
            continue  # a vacancy without places is not in the graph
        for change, expected in ((1, price), (-1, -int(made.prices.losses[vacancy]))):
            others = places.copy()
            others[vacancy] += change
            again = allocate(values, others, turns, Policy())
            assert objective(again) - objective(made) == expected


def test_a_flow_that_is_not_the_best_has_no_proof() -> None:
    """Two learners on each other's place: feasible, full, and refused."""
    pairs = (np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]))
    values = np.array([900, 100, 100, 900])
    nobody_waits = np.zeros(2, dtype=np.int64)
    turns = Turns(waiting=nobody_waits, used=nobody_waits)
    network = graph(pairs, values, np.array([1, 1]), turns, top=900)
    flows = solve(network)
    assert flows[network.pairs].tolist() == [1, 0, 0, 1]
    assert prices(network, flows, learners=2) is not None
    crossed = flows.copy()
    crossed[network.pairs] = [0, 1, 1, 0]
    assert prices(network, crossed, learners=2) is None


def test_a_pair_left_out_that_would_gain_is_found() -> None:
    pairs = (np.array([0]), np.array([0]))
    values = np.array([[100, 900, 300, -1]], dtype=np.int16)
    nobody_waits = np.zeros(1, dtype=np.int64)
    turns = Turns(waiting=nobody_waits, used=nobody_waits)
    network = graph(pairs, np.array([100]), np.ones(4, dtype=np.int64), turns, top=900)
    found = prices(network, solve(network), learners=1)
    assert found is not None
    inside = np.array([[True, False, False, False]])
    missing = gains(values, found, inside, worst=1)
    assert [each.tolist() for each in missing] == [[0], [1]]


def test_the_same_market_gives_the_same_matches() -> None:
    """Ties are everywhere here, and still fall the same way."""
    values, places, turns = large(1, 200, 20)
    values = np.where(values >= 0, 5000, -1).astype(np.int16)
    first, second = (allocate(values.copy(), places, turns, Policy()) for _ in range(2))
    assert pairs_of(first) == pairs_of(second)


def test_a_set_names_the_learners_who_outnumber_their_places() -> None:
    """Three can reach only the first vacancy's one place; the fourth goes elsewhere."""
    eligible = np.array([[1, 0], [1, 0], [1, 0], [0, 1]], dtype=np.bool_)
    placed = (np.array([1, 3]), np.array([0, 1]))
    (found,) = blocked(eligible, placed, np.array([1, 1]))
    assert (found.learners.tolist(), found.places) == ([0, 1, 2], 1)
    assert found.unplaced.tolist() == [0, 2]


def test_costs_beyond_exact_numbers_are_refused() -> None:
    values, places, turns = large(1, 10, 2)
    ages = replace(turns, waiting=np.arange(10) * 2**50)
    with pytest.raises(CostsTooLarge, match="10 learners and 2 vacancies"):
        allocate(values, places, ages, Policy())


def test_who_can_have_no_more_and_what_is_full_take_no_arcs() -> None:
    values = np.full((2, 2), 500, dtype=np.int16)
    nobody_waits = np.zeros(2, dtype=np.int64)
    turns = Turns(waiting=nobody_waits, used=np.array([1, 0]))
    assert allocate(values, np.array([0, 3]), turns, Policy()).arcs == 1


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0), (2, 2)])
def test_nothing_to_give_out_is_no_error(shape: tuple[int, int]) -> None:
    nobody_waits = np.zeros(shape[0], dtype=np.int64)
    made = allocate(
        np.full(shape, -1, dtype=np.int16),
        np.ones(shape[1], dtype=np.int64),
        Turns(waiting=nobody_waits, used=nobody_waits),
        Policy(),
    )
    assert (len(made.learners), made.prices is not None) == (0, True)
