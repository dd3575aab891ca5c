"""The model card: what a fit is, as facts for JSON. `cardtext` makes Markdown of them."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import sklearn
from numpy.typing import NDArray

from schemas.learner import ROUTES
from services.matcher import quality, saved
from services.matcher.calibration import WIDE
from services.matcher.cardwords import (
    FAIRNESS,
    LABELS,
    LIMITS,
    NOT_FOR,
    PURPOSE,
    UNITS,
    summary,
)
from services.matcher.features import FEATURES
from services.matcher.fitting import Fit
from services.matcher.heldout import Trial, shares
from services.matcher.never import LEVELS, NOT_HELD, Flipped
from services.matcher.scorer import Model, spread
from services.matcher.sectors import NUMBERS, SECTORS

FORM = 2  # of the card's facts; those of another are not read
NOTABLE = 0.1  # log-odds; a sector's smaller differences are not worth reading
LARGEST = 4  # differences of a sector that are shown
GUESSES = 1024


def head(model: Model, made_on: str) -> dict[str, Any]:
    """What every card says first, however its model came to be."""
    return {
        "form": FORM,
        "version": model.version,
        "digest": json.loads(saved.text(model))["digest"],
        "made_on": made_on,
        "note": model.note,
        "purpose": PURPOSE,
        "not_for": list(NOT_FOR),
    }


def card(fit: Fit, flipped: Flipped | None, *, made_on: str) -> dict[str, Any]:
    """
    All of the card, as JSON holds it. What has an order is a list: PostgreSQL sorts keys.

    *flipped* is the flip test on the rows there are; None where there were none. *made_on* is
    the day of the fit.
    """
    model, lessons = fit.model, fit.lessons
    started = lessons.outcomes.started
    return {
        **head(model, made_on),
        "summary": summary(fit),
        "verdict": fit.verdict,
        "features": features(fit),
        "left_out": list(fit.recipe.without),
        "sectors": _sectors(fit),
        "never": {
            "not_held": list(NOT_HELD),
            "levels": LEVELS,
            "flipped": [{"fact": fact, "moved": moved} for fact, moved in flipped.moved.items()]
            if flipped
            else [],
            "pairs": flipped.pairs if flipped else 0,
            "holds": flipped.holds if flipped else None,
        },
        "data": {
            "outcomes": len(lessons),
            "starts": int(started.sum()),
            "learners": len(np.unique(lessons.learners)),
            "employers": len(np.unique(lessons.employers)),
            "vacancies": len(np.unique(lessons.vacancies)),
            "days": int(lessons.days.max()) + 1 if len(lessons) else 0,
            "unread": lessons.unread,
            "expert_weight": model.expert_weight,
        },
        "trials": [_trial(each) for each in fit.trials],
        "calibration": {
            "fallback": model.fallback,
            "slope": _slope(fit),
            "table": fit.table,
        },
        "fairness": FAIRNESS,
        "limits": list(LIMITS),
        "versions": [
            {"of": "scikit-learn", "version": sklearn.__version__},
            {"of": "numpy", "version": np.__version__},
            {"of": "model file of form", "version": saved.FORM},
        ],
    }


def features(fit: Fit) -> list[dict[str, Any]]:
    """
    Each feature with its weight for all work, the sign expected of it, and the reason.

    ``verdict`` is ``as-expected``, ``not-shown`` where the sign is another but may be chance, or
    ``opposite`` where it is beyond chance.
    """
    slopes = fit.model.slopes[0]
    wide = WIDE * _errors(fit)
    return [
        {
            "feature": feature.name,
            "label": LABELS[feature.name],
            "unit": UNITS[feature.name],
            "weight": round(float(slope), 3),
            "odds": round(float(np.exp(slope)), 2),
            "expected_sign": feature.direction,
            "verdict": _verdict(float(slope) * feature.direction, float(error)),
            "reason": feature.reason,
        }
        for feature, slope, error in zip(FEATURES, slopes, wide, strict=True)
    ]


def _verdict(along: float, wide: float) -> str:
    if along >= 0:
        return "as-expected"
    return "opposite" if -along > wide else "not-shown"


def _errors(fit: Fit) -> NDArray[np.float64]:
    """Standard errors of the weights for all work, of opinion and outcomes together."""
    model, outcomes = fit.model, fit.lessons.outcomes
    guesses = spread(GUESSES, 7)
    rows = np.vstack([guesses, outcomes.rows]) - np.array(model.centres)
    counts = np.concatenate(
        [np.full(GUESSES, model.expert_weight / GUESSES), np.ones(len(outcomes))]
    )
    chance = shares(model.intercepts[0] + rows @ model.slopes[0])
    design = np.column_stack([rows, np.ones(len(rows))])
    information = (design * (counts * chance * (1 - chance))[:, None]).T @ design
    errors: NDArray[np.float64] = np.sqrt(np.diag(np.linalg.pinv(information))[:-1])
    return errors


def _sectors(fit: Fit) -> list[dict[str, Any]]:
    own = np.bincount(fit.lessons.outcomes.sector, minlength=len(NUMBERS) + 1)
    found = []
    for name, number in NUMBERS.items():
        opinion = fit.recipe.experts.opinions.get(name)
        differs = np.round(fit.model.slopes[number] - fit.model.slopes[0], 2).tolist()
        large = [
            (feature.name, by)
            for feature, by in zip(FEATURES, differs, strict=True)
            if abs(by) >= NOTABLE
        ]
        found.append(
            {
                "sector": name,
                "routes": [ROUTES[route - 1] for route in SECTORS[name]],
                "outcomes": int(own[number]),
                "why": opinion.why if opinion else "",
                "differs": [
                    {"feature": feature, "by": by}
                    for feature, by in sorted(large, key=lambda each: -abs(each[1]))[:LARGEST]
                ],
            }
        )
    return found


def _slope(fit: Fit) -> dict[str, float] | None:
    if fit.slope is None:
        return None
    figures = {"slope": fit.slope.slope, "low": fit.slope.low, "high": fit.slope.high}
    rounded = {name: round(figure, 3) for name, figure in figures.items()}
    return {**rounded, "outcomes": fit.slope.outcomes}


def _trial(trial: Trial) -> dict[str, Any]:
    return {
        "held_out": trial.way,
        "outcomes": trial.outcomes,
        "ranking": _by(trial.ranking),
        "probability": _by(trial.probability),
    }


def _by(measures: Mapping[str, list[quality.Measure]]) -> list[dict[str, Any]]:
    return [{"who": who, "measures": quality.as_facts(found)} for who, found in measures.items()]
