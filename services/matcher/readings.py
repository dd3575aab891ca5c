"""
How facts are written as numbers, so that rules are comparisons of columns.

Days are whole numbers, yyyymmdd, so that n years later is + n * ``YEARS`` and no age needs
a division.
"""

from datetime import date

import numpy as np
from numpy.typing import NDArray

from schemas.vacancy import Mode, WageVerdict
from services.matcher.columns import Words

Mask = NDArray[np.bool_]  # broadcasts to [learners x vacancies]

YEARS = 10_000
ALWAYS = 0  # a day before all others
NEVER = 99_999_999  # a day after all others
VERDICTS = tuple(WageVerdict)
MODES = tuple(Mode)

# both sides of every market number these words alike; they are keys, so there are few
PROGRAMMES, STANDARDS = Words(), Words()
NEEDS, KINDS = Words(), Words()
EMPLOYERS, UNWANTED = Words(), Words()


def day(when: date) -> int:
    """A date as yyyymmdd."""
    return (when.year * 100 + when.month) * 100 + when.day


def age(born: date, on: date) -> int:
    """Whole years on *on*; someone born on 29 February has a birthday on 1 March."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def shared(ones: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """How many words each of *ones* has in common with each of *others*, by their marks."""
    width = min(ones.shape[1], others.shape[1])  # a word beyond it is met on one side only
    counts: NDArray[np.float32] = ones[:, :width] @ others[:, :width].T
    return counts


def down(column: NDArray[np.bool_]) -> Mask:
    """One boolean a learner, to broadcast over vacancies."""
    return column[:, None]


def across(column: NDArray[np.bool_]) -> Mask:
    """One boolean a vacancy, to broadcast over learners."""
    return column[None, :]
