"""Beyond single matches: why nobody, who could be placed, which rule bars whom, what if."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from services.pages.forms import FormRefused
from services.review.asking import NoAnswer, UnknownThere
from services.review.calling import Calling
from services.review.console import Console
from services.review.guard import visit_of
from services.review.inquiring import Absences, Barriers, Later, Levers, Preview, Refused, Unlocks
from services.review.state import VacancyState
from services.review.store import vacancies
from services.review.tried import tried
from services.review.whatif import WhatIf

AWAY = "The matcher cannot be asked just now. Try again in a minute."
LATER = "The matcher is working this out, which takes some minutes in a large area. Look again."
UNKNOWN = "The matcher has not ranked anybody here yet."


@dataclass(frozen=True, slots=True)
class InsightPages:
    """What the matcher knows beyond a shortlist. Nothing here decides or sends anything."""

    console: Console

    def add_to(self, router: APIRouter) -> None:
        """Give *router* these pages."""
        router.get("/shortlists/{vacancy_id}/nobody")(self.nobody)
        router.get("/reports")(self.reports)
        router.get("/what-if")(self.what_if)

    async def nobody(self, request: Request, vacancy_id: UUID) -> HTMLResponse:
        """Why so few are on a shortlist, and where the completers are instead."""
        console = self.console
        async with console.sessions() as session:
            vacancy, _ = await console.vacancy(session, vacancy_id)
            known = await vacancies.every_vacancy(session)
        said: Absences | None = None
        trouble = ""
        try:
            said = await console.inquiries.absences(vacancy_id)
        except (UnknownThere, NoAnswer) as error:
            trouble = _trouble(error)
        return console.page(
            request,
            "nobody.html",
            here="/",
            vacancy=vacancy,
            said=said,
            titles=_titles(known),
            trouble=trouble,
        )

    async def reports(self, request: Request, market: str = "") -> HTMLResponse:
        """Who could be placed by which single change, and whom one rule alone keeps out."""
        asked = self.console.inquiries
        unlocks: Unlocks | None = None
        barriers: Barriers | None = None
        trouble, markets = "", []
        try:
            markets = await asked.markets()
            market = market if market in markets else next(iter(markets), "")
            if market:
                barriers = await asked.barriers(market)
                unlocks = await asked.unlocks(market)
        except (UnknownThere, NoAnswer) as error:
            trouble = _trouble(error)
        return self.console.page(
            request,
            "reports.html",
            here="/reports",
            markets=markets,
            market=market,
            unlocks=unlocks,
            barriers=barriers,
            trouble=trouble,
        )

    async def what_if(self, request: Request) -> HTMLResponse:
        """What a change would do; the form alone until something is filled in."""
        given = {key: value for key, value in request.query_params.items() if value.strip()}
        faults: Mapping[str, str] = {}
        form: WhatIf | None = None
        preview: Preview | None = None
        levers: Levers | None = None
        trouble, markets = "", []
        try:
            markets = await self.console.inquiries.markets()
            levers = await self.console.inquiries.levers()
            if given:
                form = WhatIf.read(request.query_params)
                preview = await self.console.inquiries.preview(form.market, form.changes())
        except FormRefused as refused:
            faults = refused.faults
        except Refused as refused:
            faults = form.refused(str(refused)) if form else {}
        except (UnknownThere, NoAnswer) as error:
            trouble = _trouble(error)
        calling = await self._calling(request, preview)
        return self.console.page(
            request,
            "what-if.html",
            status=422 if faults else 200,
            here="/reports",
            given=given,
            faults=faults,
            preview=preview,
            tried=tried(form, levers, calling) if form and levers and preview else None,
            levers=levers,
            markets=markets,
            calling=calling,
            trouble=trouble,
        )

    async def _calling(self, request: Request, preview: Preview | None) -> Calling:
        """The vacancies to choose from and those of *preview*, by employer's name too."""
        shown = {row.vacancy_id for row in preview.shortlists} if preview else set()
        async with self.console.sessions.begin() as session:
            return await self.console.calling(
                session,
                visit_of(request),
                lambda row: not row.closed or row.vacancy_id in shown,
                reason="what-if",
            )


def _titles(known: list[VacancyState]) -> dict[UUID, str]:
    return {row.vacancy_id: row.profile.title for row in known if row.profile}


def _trouble(error: Exception) -> str:
    if isinstance(error, UnknownThere):
        return UNKNOWN
    return LATER if isinstance(error, Later) else AWAY
