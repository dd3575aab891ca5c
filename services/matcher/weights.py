"""
A model with one weight changed, to see what that would do.

    WeightUnknown   the model has no such feature, or not one weight for each sector
"""

from dataclasses import replace

from services.matcher.scorer import Model


class WeightUnknown(Exception):
    """The model has no such feature, or not one weight for each sector."""


def reweighted(model: Model, feature: str, times: float, *, sector: str | None = None) -> Model:
    """*model* in which *feature* weighs *times* as much, under another version."""
    if feature not in model.names:
        raise WeightUnknown(f"no feature is called {feature}; there are {', '.join(model.names)}")
    if sector is not None:
        raise WeightUnknown("this model has the same weights for every sector")
    weights = tuple(
        weight * times if name == feature else weight
        for name, weight in zip(model.names, model.weights, strict=True)
    )
    return replace(model, weights=weights, version=f"{model.version}-{feature}x{times:g}")
