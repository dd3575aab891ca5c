"""What pairs are favoured by beyond their scores: few are, and only those are kept."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

BARRED = -1  # the pair cannot be given
NO_FAVOURS: Mapping[int, int] = {}

Sides = defaultdict[int, dict[int, int]]


@dataclass(slots=True, kw_only=True)
class Favours:
    """
    Favours by learner row and by vacancy column, `BARRED` for a pair that cannot be given.

    The same both ways round: a pair without a favour is in neither.
    """

    rows: Sides = field(default_factory=lambda: defaultdict(dict))
    columns: Sides = field(default_factory=lambda: defaultdict(dict))

    def put(self, row: int, column: int, favour: int) -> None:
        """A pair has this favour now, or none (0)."""
        for sides, key, other in ((self.rows, row, column), (self.columns, column, row)):
            if favour:
                sides[key][other] = favour
            elif key in sides:
                sides[key].pop(other, None)
                if not sides[key]:
                    del sides[key]

    def on_row(self, row: int, values: NDArray[np.int16]) -> None:
        """Add a learner's favours to the *values* [vacancies] of eligible pairs, in place."""
        _add(self.rows.get(row, NO_FAVOURS), values)

    def on_column(self, column: int, values: NDArray[np.int16]) -> None:
        """Add those at a vacancy to the *values* [learners] of eligible pairs, in place."""
        _add(self.columns.get(column, NO_FAVOURS), values)


def _add(favours: Mapping[int, int], values: NDArray[np.int16]) -> None:
    for at, favour in favours.items():
        if values[at] >= 0:
            values[at] = BARRED if favour == BARRED else values[at] + favour
