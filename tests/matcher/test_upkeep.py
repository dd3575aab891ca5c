"""An allocation kept up change by change is as good as one solved anew, after every change."""

from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray

from services.matcher.allocation import allocate
from services.matcher.flow import Ints, Turns, worths
from services.matcher.market import Policy
from services.matcher.proven import ALL, Proven, is_proven
from services.matcher.repair import is_level, let_in
from services.matcher.residual import NOBODY, NONE, Residual
from services.matcher.upkeep import Changes, keep
from services.matcher.ways import Ways
from services.matcher.worth import Worth

TOP, STEP = 50, 10**6


@dataclass
class Market:
    """A small market that changes at random; everything about it is known apart from *residual*."""

    seed: int
    chance: np.random.Generator = field(init=False)
    residual: Residual = field(init=False)

    def __post_init__(self) -> None:
        self.chance = np.random.default_rng(self.seed)
        learners, pledges, self.each = self.chance.integers(1, (12, 7, 4)).tolist()
        self.values = np.stack([self.drawn(pledges) for _ in range(learners)])
        self.places = self.chance.integers(0, 4, size=pledges)
        self.waiting = self.chance.integers(0, 5, size=learners)
        self.used = np.zeros(learners, dtype=np.int64)
        self.residual = Residual(
            values=np.full((learners, pledges), -1, dtype=np.int16),
            places=np.zeros(pledges, dtype=np.int64),
            worth=worths(self.turns, STEP, TOP),
            used=self.used.copy(),
            held=np.full((learners, self.each), NOBODY, dtype=np.int32),
            height=np.zeros(pledges + 1, dtype=np.int64),
        )
        self.residual.rebuild()

    @property
    def turns(self) -> Turns:
        return Turns(waiting=self.waiting, used=self.used, each=self.each)

    def drawn(self, size: int) -> NDArray[np.int16]:
        values = self.chance.integers(0, TOP, size=size)
        values[self.chance.random(size) < 0.4] = -1
        return values.astype(np.int16)

    def some(self, of: int, most: int) -> list[int]:
        return sorted(
            self.chance.permutation(of)[: int(self.chance.integers(0, most + 1))].tolist()
        )

    def change(self, who: list[int], columns: list[int], pledges: list[int]) -> Changes:
        learners, number = self.values.shape
        for learner in who:
            self.values[learner] = self.drawn(number)
            self.waiting[learner] = self.chance.integers(0, 5)
            if self.chance.random() < 0.3:
                self.used[learner] = self.chance.integers(0, self.each + 1)
        for column in columns:
            self.values[:, column] = self.drawn(learners)
        for pledge in pledges:
            self.places[pledge] = self.chance.integers(0, 4)
        return self.changes(who, columns, pledges)

    def changes(self, who: list[int], columns: list[int], pledges: list[int]) -> Changes:
        rows = np.array(who, dtype=np.int64)
        return Changes(
            learners=rows,
            values=self.values[rows],
            worth=worths(self.turns, STEP, TOP)[rows],
            used=self.used[rows],
            pledges={column: self.values[:, column].copy() for column in columns},
            places={pledge: int(self.places[pledge]) for pledge in pledges},
        )

    def total(self, learners: Ints, pledges: Ints) -> int:
        """What an allocation is worth in all three tiers; it must be one."""
        assert (self.values[learners, pledges] >= 0).all()
        assert (np.bincount(pledges, minlength=len(self.places)) <= self.places).all()
        worth, turn, total = worths(self.turns, STEP, TOP), self.used.copy(), 0
        for learner, pledge in zip(learners.tolist(), pledges.tolist(), strict=True):
            total += int(worth[learner, turn[learner]]) + int(self.values[learner, pledge])
            turn[learner] += 1
        return total

    def best(self) -> int:
        made = allocate(self.values, self.places, self.turns, Policy(), top=TOP)
        return self.total(made.learners, made.vacancies)

    def kept(self) -> int:
        learners, turns = np.nonzero(self.residual.held >= 0)
        return self.total(learners, self.residual.held[learners, turns].astype(np.int64))


@pytest.mark.parametrize("seed", range(120))
def test_every_change_leaves_the_optimum_and_its_proof(seed: int) -> None:
    """Learners come, change, leave; vacancies change values and places; locks use turns up."""
    market = Market(seed)
    learners, pledges = market.values.shape
    keep(market.residual, market.changes([*range(learners)], [], [*range(pledges)]))
    assert market.kept() == market.best()
    for _ in range(8):
        who, columns = market.some(learners, 2), market.some(pledges, 2)
        keep(market.residual, market.change(who, columns, market.some(pledges, 2)))
        assert is_level(market.residual)
        assert market.kept() == market.best()


@pytest.mark.parametrize(("often", "together"), [(1, 1), (1, 64), (3, 2)])
@pytest.mark.parametrize("seed", range(60))
def test_prices_that_are_kept_are_those_found_anew(
    seed: int, often: int, together: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many changes lie between two looks, and however few nodes they concern."""
    monkeypatch.setattr("services.matcher.ways.SHARE", 0)
    monkeypatch.setattr("services.matcher.ways.TOGETHER", together)
    market = Market(seed)
    learners, pledges = market.values.shape
    worth = Worth(residual=market.residual)
    keep(market.residual, market.changes([*range(learners)], [], [*range(pledges)]))
    for turn in range(9):
        columns, places = market.some(pledges, 1), market.some(pledges, 1)
        keep(market.residual, market.change(market.some(learners, 2), columns, places))
        if turn % often == 0:
            kept, anew = worth.prices(STEP), Worth(residual=market.residual).prices(STEP)
            for name in ("gains", "gain_claims", "losses", "loss_claims"):
                assert np.array_equal(getattr(kept, name), getattr(anew, name)), name


@pytest.mark.parametrize("seed", range(30))
def test_what_a_step_changed_is_enough_of_a_proof(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It holds after every change, and fails as soon as one arc that was drawn is not level."""
    monkeypatch.setattr("services.matcher.proven.SHARE", 0)
    market = Market(seed)
    learners, pledges = market.values.shape
    proven = Proven(residual=market.residual)
    keep(market.residual, market.changes([*range(learners)], [], [*range(pledges)]))
    for _ in range(5):
        assert proven.holds()
        columns, places = market.some(pledges, 1), market.some(pledges, 1)
        keep(market.residual, market.change(market.some(learners, 2), columns, places))
    assert proven.holds()
    node = market.chance.integers(0, pledges)
    market.residual.redraw(node)
    market.residual.arcs[node, -1] = market.residual.height[-1] - market.residual.height[node] - 1
    assert not is_proven(market.residual)
    assert not proven.holds()
    assert not proven.holds()


def test_lifted_heights_are_looked_at_and_everything_now_and_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("services.matcher.proven.SHARE", 0)
    market = Market(5)
    learners, pledges = market.values.shape
    keep(market.residual, market.changes([*range(learners)], [], [*range(pledges)]))
    height, proven = market.residual.height.copy(), Proven(residual=market.residual)
    assert proven.holds()
    node, other = np.argwhere(market.residual.arcs[:-1] < NONE)[0]
    market.residual.height[node] -= 2**50
    assert not proven.holds()
    market.residual.height[:] = height
    assert proven.holds()
    # as a fault of ours would: an arc that is not said to be drawn
    market.residual.arcs[node, other] -= 2**50
    assert not all(proven.holds() for _ in range(ALL + 1))


def test_a_way_that_is_no_more_is_found_another_way_round() -> None:
    """All that came by it are found anew, the others stay."""
    market = Market(7)
    learners, pledges = market.values.shape
    keep(market.residual, market.changes([*range(learners)], [], [*range(pledges)]))
    ways = Ways(residual=market.residual)
    keep(market.residual, market.change([*range(learners)], [], []))
    ways.bring_up(np.arange(pledges + 1), np.arange(pledges))
    assert np.array_equal(ways.costs, Ways(residual=market.residual).costs)


def test_a_worse_allocation_has_no_proof() -> None:
    """Somebody who is put out of a place that nobody takes instead: an improvement is left."""
    market = Market(1)
    learners, pledges = market.values.shape
    keep(market.residual, market.changes([*range(learners)], [], [*range(pledges)]))
    who = int(np.flatnonzero((market.residual.held >= 0).any(axis=1))[0])
    market.residual.held[who] = NOBODY
    market.residual.rebuild()

    assert not is_level(market.residual)
    assert let_in(market.residual, who)
    assert market.kept() == market.best()


def test_arcs_are_those_of_the_allocation_drawn_anew() -> None:
    """An arc that was not brought up to date is no proof, however the heights stand."""
    market = Market(2)
    learners, pledges = market.values.shape
    keep(market.residual, market.changes([*range(learners)], [], [*range(pledges)]))
    assert is_level(market.residual)
    market.residual.arcs[0, -1] = NONE - 1
    assert not is_level(market.residual)


def test_who_did_not_change_and_need_not_move_stays() -> None:
    """A newcomer takes a free place: nobody else is told of it."""
    market = Market(3)
    learners, pledges = market.values.shape
    market.places[:] = learners
    keep(market.residual, market.changes([*range(learners)], [], [*range(pledges)]))
    assert keep(market.residual, market.change([0], [], [])) == {0}
