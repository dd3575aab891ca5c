"""
Whether later outcomes follow the score, and by how much its log-odds are to be stretched.

Sigmoid calibration (Platt): outcome ~ slope * log-odds + shift. It is the choice under 1,000
outcomes, and unlike the isotonic one it folds into the weights. With Platt's targets: of n starts
one more, a chance of (n + 1) / (n + 2), is expected rather than certainty. So the slope is finite
also where the score told every outcome, and agreement beyond doubt is not taken for doubt.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from services.matcher.scorer import STEEPEST, Calibration, Model, steepest, verified

WIDE = 1.96  # standard errors to either side of a 95 % interval
ALIKE = 1e-3  # log-odds; nearer ones are one score
NEARLY = 0.999  # of the steepest; what is rounded stays below it


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


def tells(odds: NDArray[np.float64], started: NDArray[np.int8]) -> bool:
    """Whether a slope can be found: both kinds of outcome are there, and *odds* that differ."""
    return 0 < int(started.sum()) < len(started) and float(np.ptp(odds)) > ALIKE


def slope_of(odds: NDArray[np.float64], started: NDArray[np.int8]) -> Slope:
    """The slope of outcomes over *odds*; ``ValueError`` where they do not tell of one."""
    if not tells(odds, started):
        raise ValueError("a slope needs starts and others, and log-odds that differ")
    starts = int(started.sum())
    high, low = (starts + 1) / (starts + 2), 1 / (len(started) - starts + 2)
    target = np.where(started == 1, high, low)
    estimator = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-10)
    # scikit-learn takes no shares: each outcome is entered twice, as a start and as none
    estimator.fit(
        np.concatenate([odds, odds])[:, None],
        np.repeat([1, 0], len(odds)),
        np.concatenate([target, 1 - target]),
    )
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
    """
    *model* with its log-odds stretched by *slope*, in every sector.

    A slope steeper than a model may have is held at that, with the same even odds: scores a
    hair apart that told every outcome are no reason to be any surer.
    """
    surest = abs(slope.slope) * steepest(model) + abs(slope.shift)
    held = min(1.0, NEARLY * STEEPEST / surest)
    times, plus = round(held * slope.slope, 6), round(held * slope.shift, 6)

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
