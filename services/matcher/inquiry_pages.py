"""The matcher's heavier HTTP answers: explanations, reports, previews. They name nobody."""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter, Body, HTTPException, status
from fastapi.encoders import jsonable_encoder
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from services.matcher.answers import NoAnswerYet, UnknownPair
from services.matcher.cells import FEWEST
from services.matcher.explanation import Explanation
from services.matcher.inquiries import Found, Inquiries, NoSuchMarket, NotReadyYet
from services.matcher.whatif import ChangeRefused, Preview, Said

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
        return _plain(found, **_explained(found.answer))

    @router.get("/vacancies/{vacancy_id}/absences")
    async def absences(vacancy_id: UUID) -> dict[str, Any]:
        """Why nobody: completers by reason and by route, and who shares too few places."""
        found = await inquiries.vacant(vacancy_id)
        return _plain(found, **jsonable_encoder(found.answer))

    @router.get("/markets/{market}/{kind}")
    async def report(
        market: str, kind: Literal["unlock", "barriers"], *, learners: bool = False
    ) -> dict[str, Any]:
        """The report; *learners* adds them by id, for coordinators who may see them."""
        found = await inquiries.report(market, kind)
        facts = jsonable_encoder(found.answer)
        return _plain(found, **facts if learners else _counted(facts))

    @router.post("/markets/{market}/what-if")
    async def what_if(market: str, changes: list[Said] = Body(embed=True)) -> dict[str, Any]:  # noqa: FAST002, B008  # a body of one field
        """What the changes would do; nothing of it is stored or sent."""
        found = await inquiries.preview(market, changes)
        return _plain(found, **_previewed(found.answer))

    return router


def _plain(found: Found[Any], **facts: Any) -> dict[str, Any]:  # noqa: ANN401  # JSON of any form
    return facts | {
        "round_id": str(found.round_id),
        "rules_version": found.rules_version,
        "model_version": found.model_version,
    }


def _explained(said: Explanation) -> dict[str, Any]:
    swap = said.swap
    facts: dict[str, Any] = jsonable_encoder(said)
    facts["line"] = said.line.model_dump(mode="json")
    facts["swap"] = jsonable_encoder(swap) | {"losers": list(swap.losers)} if swap else None
    return facts


def _counted(facts: dict[str, Any]) -> dict[str, Any]:
    """A report in which nobody can be found: tables, and no count under FEWEST."""
    kept = {name: value for name, value in facts.items() if name != "unlocks"}
    for barrier in kept.get("barriers", ()):
        del barrier["learners"]
    rest = [name for name in ("nothing", "unread", "by_more") if 0 < kept.get(name, 0) < FEWEST]
    whole = ("unplaced", "barred") if rest else ()  # the rest could be worked out from it
    return kept | dict.fromkeys((*rest, *(name for name in whole if name in kept)))


def _previewed(said: Preview) -> dict[str, Any]:
    facts: dict[str, Any] = jsonable_encoder(
        {name: getattr(said, name) for name in said.__dataclass_fields__ if name != "proposed"}
    )
    return facts
