"""Which pairs a round starts with."""

import numpy as np

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
