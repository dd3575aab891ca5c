"""The matcher's HTTP side: what review asks. No path and no answer names a person."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from fastapi import APIRouter, HTTPException, status

from services.delivery.database import Sessions
from services.matcher import round_store
from services.matcher.answers import Answers, NoAnswerYet, UnknownPair

SOON = {"Retry-After": "2"}


def questions(sessions: Sessions, answers: Answers) -> APIRouter:
    """The routes under `/v1`."""
    router = APIRouter(prefix="/v1")

    @router.get("/markets")
    async def markets() -> list[dict[str, Any]]:
        """Every market with the figures of its last round; zeros before the first."""
        async with sessions() as session:
            return [
                {"market": market, **round_store.NO_COUNTS, **counts}
                for market, counts in await round_store.market_counts(session)
            ]

    @router.get("/vacancies/{vacancy_id}/learners/{learner_id}")
    async def standing(vacancy_id: UUID, learner_id: UUID) -> dict[str, Any]:
        """Where the learner stands on the vacancy, and what would have to change."""
        try:
            answer = await answers.answer(learner_id=learner_id, vacancy_id=vacancy_id)
        except UnknownPair as error:
            raise HTTPException(status.HTTP_404_NOT_FOUND, str(error)) from error
        except NoAnswerYet as error:
            raise HTTPException(503, str(error), headers=SOON) from error
        return asdict(answer.standing) | {
            "round_id": answer.round_id,
            "rules_version": answer.rules_version,
            "model_version": answer.model_version,
        }

    @router.get("/rounds/{round_id}")
    async def one_round(round_id: UUID) -> dict[str, Any]:
        """What a round was made from and came to: versions, digests, counts."""
        async with sessions() as session:
            found = await round_store.round_of(session, round_id)
        if found is None:
            raise HTTPException(status.HTTP_404_NOT_FOUND, f"no round {round_id} is kept")
        return {name: value for name, value in asdict(found).items() if name != "inputs"}

    return router
