"""The pairs worth solving with at first; pricing adds what turns out to be missing."""

import numpy as np
from numpy.typing import NDArray


def candidates(
    values: NDArray[np.signedinteger], *, per_vacancy: int, per_learner: int
) -> NDArray[np.bool_]:
    """
    The best *per_vacancy* learners of each vacancy and the best *per_learner* vacancies of each.

    *values* are [learners x vacancies], below 0 where not eligible; so is the answer. Equal
    values go to the lower row, so that every machine chooses the same pairs.
    """
    chosen = _best(values, per_learner)
    chosen |= _best(values.T, per_vacancy).T
    return chosen


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
