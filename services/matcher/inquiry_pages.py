"""The matcher's heavier HTTP answers: explanations, reports, previews. They name nobody."""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter, Body, HTTPException, status
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from services.matcher import spoken
from services.matcher.answers import NoAnswerYet, UnknownPair
from services.matcher.features import FEATURES
from services.matcher.inquiries import Found, Inquiries, NoSuchMarket, NotReadyYet
from services.matcher.ladders import KEPT
from services.matcher.rule_changes import limits
from services.matcher.whatif import ChangeRefused, Said

SOON = {"Retry-After": "2"}


class Inquiring(APIRoute):
    """Translates what an inquiry refuses into a status."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route, with its refusals."""
        inner = super().get_route_handler()

        @wraps(inner)
        async def handler(request: Request) -> Response:
            try:
                return await inner(request)
            except (UnknownPair, NoSuchMarket) as error:
                raise HTTPException(status.HTTP_404_NOT_FOUND, str(error)) from error
            except ChangeRefused as error:
                raise HTTPException(422, str(error)) from error
            except (NoAnswerYet, NotReadyYet) as error:
                raise HTTPException(503, str(error), headers=SOON) from error

        return handler


def inquiry_pages(inquiries: Inquiries) -> APIRouter:
    """The routes under `/v1` whose answers take rounds of their own."""
    router = APIRouter(prefix="/v1", route_class=Inquiring)

    @router.get("/vacancies/{vacancy_id}/learners/{learner_id}/explanation")
    async def explanation(vacancy_id: UUID, learner_id: UUID) -> dict[str, Any]:
        """Why here or why not, what would change it, who would lose."""
        found = await inquiries.explanation(learner_id, vacancy_id)
        return _about(found, spoken.explained(found.answer))

    @router.get("/vacancies/{vacancy_id}/absences")
    async def absences(vacancy_id: UUID) -> dict[str, Any]:
        """Why nobody: completers by reason and by route, and who shares too few places."""
        found = await inquiries.vacant(vacancy_id)
        return _about(found, spoken.plain(found.answer))

    @router.get("/levers")
    async def levers() -> dict[str, Any]:
        """What a preview may change besides pledges: the rules in force, and what is weighed."""
        rules = inquiries.answers.rounds.rules
        return {
            "rules": [rule for rule in dict.fromkeys(rules.ids) if rule not in KEPT],
            "limits": {rule: limits(rules, rule) for rule in rules.ids},
            "features": [{"name": each.name, "words": each.reason} for each in FEATURES],
        }

    @router.get("/markets/{market}/{kind}")
    async def report(
        market: str, kind: Literal["unlock", "barriers"], *, learners: bool = False
    ) -> dict[str, Any]:
        """The report; *learners* adds them by id, for coordinators who may see them."""
        found = await inquiries.report(market, kind)
        return _about(found, spoken.report(found.answer, learners=learners))

    @router.post("/markets/{market}/what-if")
    async def what_if(market: str, changes: list[Said] = Body(embed=True)) -> dict[str, Any]:  # noqa: FAST002, B008  # a body of one field
        """What the changes would do; nothing of it is stored or sent."""
        found = await inquiries.preview(market, changes)
        return _about(found, spoken.previewed(found.answer))

    return router


def _about(found: Found[Any], facts: dict[str, Any]) -> dict[str, Any]:
    return facts | {
        "round_id": str(found.round_id),
        "rules_version": found.rules_version,
        "model_version": found.model_version,
    }
