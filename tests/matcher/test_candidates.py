"""Which pairs a round starts with."""

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import maximum_bipartite_matching

from services.matcher.candidates import candidates

VALUES = np.array([[9, 8, 7], [9, 1, -1], [5, 8, 2]], dtype=np.int16)


def chosen(*, per_vacancy: int, per_learner: int) -> list[tuple[int, int]]:
    mask = candidates(VALUES, per_vacancy=per_vacancy, per_learner=per_learner)
    return [(int(i), int(j)) for i, j in zip(*np.nonzero(mask), strict=True)]


def test_the_best_of_each_side_and_equal_ones_by_row() -> None:
    assert chosen(per_vacancy=1, per_learner=0) == [(0, 0), (0, 1), (0, 2)]
    assert chosen(per_vacancy=0, per_learner=1) == [(0, 0), (1, 0), (2, 1)]
    assert chosen(per_vacancy=1, per_learner=1) == [(0, 0), (0, 1), (0, 2), (1, 0), (2, 1)]


def test_a_pair_that_is_not_eligible_is_never_chosen() -> None:
    everything = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (2, 0), (2, 1), (2, 2)]
    assert (1, 2) not in chosen(per_vacancy=3, per_learner=3)
    assert chosen(per_vacancy=9, per_learner=9) == everything


def test_scattered_ones_reach_every_vacancy_about_as_often() -> None:
    """A hundred times of a thousand learners, ten each: more evenly than by chance."""
    values = np.ones((1_000, 100), dtype=np.int16)
    mask = candidates(values, per_vacancy=0, per_learner=0, scattered=10)
    assert set(mask.sum(axis=1).tolist()) <= {8, 9, 10}  # a few fall on one another
    assert 95 <= mask.sum(axis=0).min() <= mask.sum(axis=0).max() <= 105
    # those who follow one another do not share theirs
    shared = (mask[:-1] & mask[1:]).sum(axis=1)
    assert shared.mean() < 2


def test_scattered_ones_are_eligible() -> None:
    chance = np.random.default_rng(3)
    values = np.where(chance.random((200, 50)) < 0.5, -1, 5).astype(np.int16)
    mask = candidates(values, per_vacancy=0, per_learner=0, scattered=10)
    assert mask.any()
    assert (values[mask] >= 0).all()
    nobody = np.empty((0, 4), dtype=np.int16)
    assert candidates(nobody, per_vacancy=1, per_learner=1, scattered=3).shape == (0, 4)
    assert candidates(nobody.T, per_vacancy=1, per_learner=1, scattered=3).shape == (4, 0)


def test_where_all_want_the_same_scattered_ones_can_place_everybody() -> None:
    """The best of everybody are the same few: between them, not even a sixth find a place."""
    chance = np.random.default_rng(5)
    liked, able = chance.integers(0, 9_000, size=150), chance.integers(0, 9_000, size=600)
    values = (liked + able[:, None] + chance.integers(0, 500, size=(600, 150))).astype(np.int16)
    slots = np.repeat(np.arange(150), 4)  # four places each: as many as learners

    def placed(scattered: int) -> int:
        mask = candidates(values, per_vacancy=10, per_learner=5, scattered=scattered)
        matching = maximum_bipartite_matching(csr_matrix(mask[:, slots]), perm_type="column")
        return int((matching >= 0).sum())

    assert placed(0) < 100
    assert placed(5) == 600
