"""
A challenger scored beside the model that ranks, for figures alone.

No coordinator sees its scores: shown beside the real ones they would move decisions.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.matcher.columns import Rows
from services.matcher.features import vectors
from services.matcher.judgement import BLOCK
from services.matcher.market import RoundInputs
from services.matcher.scorer import UNIT, Model

SEEN = 5  # the first places of a vacancy, which is what people look at


def agreement(inputs: RoundInputs, scores: NDArray[np.int16], challenger: Model) -> dict[str, Any]:
    """
    How *challenger* would order a round's pairs, against the round's own *scores*.

    Scores are [learners x vacancies], -1 where a rule fails. Figures: mean scores (of 1), the
    share of vacancies whose first SEEN stay the same, the share of pairs among those in another
    order, how many learners are among some first SEEN (coverage), and how many of them no more.
    """
    eligible = scores >= 0
    theirs = _scores(inputs, challenger)
    kept: list[bool] = []
    ours_first, their_first = set[int](), set[int]()
    swapped = pairs = 0
    for at in range(len(inputs.vacancies)):
        rows = np.flatnonzero(eligible[:, at])
        if len(rows) < 2:  # noqa: PLR2004  # one alone has no order
            continue
        one, other = (
            rows[np.argsort(-by[rows, at], kind="stable")[:SEEN]] for by in (scores, theirs)
        )
        kept.append(bool(np.array_equal(one, other)))
        ours_first |= set(one.tolist())
        their_first |= set(other.tolist())
        # the order among those people look at
        ranks = theirs[one, at].astype(np.int32)
        pairs += len(one) * (len(one) - 1) // 2
        swapped += int(np.triu(ranks[:, None] < ranks[None, :], 1).sum())
    counted = int(eligible.sum())
    return {
        "pairs": counted,
        "mean": round(float(scores[eligible].mean()) / UNIT, 4) if counted else None,
        "challenger_mean": round(float(theirs[eligible].mean()) / UNIT, 4) if counted else None,
        "vacancies": len(kept),
        "same_first": round(float(np.mean(kept)), 4) if kept else None,
        "swapped": round(swapped / pairs, 4) if pairs else None,
        "coverage": len(ours_first),
        "challenger_coverage": len(their_first),
        "left_out": len(ours_first - their_first),
    }


def _scores(inputs: RoundInputs, model: Model) -> NDArray[np.int16]:
    """Every pair by *model*, int16 [learners x vacancies], a block of learners at a time."""
    vacancies = Rows(inputs.vacancies)
    out = np.empty((len(inputs.learners), len(vacancies)), dtype=np.int16)
    rows = max(1, BLOCK // max(1, len(vacancies)))
    for start in range(0, len(out), rows):
        part = inputs.learners[start : start + rows]
        out[start : start + rows] = model.scores(vectors(part, vacancies), vacancies)
    return out
