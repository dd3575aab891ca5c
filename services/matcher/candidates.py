"""The pairs worth solving with at first; pricing adds what turns out to be missing."""

import numpy as np
from numpy.typing import NDArray

GOLDEN = 2_654_435_769  # 2**32 by the golden ratio


def candidates(
    values: NDArray[np.signedinteger], *, per_vacancy: int, per_learner: int, scattered: int = 0
) -> NDArray[np.bool_]:
    """
    The best *per_vacancy* learners of each vacancy and the best *per_learner* vacancies of each.

    And of each learner so many that are *scattered* over all vacancies, whatever they are worth:
    where all want the same, the best of everybody are too few to place all who can be placed.
    *values* are [learners x vacancies], below 0 where not eligible; so is the answer. Equal
    values go to the lower row, so that every machine chooses the same pairs.
    """
    chosen = _best(values, per_learner)
    chosen |= _best(values.T, per_vacancy).T
    _scatter(chosen, values, scattered)
    return chosen


def _scatter(chosen: NDArray[np.bool_], values: NDArray[np.signedinteger], each: int) -> None:
    if not values.size:
        return
    rows, columns = values.shape
    number = np.arange(rows * each, dtype=np.uint64).reshape(rows, each)
    # Knuth's multiplicative hashing: numbers that follow one another fall far apart
    at = ((number * np.uint64(GOLDEN) % np.uint64(2**32)) * np.uint64(columns)) >> np.uint64(32)
    learners, turns = np.nonzero(np.take_along_axis(values, at.astype(np.intp), axis=1) >= 0)
    chosen[learners, at[learners, turns].astype(np.intp)] = True


def _best(values: NDArray[np.signedinteger], most: int) -> NDArray[np.bool_]:
    rows, columns = values.shape
    if most >= columns:
        return values >= 0
    chosen = np.zeros((rows, columns), dtype=np.bool_)
    if most == 0:
        return chosen
    rank = np.arange(columns, 0, -1, dtype=np.int64)
    for start in range(0, rows, block := max(1, 2**20 // columns)):
        part = slice(start, start + block)
        # one key for each pair: which keys are largest does not depend on how they are sorted
        keys = np.where(values[part] < 0, -1, values[part] * np.int64(columns) + rank)
        limit = np.partition(keys, columns - most, axis=1)[:, columns - most, None]
        chosen[part] = (keys >= limit) & (keys >= 0)
    return chosen
