"""
A model with one weight changed, to see what that would do.

    WeightUnknown   the model has no such feature, or there is no such sector
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from services.matcher.scorer import Model, Weights
from services.matcher.sectors import NUMBERS, SECTORS

EVERY = "every"  # in place of a sector: its weights there all became as many times themselves


class WeightUnknown(Exception):
    """The model has no such feature, or there is no such sector."""


def reweighted(model: Model, feature: str, times: float, *, sector: str | None = None) -> Model:
    """*model* in which *feature* weighs *times* as much, everywhere or in *sector* alone."""
    if feature not in model.names:
        raise WeightUnknown(f"no feature is called {feature}; there are {', '.join(model.names)}")
    if sector is not None and sector not in SECTORS:
        raise WeightUnknown(f"no sector is called {sector}; there are {', '.join(SECTORS)}")

    def changed(weights: tuple[float, ...]) -> tuple[float, ...]:
        return tuple(
            weight * times if name == feature else weight
            for name, weight in zip(model.names, weights, strict=True)
        )

    own = {each.sector: each for each in model.sectors}
    if sector is not None and sector not in own:
        # until now it was weighed like work of no known sector
        own[sector] = Weights(sector=sector, weights=model.weights, intercept=model.intercept)
    sectors = tuple(
        replace(each, weights=changed(each.weights)) if sector in {None, name} else each
        for name, each in own.items()
    )
    weights = changed(model.weights) if sector is None else model.weights
    return replace(model, weights=weights, sectors=sectors).named()


def moved(before: Model, after: Model, feature: str) -> Iterator[tuple[str | None, float, float]]:
    """
    Where the weight of *feature* differs between two models: the sector, and both weights.

    The sector is None for work of no known sector. Where all became as many times themselves
    there is one row, of EVERY, with the weights of work of no known sector.
    """
    was = before.slopes[:, before.names.index(feature)]
    now = after.slopes[:, after.names.index(feature)]
    changed = ~np.isclose(was, now, rtol=1e-9, atol=1e-9)
    alike = np.allclose(now * was[0], was * now[0], rtol=1e-6, atol=1e-9)
    if was[0] and changed[0] and alike:
        yield EVERY, float(was[0]), float(now[0])
        return
    for name, one, other, differs in zip((None, *NUMBERS), was, now, changed, strict=True):
        if differs:
            yield name, float(one), float(other)
