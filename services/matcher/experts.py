"""
What experts expect of interviews, as log-odds, before any outcome is known.

Our judgement from the scheme's field, not measured: skills, route and interest lead, then
practical hurdles, then pay. A sector says only where it differs, and why.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from services.matcher.features import NAMES
from services.matcher.sectors import SECTORS


@dataclass(frozen=True, slots=True)
class Opinion:
    """Where a sector's weights differ from those of all work, and ``why``."""

    why: str
    weights: Mapping[str, float]


# Log-odds for one unit of each feature; the units are in the features' own words.
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

OPINIONS: Mapping[str, Opinion] = {
    "agriculture": Opinion(
        "work is far from buses, and people stay who wanted it",
        {"interest": 0.9, "distance": -0.45},
    ),
    "business": Opinion(
        "offices take people from any course who show the skills",
        {"skills-met": 1.3, "course-route": 0.7},
    ),
    "care": Opinion(
        "early and late shifts and the way to them decide, and wanting to care",
        {"skills-met": 1.0, "interest": 0.9, "reach": -0.7, "hours-gap": -0.8},
    ),
    "hospitality": Opinion(
        "most is learnt at work; evenings and weekends and the way home decide",
        {"skills-met": 0.9, "course-route": 0.6, "reach": -0.7, "hours-gap": -0.8},
    ),
    "construction": Opinion(
        "the course gives the site skills; sites move, so today's distance says less",
        {"course-route": 1.1, "distance": -0.25},
    ),
    "creative": Opinion(
        "a few places are sought by many: shown skill and real interest decide",
        {"skills-met": 1.3, "interest": 0.9},
    ),
    "digital": Opinion(
        "shown skill decides, and days at home make the way shorter",
        {"skills-met": 1.5, "course-route": 1.0, "distance": -0.25},
    ),
    "education": Opinion(
        "staying needs the wish to work with children; levels are asked for strictly",
        {"interest": 0.9, "level-above": -0.8},
    ),
    "engineering": Opinion(
        "workshops rely on what the course has taught",
        {"skills-met": 1.3, "course-route": 1.1},
    ),
    "hair": Opinion(
        "salons take who has trained for it and wants it",
        {"course-route": 1.1, "interest": 1.0},
    ),
    "protective": Opinion(
        "levels are asked for strictly, and people stay who wanted it",
        {"interest": 0.8, "level-above": -0.8},
    ),
    "sales": Opinion(
        "shown skill counts, whatever the course",
        {"skills-met": 1.3, "course-route": 0.6},
    ),
    "logistics": Opinion(
        "most is learnt at work; shifts and the way to the depot decide",
        {"course-route": 0.6, "reach": -0.7, "hours-gap": -0.8},
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Experts:
    """
    What experts expect: weights for all work, sectors' opinions, the log-odds of an unknown pair.

    ``ValueError`` for a feature or a sector there is not.
    """

    weights: Mapping[str, float] = field(default_factory=lambda: EXPERT)
    neutral: float = EVERYTHING_NEUTRAL
    opinions: Mapping[str, Opinion] = field(default_factory=lambda: OPINIONS)

    def __post_init__(self) -> None:
        """Refuse what would silently count for nothing."""
        if self.weights.keys() != set(NAMES):
            raise ValueError(f"weights are for {sorted(self.weights)}, features are {NAMES}")
        if unknown := self.opinions.keys() - SECTORS.keys():
            raise ValueError(f"no sector is called {', '.join(sorted(unknown))}")
        for sector, opinion in self.opinions.items():
            if unknown := opinion.weights.keys() - set(NAMES):
                raise ValueError(f"{sector}: no feature is called {', '.join(sorted(unknown))}")

    def without(self, names: Collection[str]) -> "Experts":
        """The same, expecting nothing of the features *names*."""
        return Experts(
            weights={name: 0.0 if name in names else w for name, w in self.weights.items()},
            neutral=self.neutral,
            opinions={
                sector: replace(
                    each, weights={n: w for n, w in each.weights.items() if n not in names}
                )
                for sector, each in self.opinions.items()
            },
        )

    def slopes(self, sector: str | None = None) -> NDArray[np.float64]:
        """Log-odds for one unit of each feature, in the sector or in all work, [features]."""
        opinion = self.opinions.get(sector or "")
        weights = {**self.weights, **(opinion.weights if opinion else {})}
        return np.array([weights[name] for name in NAMES])


EXPERTS = Experts()
