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
    comparing,
    drift,
    lesson_store,
    model_store,
    pool_store,
    prior,
    quality,
    register,
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
    ranks = await register.ranking(session)
    if ranks is None:
        raise NothingReweighed(register.NONE_RANKS)
    base = await model_of(session, ranks)
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


async def carded(session: AsyncSession, said: str | None) -> Stored:
    """The model that is *said*, else the one that ranks; raises UnknownVersion."""
    if said is None and await register.ranking(session) is None:
        own = f"{prior.fitted().version}, unless P2A_MODEL_FILE names another"
        raise UnknownVersion(
            f"no round has been made yet. The first ranks by the service's own model ({own}), "
            "which is experts' judgement; p2a model fit fits one and prints its card"
        )
    version = await register.version_of(session, said or ACTIVE)
    found = await model_store.model(session, version)
    if found is None:
        raise UnknownVersion(f"no model of version {version} is kept; p2a model list shows all")
    return found


async def compared(session: AsyncSession, one: str, other: str) -> dict[str, Any]:
    """
    Two models on all outcomes there are, and how *other* did in the shadow.

    Outcomes that either was fitted to flatter it: the held-out figures are on the cards.
    """
    lessons = Lessons.of(await lesson_store.lessons(session))
    versions = [await register.version_of(session, said) for said in (one, other)]
    models = [await model_of(session, version) for version in versions]
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
        "sectors": comparing.sectors(*models),
        "shadow": await shadow_store.figures(session, versions[1]),
    }


async def activated(session: AsyncSession, version: str, *, by: str) -> dict[str, Any]:
    """
    Make the model that is *version* the one that ranks, from each market's next round on.

    Raises UnknownVersion, and ModelRefused for one that this service could not read.
    """
    model = await model_of(session, await register.version_of(session, version))
    before = await model_store.version_in(session, ACTIVE)
    await model_store.activate(session, model.version, by=by)
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
