"""
The estimated chance that an interview leads to a start.

    ModelRefused   a model is not what it says it is, or not for these features
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from services.matcher.features import FEATURES, NAMES

UNIT = 10_000  # integer scores are ten-thousandths
CLOSE = 1e-6  # how near the fast path must come to scikit-learn
STEEPEST = 80  # log-odds; float32's exp overflows at 88
NARROW = 8  # numpy adds up fewer columns in another order


class ModelRefused(Exception):
    """A model is not what it says it is, or not for these features."""


@dataclass(frozen=True, kw_only=True)
class Model:
    """
    A logistic model, standardised by ``centres`` and ``scales``, in the order of ``names``.

    A feature at its centre contributes nothing. ``outcomes`` of interviews were seen beside
    expert opinion weighing as much as ``expert_weight`` of them.
    """

    names: tuple[str, ...]
    weights: tuple[float, ...]
    centres: tuple[float, ...]
    scales: tuple[float, ...]
    intercept: float
    expert_weight: float
    outcomes: int
    version: str

    @property
    def note(self) -> str:
        """What every score says of itself."""
        learnt = f"learnt from {self.outcomes} interviews' outcomes"
        if not self.outcomes:
            return "experts' judgement; no interview's outcome is known yet"
        return (
            f"mostly experts' judgement, {learnt}" if self.outcomes < self.expert_weight else learnt
        )

    @cached_property
    def slopes(self) -> NDArray[np.float64]:
        """Log-odds for one unit of each feature."""
        slopes: NDArray[np.float64] = np.array(self.weights) / np.array(self.scales)
        return slopes

    @cached_property
    def folded(self) -> tuple[NDArray[np.float32], np.float32]:
        """Standardising and model as one float32 vector and one constant."""
        constant = self.intercept - float(self.slopes @ np.array(self.centres))
        return self.slopes.astype(np.float32), np.float32(constant)

    def chances(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """
        The chance of each column of *features*, float32 [features x n] -> float32 [n].

        A column's bits do not depend on its neighbours: a market scored in parts, or a pair
        scored alone, gets the very same figures.
        """
        count = features.shape[1]
        if count < NARROW:
            features = np.pad(features, ((0, 0), (0, NARROW - count)))
        vector, constant = self.folded
        # einsum adds feature by feature; a BLAS product's order would depend on the shape
        odds: NDArray[np.float32] = np.einsum("fn,f->n", features, vector)
        odds += constant
        np.negative(odds, out=odds)
        np.exp(odds, out=odds)
        odds += np.float32(1)
        np.reciprocal(odds, out=odds)
        return odds[:count]

    def scores(self, features: NDArray[np.float32]) -> NDArray[np.int16]:
        """Chances in whole ten-thousandths, int16 [n]."""
        units: NDArray[np.float32] = np.rint(self.chances(features) * np.float32(UNIT))
        return units.astype(np.int16)

    def contributions(self, vector: NDArray[np.float32]) -> NDArray[np.float64]:
        """How much each feature of one pair moves it from the intercept, in log-odds."""
        moves: NDArray[np.float64] = self.slopes * (vector - np.array(self.centres))
        return moves

    def estimator(self) -> LogisticRegression:
        """The same model as scikit-learn's, for standardised rows."""
        estimator = LogisticRegression()
        estimator.classes_ = np.array([0, 1])
        estimator.coef_ = np.array([self.weights])
        estimator.intercept_ = np.array([self.intercept])
        estimator.n_features_in_ = len(self.weights)
        return estimator

    def standardised(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Rows [n x features] as the estimator takes them."""
        same: NDArray[np.float64] = (rows - np.array(self.centres)) / np.array(self.scales)
        return same


def verified(model: Model, *, rows: int = 512, seed: int = 2026) -> Model:
    """
    *model*, once its fast path is seen to equal scikit-learn; raises ModelRefused.

    Checked on *rows* drawn over the whole range of every feature, the corners included.
    """
    if model.names != NAMES:
        raise ModelRefused(f"the model is for features {model.names}, we have {NAMES}")
    lists: Sequence[Sequence[float]] = (model.weights, model.centres, model.scales)
    if any(len(each) != len(NAMES) or not np.isfinite(each).all() for each in lists):
        raise ModelRefused("weights, centres and scales must be one finite number a feature")
    if min(model.scales) <= 0 or not np.isfinite(model.intercept):
        raise ModelRefused("scales must be above 0 and the intercept finite")
    drawn = spread(rows, seed)
    steepest = float(np.abs(model.slopes) @ np.abs(drawn).max(axis=0)) + abs(model.folded[1])
    if steepest > STEEPEST:
        raise ModelRefused(f"the model gives log-odds up to {steepest:.0f}, over {STEEPEST}")
    slow = model.estimator().predict_proba(model.standardised(drawn))[:, 1]
    fast = model.chances(np.ascontiguousarray(drawn.T.astype(np.float32)))
    if (worst := float(np.abs(fast - slow).max())) > CLOSE:
        raise ModelRefused(f"bulk scores differ from predict_proba by {worst:.2g}, over {CLOSE:g}")
    return model


def spread(rows: int, seed: int) -> NDArray[np.float64]:
    """*rows* [n x features] drawn evenly over the features' ranges, their corners first."""
    low = np.array([feature.low for feature in FEATURES], dtype=np.float64)
    high = np.array([feature.high for feature in FEATURES], dtype=np.float64)
    drawn = np.random.default_rng(seed).uniform(low, high, size=(rows, len(FEATURES)))
    drawn[:2] = low, high
    return drawn
