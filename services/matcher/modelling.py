"""
What `p2a model` does: fit, compare, activate, drift, over the matcher's own tables.

Every function takes a session in the matcher's schema and answers facts for JSON.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession

from services.matcher import (
    drift,
    lesson_store,
    model_store,
    pool_store,
    quality,
    saved,
    shadow_store,
)
from services.matcher.card import card
from services.matcher.fitting import fit
from services.matcher.heldout import Recipe, log_odds, shares
from services.matcher.lessons import Lessons
from services.matcher.market import Learner, Vacancy
from services.matcher.model_store import ACTIVE, CHALLENGER, Stored
from services.matcher.models import UnknownVersion, model_of
from services.matcher.never import flip_test

MOST = 300  # rows of either side that the flip test looks at


async def fitted(session: AsyncSession, recipe: Recipe, *, today: date) -> dict[str, Any]:
    """Fit to all outcomes, keep the model as the challenger, answer its card."""
    made = fit(Lessons.of(await lesson_store.lessons(session)), recipe)
    learners, vacancies = await _rows(session)
    flipped = flip_test(made.model, learners, vacancies) if learners and vacancies else None
    facts = card(made, flipped, made_on=today.isoformat())
    await model_store.challenge(session, made.model.version, saved.text(made.model), facts)
    return facts


async def carded(session: AsyncSession, version: str | None) -> Stored:
    """The model of *version*, else the active one, else the challenger; raises UnknownVersion."""
    if version:
        found = await model_store.model(session, version)
    else:
        found = await model_store.model_in(session, ACTIVE)
        found = found or await model_store.model_in(session, CHALLENGER)
    if found is None:
        named = f"of version {version}" if version else "active or challenging"
        raise UnknownVersion(f"no model {named} is kept; p2a model fit makes one")
    return found


async def compared(session: AsyncSession, one: str, other: str) -> dict[str, Any]:
    """
    Two models on all outcomes there are, and how *other* did in the shadow.

    Outcomes that either was fitted to flatter it: the held-out figures are on the cards.
    """
    lessons = Lessons.of(await lesson_store.lessons(session))
    models = [await model_of(session, version) for version in (one, other)]
    chances = [shares(log_odds(model, lessons.outcomes)) for model in models]
    started = lessons.outcomes.started
    return {
        "outcomes": len(lessons),
        "models": [
            {
                "version": model.version,
                "note": model.note,
                "weights": dict(
                    zip(model.names, np.round(model.slopes[0], 3).tolist(), strict=True)
                ),
                "ranking": quality.as_facts(
                    quality.ranking(by, started, lessons.vacancies, seed=7)
                ),
                "probability": quality.as_facts(
                    quality.probability(by, started, lessons.learners, seed=7)
                ),
            }
            for model, by in zip(models, chances, strict=True)
        ],
        "shadow": await shadow_store.figures(session, other),
    }


async def activated(session: AsyncSession, version: str, *, by: str) -> dict[str, Any]:
    """
    Make the model of *version* the one that ranks, from each market's next round on.

    Raises UnknownVersion, and ModelRefused for one that this service could not read.
    """
    model = await model_of(session, version)
    before = await model_store.version_in(session, ACTIVE)
    await model_store.activate(session, version, by=by)
    return {"active": model.version, "before": before, "by": by, "note": model.note}


async def drifted(session: AsyncSession, *, days: int) -> dict[str, Any]:
    """The drift report of the last *days*."""
    shown = Lessons.of(await lesson_store.shown(session), labelled=False)
    closed = Lessons.of(await lesson_store.lessons(session))
    judged = await lesson_store.judgements(session)
    return drift.report(shown, closed, judged, days=days)


async def _rows(session: AsyncSession) -> tuple[Sequence[Learner], Sequence[Vacancy]]:
    """Some learners and vacancies of every market."""
    learners: list[Learner] = []
    vacancies: list[Vacancy] = []
    for market in await lesson_store.markets(session):
        learners += await pool_store.learners(session, market, 0)
        vacancies += await pool_store.vacancies(session, market, 0)
    return learners[:MOST], vacancies[:MOST]
