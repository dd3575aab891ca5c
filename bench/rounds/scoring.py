"""Bulk scoring against raw numpy on the same arrays."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from bench.figure import Figure, seconds
from services.matcher.columns import rows_of
from services.matcher.features import FEATURES, vectors
from services.matcher.prior import fitted
from services.matcher.sectors import sectors_of
from tests.matcher.cohorts import cohort

MODEL = fitted()
BAR = 0.8  # of the matching guide


def figures() -> Iterator[Figure]:
    """
    Against a float32 product and sigmoid of the same array, in pairs a second.

    Ours adds in a fixed order, so that a pair's bits do not depend on its neighbours, and each
    vacancy has its sector's weights; for few pairs, where nothing waits for memory, the free order
    of BLAS is faster.
    """
    market = cohort(1, 1_000, 1_000)
    every = vectors(market.learners, market.vacancies)
    sector = sectors_of(rows_of(market.vacancies))
    vector, constant = MODEL.folded[0][0], MODEL.folded[1][0]

    def raw(features: np.ndarray) -> np.ndarray:
        return 1 / (1 + np.exp(-(vector @ features + constant)))

    for count, bar in ((10_000, 0.0), (1_000_000, BAR)):
        features = np.ascontiguousarray(every[:, : count // len(sector)])
        flat = features.reshape(len(FEATURES), -1)
        ours, theirs = seconds(partial(MODEL.chances, features, sector), partial(raw, flat))
        yield Figure(
            name=f"scoring {count} pairs",
            figure=f"{count / ours / 1e6:.0f} M/s, {theirs / ours:.2f}x",
            baseline=f"numpy {count / theirs / 1e6:.0f} M/s",
            bar=f">= {bar}x" if bar else "-",
            held=theirs / ours >= bar,
        )
