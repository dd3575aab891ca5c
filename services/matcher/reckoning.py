"""A round in figures, kept with it: learners and places, and the reasons of those without one."""

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.matcher import of_vacancies
from services.matcher.board import Board
from services.matcher.market import Outcome, RoundInputs
from services.matcher.pledges import places
from services.matcher.unplaced import NO_VACANCY, OVER, SCARCE


def of_outcome(inputs: RoundInputs, outcome: Outcome) -> dict[str, Any]:
    """The figures of a whole round."""
    open_ = [row for row in inputs.vacancies if not row.closed]
    placed = {learner_id for learner_id, _ in outcome.allocated}
    return {
        "learners": len(inputs.learners),
        "completers": len(placed) + len(outcome.unplaced),
        "vacancies": len(open_),
        "pledged_places": places(open_),
        "allocated": len(placed),
        "unplaced": dict(sorted(Counter(w.reason for w in outcome.unplaced.values()).items())),
        "most": outcome.proof.most,
        "total_score": outcome.proof.total_score,
    }


def of_board(board: Board) -> dict[str, Any]:
    """The same after a step: reasons from the tally of verdicts, not from every pair."""
    judged, residual = board.judged, board.residual
    count = len(judged.learners)
    locked = residual.used[:count] > 0
    placed = locked | (residual.held[:count] >= 0).any(axis=1)
    elsewhere = len(board.decided.locks_of) - int(np.count_nonzero(locked))
    reasons = _reasons(board, judged.completers() & ~placed)
    open_ = ~judged.vacancies.column(of_vacancies.closed, np.bool_)
    allocated = int(np.count_nonzero(placed)) + elsewhere
    return {
        "learners": count,
        "completers": allocated + sum(reasons.values()),
        "vacancies": int(np.count_nonzero(open_)),
        "pledged_places": _places(board, open_),
        "allocated": allocated,
        "unplaced": dict(sorted(reasons.items())),
        "most": int(np.count_nonzero(placed)),
        "total_score": int(board.scored.sum()),
    }


def _places(board: Board, open_: NDArray[np.bool_]) -> int:
    """Interviews pledged on open vacancies, the pool of a joint pledge once."""
    vacancies = board.judged.vacancies
    if board.pledges.joint:
        return places(vacancies[at] for at in np.flatnonzero(open_).tolist())
    return int(vacancies.column(of_vacancies.interviews, np.int64)[open_].sum())


def _reasons(board: Board, left: NDArray[np.bool_]) -> dict[str, int]:
    """How many of those *left* out are so for which reason (`unplaced.unplaced`)."""
    judged = board.judged
    if not len(judged.vacancies):
        return {NO_VACANCY: int(left.sum())} if left.any() else {}
    tally = judged.tally[: len(left)][left]
    scarce = tally[:, 0] > 0
    fails = tally[~scarce][:, 1:]
    weights = fails * 2
    over = [i for i, name in enumerate(judged.rules.ids) if name in OVER]
    # a vacancy that is over counts only where there is no other
    weights[:, over] = fails[:, over] > 0
    first = np.bincount(weights.argmax(axis=1), minlength=fails.shape[1])
    reasons = {name: int(n) for name, n in zip(judged.rules.ids, first, strict=True) if n}
    return reasons | ({SCARCE: int(scarce.sum())} if scarce.any() else {})
