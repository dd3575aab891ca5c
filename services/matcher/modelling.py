"""
What `p2a model` does: fit, reweigh, compare, activate, drift, over the matcher's own tables.

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
    reweighing,
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
from services.matcher.never import Flipped, flip_test
from services.matcher.reweighing import NothingReweighed
from services.matcher.scorer import Model, verified
from services.matcher.weights import reweighted
from services.matcher.whatif import Weight

MOST = 300  # rows of either side that the flip test looks at


async def fitted(session: AsyncSession, recipe: Recipe, *, today: date) -> dict[str, Any]:
    """Fit to all outcomes, keep the model as the challenger, answer its card."""
    made = fit(Lessons.of(await lesson_store.lessons(session)), recipe)
    flipped = await _flipped(session, made.model)
    facts = card(made, flipped, made_on=today.isoformat())
    await model_store.challenge(session, made.model.version, saved.text(made.model), facts)
    return facts


async def reweighed(
    session: AsyncSession, weights: Sequence[Weight], *, today: date
) -> dict[str, Any]:
    """
    The model that ranks, with *weights* as a preview tries them, kept as the challenger.

    Answers its version and card, and which challenger it is ``in_place_of``. Raises
    WeightUnknown, NothingReweighed, and ModelRefused for what could not be activated.
    """
    base = await model_of(session, await _ranking(session))
    made = base
    for each in weights:
        made = reweighted(made, each.feature, each.times, sector=each.sector)
    if made.version == base.version:
        raise NothingReweighed(f"every weight stays as it is in {base.version}")
    verified(made)
    known = await model_store.model(session, made.version)
    facts = known.card if known else None
    if facts is None:  # the same model may have been fitted, and its card says more
        flipped = await _flipped(session, made)
        facts = reweighing.card(base, made, weights, flipped, made_on=today.isoformat())
    challenger = await model_store.version_in(session, CHALLENGER)
    await model_store.challenge(session, made.version, saved.text(made), facts)
    before = challenger if challenger != made.version else None
    return {
        "version": made.version,
        "from": base.version,
        "weights": reweighing.said(weights),
        "in_place_of": before,
        "card": facts,
    }


async def _ranking(session: AsyncSession) -> str:
    """The version that ranks: the active one, else the service's own, as the last round kept it."""
    version = await model_store.version_in(session, ACTIVE) or await model_store.last_used(session)
    if version is None:
        raise NothingReweighed(
            "no model is active and no round has been made, so none is known to rank; "
            "try again after the first round"
        )
    return version


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


async def _flipped(session: AsyncSession, model: Model) -> Flipped | None:
    """The flip test of *model* on rows there are; None where there are none."""
    learners, vacancies = await _rows(session)
    return flip_test(model, learners, vacancies) if learners and vacancies else None


async def _rows(session: AsyncSession) -> tuple[Sequence[Learner], Sequence[Vacancy]]:
    """Some learners and vacancies of every market."""
    learners: list[Learner] = []
    vacancies: list[Vacancy] = []
    for market in await lesson_store.markets(session):
        learners += await pool_store.learners(session, market, 0)
        vacancies += await pool_store.vacancies(session, market, 0)
    return learners[:MOST], vacancies[:MOST]
