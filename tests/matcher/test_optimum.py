"""The best there is: whole rounds against every allocation tried, and real years as published."""

import csv
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, cached_property
from itertools import combinations
from uuid import UUID

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

from services.matcher.allocation import allocate
from services.matcher.flow import Turns
from services.matcher.market import Outcome, Pair, Policy, RoundInputs
from services.matcher.prior import fitted
from services.matcher.proposal import propose
from services.matcher.rules import Rules
from services.matcher.tables import read
from tests.intake.shared import shared
from tests.matcher.cohorts import TODAY, learner, round_of, vacancy

MODEL, RULES = fitted(), Rules.load()
MARKETS, PARTS = 1_000, 10
Worth = tuple[int, ...]


def small(seed: int, *, joint: bool = False) -> RoundInputs:
    """
    A market that can be searched whole: locks, exclusions, standing matches, one to three.

    With *joint*, most vacancies share one or the other of two pools.
    """
    chance = np.random.default_rng(seed)
    rows = [
        learner(i, completed_on=TODAY - timedelta(days=int(chance.integers(1, 4))))
        for i in range(chance.integers(1, 6))
    ]
    vacancies = [
        vacancy(
            i,
            interviews=int(chance.integers(1, 4)),
            joint_pledge=str(chance.choice(["a", "a", "b"])) if joint and i != 1 else None,
        )
        for i in range(chance.integers(1, 5))
    ]
    pairs = [(one.learner_id, other.vacancy_id) for one in rows for other in vacancies]
    share = chance.uniform(0, 0.8)

    def some(part: float) -> frozenset[Pair]:
        return frozenset(pair for pair in pairs if chance.random() < part)

    locks = some(0.06)
    return round_of(
        rows,
        vacancies,
        locks=locks,
        excluded=some(share),
        current=some(0.2) - locks,
        rerouted=some(0.1) - locks,
        scores=(chance.integers(0, 40, size=(len(rows), len(vacancies))) * 100).astype(np.int16),
        policy=Policy(
            interviews_each=int(chance.integers(1, 4)),
            reserves=0,
            per_vacancy=1,
            per_learner=1,
            scattered=0,
        ),
    )


@dataclass(frozen=True)
class Oracle:
    """All that can be given out in a small market, by the words of the promise alone."""

    inputs: RoundInputs

    @cached_property
    def values(self) -> dict[Pair, int]:
        """Scores in whole units, more where the match stands or a peer employer refused."""
        inputs = self.inputs
        assert inputs.scores is not None
        return {
            pair: int(inputs.scores[i, j])
            + inputs.policy.stickiness * (pair in inputs.current)
            + inputs.policy.rerouting * (pair in inputs.rerouted)
            for i, one in enumerate(inputs.learners)
            for j, other in enumerate(inputs.vacancies)
            for pair in [(one.learner_id, other.vacancy_id)]
        }

    @cached_property
    def pools(self) -> dict[UUID, object]:
        """What each vacancy's places are taken from."""
        rows = self.inputs.vacancies
        return {row.vacancy_id: row.profile.joint_pledge or row.vacancy_id for row in rows}

    @cached_property
    def left(self) -> dict[object, int]:
        """Places of each pool, and interviews of each learner, that locks have not used."""
        inputs, places = self.inputs, {}
        taken = self.used(inputs.locks)
        for row in inputs.vacancies:
            pool = self.pools[row.vacancy_id]
            places[pool] = min(row.profile.interviews, places.get(pool, 99))
        turns = {row.learner_id: inputs.policy.interviews_each for row in inputs.learners}
        return {key: max(0, most - taken[key]) for key, most in (places | turns).items()}

    def used(self, pairs: Iterable[Pair]) -> Counter:
        """How often the pairs use each pool and each learner's turns."""
        return Counter(each for one, other in pairs for each in (one, self.pools[other]))

    @cached_property
    def choices(self) -> dict[object, list[Pair]]:
        """The pairs each learner could still have."""
        barred, left = self.inputs.locks | self.inputs.excluded, self.left
        had = {(learner_id, self.pools[vacancy_id]) for learner_id, vacancy_id in self.inputs.locks}
        return {
            one.learner_id: [
                pair
                for other in self.inputs.vacancies
                if (pair := (one.learner_id, other.vacancy_id)) not in barred
                and (one.learner_id, self.pools[other.vacancy_id]) not in had
                and left[self.pools[other.vacancy_id]]
                and left[one.learner_id]
            ]
            for one in self.inputs.learners
        }

    def worth(self, pairs: list[Pair]) -> Worth:
        """
        Learners placed, of them by day of completion, the longest-waiting first; total score.

        A second interview counts more than a third, by more than any score.
        """
        locked = Counter(learner_id for learner_id, _ in self.inputs.locks)
        given = Counter(learner_id for learner_id, _ in pairs)
        first = {learner_id for learner_id in given if not locked[learner_id]}
        days = sorted({row.completed_on or date.max for row in self.inputs.learners})
        by_day = [
            sum(row.completed_on == day and row.learner_id in first for row in self.inputs.learners)
            for day in days
        ]
        return (
            len(first),
            *by_day,
            sum(self.values[pair] for pair in pairs) + self.spread(locked, given),
        )

    def spread(self, locked: Counter, given: Counter) -> int:
        if self.inputs.policy.interviews_each < 3:
            return 0
        second = sum(locked[one] < 2 <= locked[one] + more for one, more in given.items())
        return second * (self.top + 1)

    @cached_property
    def top(self) -> int:
        """The most a pair can be worth: a score of 1, and every favour."""
        return 10_000 + self.inputs.policy.stickiness + self.inputs.policy.rerouting

    def best(self) -> Worth:
        """The worth of the best of all allocations, each tried."""
        left, choices = self.left, self.choices
        rows = [row.learner_id for row in self.inputs.learners]
        pools = sorted(set(self.pools.values()), key=str)

        @cache
        def search(at: int, places: tuple[int, ...]) -> Worth:
            if at == len(rows):
                return self.worth([])
            found = []
            for many in range(left[rows[at]] + 1):
                for some in combinations(choices[rows[at]], many):
                    chosen = {self.pools[vacancy_id] for _, vacancy_id in some}
                    rest = [n - (pool in chosen) for pool, n in zip(pools, places, strict=True)]
                    if len(chosen) == many and min(rest) >= 0:
                        mine, others = self.worth(list(some)), search(at + 1, tuple(rest))
                        found.append(tuple(map(sum, zip(mine, others, strict=True))))
            return max(found)

        return search(0, tuple(left[each] for each in pools))


def most_covered(outcome: Outcome, inputs: RoundInputs) -> int:
    """Learners with an interview at most: those locked, and scipy's maximum flow of the others."""
    locked = {learner_id for learner_id, _ in inputs.locks}
    free = np.array([row.learner_id not in locked for row in inputs.learners])
    oracle = Oracle(inputs)
    eligible = (outcome.judgement.rule == 0) & free[:, None]
    pools = sorted(set(oracle.pools.values()), key=str)
    mine = np.array([[pool == own for pool in pools] for own in oracle.pools.values()])
    return int((~free).sum()) + flow_of(eligible @ mine, [oracle.left[pool] for pool in pools])


def flow_of(eligible: np.ndarray, places: list[int]) -> int:
    """The most learners that reach a place, by an algorithm that knows no prices."""
    learners, vacancies = eligible.shape
    size = learners + vacancies + 2
    rows, columns = np.nonzero(eligible)
    outlets = np.arange(vacancies) + 1 + learners
    tails = np.concatenate([np.zeros(learners, int), rows + 1, outlets])
    heads = np.concatenate(
        [np.arange(learners) + 1, columns + 1 + learners, outlets * 0 + size - 1]
    )
    capacities = np.concatenate([np.ones(learners + len(rows), int), places]).astype(np.int32)
    network = csr_array((capacities, (tails, heads)), shape=(size, size))
    return int(maximum_flow(network, 0, size - 1).flow_value)


@pytest.mark.parametrize(
    ("part", "joint"), [(n, False) for n in range(PARTS)] + [(n, True) for n in (3, 7)]
)
def test_a_round_is_the_best_of_all_allocations_there_are(part: int, *, joint: bool) -> None:
    """Most completers, then the longest-waiting, then the score; locks and exclusions stand."""
    for seed in range(part, MARKETS, PARTS):
        inputs = small(seed, joint=joint)
        oracle, outcome = Oracle(inputs), propose(inputs, MODEL, RULES)
        given = sorted(outcome.allocated - inputs.locks)
        assert outcome.proof.optimal, seed
        assert oracle.worth(given) == oracle.best(), seed
        assert outcome.proof.placed == most_covered(outcome, inputs), seed
        assert not set(given) & inputs.excluded
        used = oracle.used(given)
        assert all(used[key] <= most for key, most in oracle.left.items()), seed


PUBLISHED = {2017: (928, 7023366), 2018: (927, 8056399)}


@pytest.mark.parametrize("narrow", [1, 20])
@pytest.mark.parametrize("year", sorted(PUBLISHED))
def test_real_years_reach_the_optimum_and_the_coverage_of_a_maximum_flow(
    year: int, narrow: int
) -> None:
    """From however few pairs it starts; the figures are those of another solver, published."""
    names = [shared(f"allocation/wpi_{year}_{name}.csv") for name in ("pairs", "centres")]
    with names[0].open() as pairs, names[1].open() as centres:
        tables = read(pairs, centres)
    with shared("allocation/wpi_reference_results.csv").open() as lines:
        said = {int(row["year"]): row for row in csv.DictReader(lines)}[year]
    total = round(float(said["coverage_first_optimum_sum_mean_pref"]) * 10_000)
    assert (int(said["max_matched"]), total) == PUBLISHED[year]

    nobody_waits = np.zeros(len(tables.learners), dtype=np.int64)
    turns = Turns(waiting=nobody_waits, used=nobody_waits)
    policy = Policy(per_vacancy=narrow, per_learner=narrow, scattered=0)
    made = allocate(tables.values, tables.places, turns, policy)
    ids = zip(made.learners, made.vacancies, strict=True)
    reached = sum(tables.scores[tables.learners[i], tables.vacancies[j]] for i, j in ids)
    assert made.prices is not None
    assert (len(made.learners), round(reached * 10_000)) == PUBLISHED[year]
    assert len(made.learners) == flow_of(tables.values >= 0, tables.places.tolist())
