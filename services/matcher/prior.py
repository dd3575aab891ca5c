"""
A model fitted to what experts expect and to what interviews led to.

scikit-learn's logistic regression has no prior mean, so opinion is entered as weighted outcomes:
each drawn pair twice, as a start weighing what experts give for its chance, and as none weighing
the rest. So there is a score from the first day.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from services.matcher.experts import EXPERTS, Experts
from services.matcher.features import FEATURES, NAMES
from services.matcher.scorer import Model, Weights, spread, verified
from services.matcher.sectors import NUMBERS

ELSEWHERE = 0.25  # what an interview in another sector counts for a sector's own weights


def _no_rows() -> NDArray[np.float64]:
    return np.empty((0, len(FEATURES)), dtype=np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """
    Interviews and what came of them, one a row.

    ``rows`` are features [n x features], ``started`` 1 for a start [n], ``sectors`` the
    numbers of the work's sectors [n]; without them none is known.
    """

    rows: NDArray[np.float64] = field(default_factory=_no_rows)
    started: NDArray[np.int8] = field(default_factory=lambda: np.empty(0, dtype=np.int8))
    sectors: NDArray[np.intp] | None = None

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def sector(self) -> NDArray[np.intp]:
        """The number of each row's sector, [n]."""
        return np.zeros(len(self), dtype=np.intp) if self.sectors is None else self.sectors

    def part(self, where: NDArray[np.bool_] | NDArray[np.intp]) -> "Outcomes":
        """The outcomes at *where*."""
        return Outcomes(
            rows=self.rows[where], started=self.started[where], sectors=self.sector[where]
        )


def fitted(
    outcomes: Outcomes | None = None,
    *,
    experts: Experts = EXPERTS,
    expert_weight: float = 60,
    drawn: int = 1024,
    seed: int = 7,
) -> Model:
    """
    The model of *outcomes* and of expert opinion worth *expert_weight* of them.

    For a sector's own weights its interviews count 1 and all others ELSEWHERE; for work of no
    sector all count 1. The same arguments give the same model: coefficients are kept to six
    decimals, so that the last bits of another machine's arithmetic make no other version.
    """
    seen = outcomes or Outcomes()
    part = _Fit(outcomes=seen, guesses=spread(drawn, seed), expert_weight=expert_weight)
    alike = np.ones(len(seen))
    weights, intercept = part.coefficients(experts.slopes(), experts.neutral, alike)
    sectors = []
    for name, number in NUMBERS.items():
        own = seen.sector == number
        found = part.coefficients(
            experts.slopes(name), experts.neutral, np.where(own, alike, ELSEWHERE)
        )
        sectors.append(
            Weights(sector=name, weights=found[0], intercept=found[1], outcomes=int(own.sum()))
        )
    model = Model(
        names=NAMES,
        weights=weights,
        centres=tuple(part.centres.tolist()),
        scales=tuple(part.scales.tolist()),
        intercept=intercept,
        sectors=tuple(sectors),
        expert_weight=float(expert_weight),
        outcomes=len(seen),
        version="",
    )
    return verified(model.named())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fit:
    outcomes: Outcomes
    guesses: NDArray[np.float64]
    expert_weight: float
    centres: NDArray[np.float64] = field(
        default_factory=lambda: np.array([feature.neutral for feature in FEATURES])
    )
    scales: NDArray[np.float64] = field(
        default_factory=lambda: np.array([(f.high - f.low) / 2 for f in FEATURES])
    )

    def coefficients(
        self, slopes: NDArray[np.float64], neutral: float, counts: NDArray[np.float64]
    ) -> tuple[tuple[float, ...], float]:
        """Weights and intercept where experts expect *slopes*, and outcomes count *counts*."""
        drawn = len(self.guesses)
        chance = 1 / (1 + np.exp(-(neutral + (self.guesses - self.centres) @ slopes)))
        estimator = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-10)
        estimator.fit(
            (np.vstack([self.guesses, self.guesses, self.outcomes.rows]) - self.centres)
            / self.scales,
            np.concatenate([np.ones(drawn), np.zeros(drawn), self.outcomes.started]),
            np.concatenate([chance, 1 - chance, counts * (drawn / self.expert_weight)])
            * (self.expert_weight / drawn),
        )
        weights = tuple(round(float(w), 6) for w in estimator.coef_[0])
        return weights, round(float(estimator.intercept_[0]), 6)
