"""A standing allocation laid out from a whole, proven round, with room for who will come."""

from collections.abc import Collection

import numpy as np

from services.matcher.market import Pair, Prices
from services.matcher.residual import NOBODY, NONE, Residual
from services.matcher.stakes import Stakes

ROOM = (1024, 64)  # learners and vacancies that may come before it is laid out anew, at least
TOGETHER = 4096  # learners whose values are laid out at once
SHARE = 8  # or one for so many that are there


def room_for(learners: int, vacancies: int) -> tuple[int, int]:
    """Rows and columns for a market of that size to grow into."""
    return learners + max(ROOM[0], learners // SHARE), vacancies + max(ROOM[1], vacancies // SHARE)


def laid_out(stakes: Stakes, given: Collection[Pair], prices: Prices) -> Residual:
    """Who holds what by the matches *given* without a lock, and the heights that prove it best."""
    sizes = len(stakes.judged.learners), len(stakes.judged.vacancies)
    residual = _empty(stakes.judged.rule.shape, stakes.policy.interviews_each)
    for row, column in sorted(map(stakes.at, given)):
        turn = int((stakes.current[row] == NOBODY).argmax())
        stakes.current[row, turn] = column
        residual.held[row, turn] = stakes.pledges.of[column]
    for pair in {*given, *stakes.decided.locks, *stakes.decided.rerouted}:
        stakes.renew(*stakes.at(pair))
    pledges = len(stakes.pledges.first)
    for start in range(0, sizes[0], TOGETHER):  # not all at once: they are copied on the way
        rows = np.arange(start, min(start + TOGETHER, sizes[0]))
        residual.values[rows[0] : rows[-1] + 1, :pledges] = stakes.row_values(rows)
    rows = np.arange(sizes[0])
    residual.used[: sizes[0]] = stakes.used(rows)
    residual.worth[: sizes[0]] = stakes.worth(rows)
    places = stakes.places(range(pledges))
    residual.places[: len(places)] = places
    residual.height[: len(places)] = -prices.gains[stakes.pledges.first]
    residual.rebuild()
    for node in np.flatnonzero(residual.places == 0).tolist():
        into = residual.arcs[:, node]
        if not residual.members[node] and (into < NONE).any():
            residual.height[node] = int((into + residual.height)[into < NONE].min())
    return residual


def _empty(room: tuple[int, ...], each: int) -> Residual:
    """Nobody and no place yet, but room for *room* learners and pledges."""
    learners, pledges = room
    return Residual(
        values=np.full(room, -1, dtype=np.int16),
        places=np.zeros(pledges, dtype=np.int64),
        worth=np.zeros((learners, each), dtype=np.int64),
        used=np.full(learners, each, dtype=np.int64),
        held=np.full((learners, each), NOBODY, dtype=np.int32),
        height=np.zeros(pledges + 1, dtype=np.int64),
    )
