"""
A model with one weight changed, to see what that would do.

    WeightUnknown   the model has no such feature, or there is no such sector
"""

from dataclasses import replace

from services.matcher.scorer import Model, Weights
from services.matcher.sectors import SECTORS


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
