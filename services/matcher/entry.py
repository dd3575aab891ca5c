"""What changed in a market, as its standing allocation takes it: by learner rows and pledges."""

from collections.abc import Collection, Sequence

import numpy as np

from services.matcher.flow import Turns, step_of
from services.matcher.judged import NoRoom
from services.matcher.placement import top_of
from services.matcher.residual import Residual
from services.matcher.stakes import Stakes
from services.matcher.upkeep import Changes


def changes(
    stakes: Stakes,
    residual: Residual,
    entering: Sequence[int],
    columns: Collection[int],
    touched: Collection[int],
) -> Changes:
    """
    Learner rows *entering* anew, vacancy *columns* judged anew, places where they are *touched*.

    Raises NoRoom if the market has outgrown the weight that outweighs all scores.
    """
    rows = np.array(entering, dtype=np.int64)
    values = np.full((len(rows), len(residual.places)), -1, dtype=np.int16)
    merged = stakes.row_values(rows)
    values[:, : merged.shape[1]] = merged
    pledges = sorted({int(stakes.pledges.of[column]) for column in touched})
    judged = sorted({int(stakes.pledges.of[column]) for column in columns})
    made = Changes(
        learners=rows,
        values=values,
        worth=stakes.worth(rows),
        used=stakes.used(rows),
        pledges={pledge: stakes.column_values(pledge) for pledge in judged},
        places=dict(zip(pledges, stakes.places(pledges), strict=True)),
    )
    _outweighed(stakes, residual, made)
    return made


def _outweighed(stakes: Stakes, residual: Residual, made: Changes) -> None:
    """
    Raises NoRoom if a step's weight does not outweigh all scores twice any more.

    It was measured by the places and turns there were when the board was laid out.
    """
    places, used = residual.places.copy(), residual.used.copy()
    places[[*made.places]] = [*made.places.values()]
    used[made.learners] = made.used
    turns = Turns(waiting=used, used=used, each=stakes.policy.interviews_each)
    if step_of(top_of(stakes.policy), places, turns) > 2 * stakes.step:
        raise NoRoom(f"{int(places.sum())} places are over twice as many as it was laid out for")
