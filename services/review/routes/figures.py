"""What employers promised, and what became of it."""

from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from services.review import clock, labels
from services.review.console import Console
from services.review.figures import Ledger, people, totals
from services.review.state import VacancyState
from services.review.store import matches, vacancies


@dataclass(frozen=True, slots=True)
class FiguresPage:
    """The ledger of promises, for coordinators and funders."""

    console: Console

    def add_to(self, router: APIRouter) -> None:
        """Give *router* this page."""
        router.get("/figures")(self.show)

    async def show(self, request: Request) -> HTMLResponse:
        """Pledges promised, used, kept and lapsed; people only in groups of five or more."""
        async with self.console.sessions() as session:
            known = await vacancies.every_vacancy(session)
            outlines = await matches.outlines(session)
        today = clock.today(self.console.now())
        whole = Ledger()
        by_route = totals(known, outlines, today=today, by=_route)
        for _, own in by_route:
            whole += own
        return self.console.page(
            request,
            "figures.html",
            here="/figures",
            whole=whole,
            vacancies=len(known),
            by_route=by_route,
            by_month=[
                (f"{month:%B %Y}", own)
                for month, own in totals(known, outlines, today=today, by=_month)
            ],
            people=people(known, outlines, today=today),
            today=today,
        )


def _route(vacancy: VacancyState) -> str:
    return labels.route(vacancy.profile.route if vacancy.profile else None)


def _month(vacancy: VacancyState) -> date:
    return vacancy.profile.interview_by.replace(day=1) if vacancy.profile else date.min
