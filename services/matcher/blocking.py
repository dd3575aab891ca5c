"""Why nobody can help it: learners who between them can reach only so many places."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """
    *learners*, placed or not, who can reach only *vacancies*, and outnumber the *places* there.

    No allocation places more of them. The *unplaced* are among them.
    """

    unplaced: NDArray[np.intp]
    learners: NDArray[np.intp]
    vacancies: Mask
    places: int


def blocked(
    eligible: Mask, placed: tuple[NDArray[np.int64], NDArray[np.int64]], places: NDArray[np.int64]
) -> Iterator[Blocked]:
    """
    Sets that show why nobody more can be placed, each unplaced learner in exactly one.

    *eligible* is [learners x vacancies] without locked learners; *placed* the unlocked matches,
    as rows. Learners eligible nowhere are in no set.
    """
    rows, columns = placed
    holders = np.zeros(len(eligible), dtype=np.bool_)
    holders[rows] = True
    left = np.flatnonzero(~holders & eligible.any(axis=1))
    while len(left):
        reached = eligible[left[0]].copy()
        inside = np.zeros(len(rows), dtype=np.bool_)
        # whoever holds a reached place could move on to whatever else they can reach
        while (more := reached[columns] & ~inside).any():
            reached |= eligible[rows[more]].any(axis=0)
            inside |= more
        shut = ~(eligible[left] & ~reached).any(axis=1)
        yield Blocked(
            unplaced=left[shut],
            learners=np.union1d(left[shut], rows[inside]),
            vacancies=reached,
            places=int(places[reached].sum()),
        )
        left = left[~shut]


def most(eligible: Mask, places: NDArray[np.int64], sets: Sequence[Blocked]) -> int:
    """
    No allocation places more learners than this, whatever its prices.

    Those who can reach a vacancy outside all *sets* may all be placed; the others share the
    places inside.
    """
    inside = np.zeros(eligible.shape[1], dtype=np.bool_)
    for each in sets:
        inside |= each.vacancies
    return int((eligible & ~inside).any(axis=1).sum() + places[inside].sum())
