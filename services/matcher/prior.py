"""
What experts expect, entered as weighted outcomes, so that a score is there from the first day.

scikit-learn's logistic regression has no prior mean. Each drawn pair is entered twice: as a start
weighing what experts give for its chance, and as none weighing the rest.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from services.matcher.features import FEATURES, NAMES
from services.matcher.scorer import Model, spread, verified

# Log-odds for one unit of each feature; the units are in the features' own words. Our judgement
# from the scheme's field: skills, route and interest lead, then practical hurdles, then pay.
EXPERT: Mapping[str, float] = {
    "skills-met": 1.2,
    "course-route": 0.9,
    "interest": 0.7,
    "level-above": -0.6,
    "level-below": -0.25,
    "distance": -0.35,
    "reach": -0.5,
    "start-gap": -0.1,
    "hours-gap": -0.6,
    "pay": 0.05,
    "positions": 0.8,
}
EVERYTHING_NEUTRAL = -0.8  # log-odds where nothing is known: about three starts in ten interviews


def _no_rows() -> NDArray[np.float64]:
    return np.empty((0, len(FEATURES)), dtype=np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """Interviews and what came of them: features [n x features], 1 for a start [n]."""

    rows: NDArray[np.float64] = field(default_factory=_no_rows)
    started: NDArray[np.int8] = field(default_factory=lambda: np.empty(0, dtype=np.int8))


def fitted(
    outcomes: Outcomes | None = None, *, expert_weight: float = 60, drawn: int = 1024, seed: int = 7
) -> Model:
    """
    The model of *outcomes* and of expert opinion worth *expert_weight* of them.

    The same arguments give the same model: coefficients are kept to six decimals, so that the
    last bits of another machine's arithmetic make no other version.
    """
    seen = outcomes or Outcomes()
    centres = np.array([feature.neutral for feature in FEATURES])
    scales = np.array([(feature.high - feature.low) / 2 for feature in FEATURES])
    guesses = spread(drawn, seed)
    expert = np.array([EXPERT[name] for name in NAMES])
    chance = 1 / (1 + np.exp(-(EVERYTHING_NEUTRAL + (guesses - centres) @ expert)))
    estimator = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-10)
    estimator.fit(
        (np.vstack([guesses, guesses, seen.rows]) - centres) / scales,
        np.concatenate([np.ones(drawn), np.zeros(drawn), seen.started]),
        np.concatenate([chance, 1 - chance, np.full(len(seen.rows), drawn / expert_weight)])
        * (expert_weight / drawn),
    )
    weights = tuple(round(float(w), 6) for w in estimator.coef_[0])
    intercept = round(float(estimator.intercept_[0]), 6)
    parts = (NAMES, weights, centres.tolist(), scales.tolist(), intercept, expert_weight)
    digest = sha256(repr((parts, len(seen.rows))).encode()).hexdigest()[:8]
    model = Model(
        names=NAMES,
        weights=weights,
        centres=tuple(centres.tolist()),
        scales=tuple(scales.tolist()),
        intercept=intercept,
        expert_weight=float(expert_weight),
        outcomes=len(seen.rows),
        version=f"logistic-{len(seen.rows)}-{digest}",
    )
    return verified(model)
