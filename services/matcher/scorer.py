"""
The estimated chance that an interview leads to a start.

    ModelRefused   a model is not what it says it is, or not for these features
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from services.matcher.columns import Rows
from services.matcher.features import FEATURES, NAMES
from services.matcher.market import Vacancy
from services.matcher.sectors import NO_SECTOR, NUMBERS, sector_of, sectors_of

UNIT = 10_000  # integer scores are ten-thousandths
CLOSE = 1e-6  # how near the fast path must come to scikit-learn
STEEPEST = 80  # log-odds; float32's exp overflows at 88
NARROW = 8  # numpy adds up fewer columns in another order


class ModelRefused(Exception):
    """A model is not what it says it is, or not for these features."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """One sector's weights and intercept; ``outcomes`` of its own interviews were seen."""

    sector: str
    weights: tuple[float, ...]
    intercept: float
    outcomes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """Log-odds became ``slope`` times themselves plus ``shift``, by so many later ``outcomes``."""

    slope: float
    shift: float
    outcomes: int


@dataclass(frozen=True, kw_only=True)
class Model:
    """
    A logistic model, standardised by ``centres`` and ``scales``, in the order of ``names``.

    ``weights`` and ``intercept`` are for work of no known sector, ``sectors`` for all other.
    A feature at its centre contributes nothing. ``outcomes`` of interviews were seen beside
    expert opinion weighing as much as ``expert_weight`` of them. ``calibration`` is in the weights
    already. ``fallback`` says why outcomes there were did not count.
    """

    names: tuple[str, ...]
    weights: tuple[float, ...]
    centres: tuple[float, ...]
    scales: tuple[float, ...]
    intercept: float
    expert_weight: float
    outcomes: int
    version: str
    sectors: tuple[Weights, ...] = ()
    calibration: Calibration | None = None
    fallback: str | None = None

    def named(self) -> "Model":
        """The same with the version that its content gives it."""
        parts = [getattr(self, name) for name in self.__dataclass_fields__ if name != "version"]
        digest = sha256(repr(parts).encode()).hexdigest()[:8]
        return replace(self, version=f"logistic-{self.outcomes}-{digest}")

    def without(self, names: Collection[str]) -> "Model":
        """The same with no weight at all on the features *names*."""

        def cut(weights: tuple[float, ...]) -> tuple[float, ...]:
            return tuple(
                0.0 if name in names else weight
                for name, weight in zip(self.names, weights, strict=True)
            )

        own = tuple(replace(each, weights=cut(each.weights)) for each in self.sectors)
        return replace(self, weights=cut(self.weights), sectors=own).named()

    @property
    def note(self) -> str:
        """What every score says of itself: whose judgement it is, and from how many outcomes."""
        if self.fallback:
            return f"experts' judgement; {self.fallback}"
        if not self.outcomes:
            return "experts' judgement; no interview's outcome is known yet"
        learnt = f"what {self.outcomes} interview{'s' * (self.outcomes > 1)} led to"
        if self.calibration:
            return f"learnt from {learnt}, and checked on later ones"
        if self.outcomes < self.expert_weight:
            return f"mostly experts' judgement, and {learnt}"
        return f"learnt from {learnt}; not yet checked on later ones"

    @cached_property
    def slopes(self) -> NDArray[np.float64]:
        """Log-odds for one unit of each feature, by sector's number, [sectors x features]."""
        own = {each.sector: each.weights for each in self.sectors}
        rows = [self.weights, *(own.get(name, self.weights) for name in NUMBERS)]
        slopes: NDArray[np.float64] = np.array(rows) / np.array(self.scales)
        return slopes

    @cached_property
    def intercepts(self) -> NDArray[np.float64]:
        """Log-odds of a pair of which nothing is known, by sector's number, [sectors]."""
        own = {each.sector: each.intercept for each in self.sectors}
        return np.array([self.intercept, *(own.get(name, self.intercept) for name in NUMBERS)])

    @cached_property
    def folded(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Standardising and model as a float32 vector and a constant for each sector."""
        constants = self.intercepts - self.slopes @ np.array(self.centres)
        return self.slopes.astype(np.float32), constants.astype(np.float32)

    def chances(
        self, features: NDArray[np.float32], sector: NDArray[np.intp]
    ) -> NDArray[np.float32]:
        """
        The chance of each pair, float32 [learners x vacancies], of [features x ... x ...].

        *sector* has the sector's number of each vacancy. A pair's bits do not depend on its
        neighbours: a market scored in parts, or a pair scored alone, gets the very same figures.
        """
        shape = features.shape[1:]
        vectors, constants = self.folded
        # negative from the start: the sigmoid asks for that, and it is a pass less
        weights, constant = np.ascontiguousarray(-vectors[sector].T), -constants[sector]
        if len(sector) < NARROW:
            # in one row of pairs, as wide as it takes
            features = features.reshape(len(features), 1, -1)
            weights, constant = np.tile(weights, shape[0]), np.tile(constant, shape[0])
            if short := max(0, NARROW - len(constant)):
                features = np.pad(features, ((0, 0), (0, 0), (0, short)))
                weights, constant = (
                    np.pad(weights, ((0, 0), (0, short))),
                    np.pad(constant, (0, short)),
                )
        # einsum adds feature by feature; a BLAS product's order would depend on the shape
        odds = np.einsum("flv,fv->lv", np.ascontiguousarray(features), weights)
        odds += constant
        np.exp(odds, out=odds)
        odds += np.float32(1)
        chances: NDArray[np.float32] = np.reciprocal(odds, out=odds)
        return chances.reshape(-1)[: shape[0] * shape[1]].reshape(shape)

    def scores(self, features: NDArray[np.float32], vacancies: Rows[Vacancy]) -> NDArray[np.int16]:
        """Chances in whole ten-thousandths, int16 [learners x vacancies]."""
        units = self.chances(features, sectors_of(vacancies))
        units *= np.float32(UNIT)
        return np.rint(units, out=units).astype(np.int16)

    def base(self, vacancy: Vacancy) -> float:
        """The log-odds on *vacancy* where nothing is known of the pair."""
        return float(self.intercepts[sector_of(vacancy)])

    def contributions(self, vector: NDArray[np.float32], vacancy: Vacancy) -> NDArray[np.float64]:
        """How much each feature of one pair moves it from `base`, in log-odds."""
        moves: NDArray[np.float64] = self.slopes[sector_of(vacancy)] * (
            vector - np.array(self.centres)
        )
        return moves

    def estimator(self, sector: int = NO_SECTOR) -> LogisticRegression:
        """A sector's model as scikit-learn's, for standardised rows."""
        estimator = LogisticRegression()
        estimator.classes_ = np.array([0, 1])
        estimator.coef_ = (self.slopes[sector] * np.array(self.scales))[None, :]
        estimator.intercept_ = self.intercepts[sector : sector + 1]
        estimator.n_features_in_ = len(self.names)
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
    own = [each.weights for each in model.sectors]
    lists: Sequence[Sequence[float]] = (model.weights, model.centres, model.scales, *own)
    if any(len(each) != len(NAMES) or not np.isfinite(each).all() for each in lists):
        raise ModelRefused("weights, centres and scales must be one finite number a feature")
    if unknown := {each.sector for each in model.sectors} - NUMBERS.keys():
        raise ModelRefused(f"the model is for sectors we have not: {', '.join(sorted(unknown))}")
    if min(model.scales) <= 0 or not np.isfinite(model.intercepts).all():
        raise ModelRefused("scales must be above 0 and the intercept finite")
    drawn = spread(rows, seed)
    if (surest := steepest(model)) > STEEPEST:
        raise ModelRefused(f"the model gives log-odds up to {surest:.0f}, over {STEEPEST}")
    every = range(len(model.slopes))
    tables = np.repeat(drawn.T.astype(np.float32)[:, :, None], len(every), axis=2)
    fast = model.chances(tables, np.array(every))
    standard = model.standardised(drawn)
    slow = [model.estimator(sector).predict_proba(standard)[:, 1] for sector in every]
    if (worst := float(np.abs(fast - np.transpose(slow)).max())) > CLOSE:
        raise ModelRefused(f"bulk scores differ from predict_proba by {worst:.2g}, over {CLOSE:g}")
    return model


def steepest(model: Model) -> float:
    """No pair's log-odds, in any sector, are further from 0 than this."""
    furthest = np.abs(spread(2, 0)).max(axis=0)
    return float((np.abs(model.slopes) @ furthest + np.abs(model.folded[1])).max())


def spread(rows: int, seed: int) -> NDArray[np.float64]:
    """*rows* [n x features] drawn evenly over the features' ranges, their corners first."""
    low = np.array([feature.low for feature in FEATURES], dtype=np.float64)
    high = np.array([feature.high for feature in FEATURES], dtype=np.float64)
    drawn = np.random.default_rng(seed).uniform(low, high, size=(rows, len(FEATURES)))
    drawn[:2] = low, high
    return drawn
