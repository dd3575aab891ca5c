"""
Whether later outcomes follow the score, and by how much its log-odds are to be stretched.

Sigmoid calibration (Platt): outcome ~ slope * log-odds + shift. It is the choice under 1,000
outcomes, and unlike the isotonic one it folds into the weights.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from services.matcher.scorer import Calibration, Model, verified

WIDE = 1.96  # standard errors to either side of a 95 % interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Slope:
    """How outcomes follow log-odds: ``low`` and ``high`` bound the slope with 95 %."""

    slope: float
    shift: float
    low: float
    high: float
    outcomes: int

    @property
    def follows(self) -> bool:
        """Whether a higher score goes with more starts, beyond chance."""
        return self.low > 0


def slope_of(odds: NDArray[np.float64], started: NDArray[np.int8]) -> Slope:
    """The slope of outcomes over *odds*; both kinds of outcome must be there (``ValueError``)."""
    estimator = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-10)
    estimator.fit(odds[:, None], started)
    slope, shift = float(estimator.coef_[0, 0]), float(estimator.intercept_[0])
    chance = 1 / (1 + np.exp(-(slope * odds + shift)))
    design = np.column_stack([odds, np.ones(len(odds))])
    information = (design * (chance * (1 - chance))[:, None]).T @ design
    error = float(np.sqrt(np.linalg.pinv(information)[0, 0]))
    return Slope(
        slope=slope,
        shift=shift,
        low=slope - WIDE * error,
        high=slope + WIDE * error,
        outcomes=len(odds),
    )


def calibrated(model: Model, slope: Slope) -> Model:
    """*model* with its log-odds stretched by *slope*, in every sector."""
    times, plus = round(slope.slope, 6), round(slope.shift, 6)

    def stretched(weights: tuple[float, ...]) -> tuple[float, ...]:
        return tuple(round(times * weight, 6) for weight in weights)

    sectors = tuple(
        replace(
            each,
            weights=stretched(each.weights),
            intercept=round(times * each.intercept + plus, 6),
        )
        for each in model.sectors
    )
    changed = replace(
        model,
        weights=stretched(model.weights),
        intercept=round(times * model.intercept + plus, 6),
        sectors=sectors,
        calibration=Calibration(slope=times, shift=plus, outcomes=slope.outcomes),
    )
    return verified(changed.named())
