"""A vacancy's shortlist: all of it, with reasons; approving several; taking back."""

from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from services.pages.forms import FormRefused
from services.review import clock, decisions, labels
from services.review.cards import Card, shortlist
from services.review.console import Console
from services.review.desk import Desk
from services.review.figures import ledger
from services.review.forms import Chosen, Versioned
from services.review.guard import visit_of
from services.review.pools import joint_of
from services.review.routes.act import Asked, decide
from services.review.standing import Standing
from services.review.store import matches, vacancies


@dataclass(frozen=True, slots=True)
class ShortlistPages:
    """Everything under one shortlist that is not about one match."""

    console: Console

    def add_to(self, router: APIRouter) -> None:
        """Give *router* these pages."""
        router.get("/shortlists/{vacancy_id}")(self.show)
        router.get("/shortlists/{vacancy_id}/approve")(self.confirm)
        router.post("/shortlists/{vacancy_id}/approve")(self.approve)
        router.post("/shortlists/{vacancy_id}/undo")(self.undo)

    async def show(self, request: Request, vacancy_id: UUID) -> HTMLResponse:
        """The shortlist, to the very bottom."""
        return await self._page(request, vacancy_id)

    async def confirm(self, request: Request, vacancy_id: UUID) -> Response:
        """What approving the ticked learners will do; nothing is done yet."""
        try:
            form = Chosen.read(request.query_params)
        except FormRefused as refused:
            return await self._page(request, vacancy_id, refused)
        console, visit = self.console, visit_of(request)
        async with console.sessions.begin() as session:
            vacancy, found = await console.vacancy(session, vacancy_id)
            reader = await console.reader(session, visit, found)
        listed = shortlist(vacancy, found, reader)
        chosen = [card for card in listed.listed if card.match_id in form.match]
        return console.page(
            request,
            "confirm.html",
            here="/",
            vacancy=vacancy,
            version_shown=form.version,
            chosen=chosen,
            skipped=[card for card in listed.places if _skipped(card, chosen)],
            holding=console.settings.review_holding,
        )

    async def approve(self, request: Request, vacancy_id: UUID) -> Response:
        """The confirmed learners are approved; letters go when the holding window ends."""
        try:
            form = Chosen.read(await request.form())
        except FormRefused as refused:
            return await self._page(request, vacancy_id, refused)
        holding = self.console.settings.review_holding
        asked = Asked(
            path=f"/shortlists/{vacancy_id}/approve",
            words=f"Approve {labels.plural(len(form.match), 'learner')}",
            chosen=form.match,
        )
        return await decide(
            self.console,
            request,
            form,
            lambda desk: decisions.approve(desk, form.match, holding=holding),
            asked,
        )

    async def undo(self, request: Request, vacancy_id: UUID) -> Response:
        """Every approval whose letters have not gone is taken back."""
        form = Versioned.read(await request.form())
        asked = Asked(
            path=f"/shortlists/{vacancy_id}/undo", words="Take back what has not gone out yet"
        )
        return await decide(
            self.console, request, form, lambda desk: decisions.undo(desk, _waiting(desk)), asked
        )

    async def _page(
        self, request: Request, vacancy_id: UUID, refused: FormRefused | None = None
    ) -> HTMLResponse:
        console, visit = self.console, visit_of(request)
        async with console.sessions.begin() as session:
            vacancy, found = await console.vacancy(session, vacancy_id)
            now = console.now()
            await vacancies.note_opened(session, vacancy_id, account=visit.account, now=now)
            reader = await console.reader(session, visit, found)
            members = await vacancies.members(session, vacancy)
            pooled = await matches.matches_of(session, [one.vacancy_id for one in members])
            profile = vacancy.profile
            employers = await console.employers(
                session, visit, [profile.employer_id] if profile else [], reason="shortlist"
            )
        listed = shortlist(vacancy, found, reader)
        return console.page(
            request,
            "shortlist.html",
            status=422 if refused else 200,
            here="/",
            vacancy=vacancy,
            profile=profile,
            employer=employers.get(profile.employer_id) if profile else None,
            shortlist=listed,
            ledger=ledger(vacancy, found, today=reader.today),
            joint=joint_of(vacancy_id, members, pooled, today=reader.today),
            due=clock.deadline(profile.interview_by) if profile else None,
            today=reader.today,
            faults=refused.faults if refused else {},
        )


def _waiting(desk: Desk) -> list[UUID]:
    return [m for m in desk.matches if desk.standing(m) == Standing.APPROVED]


def _skipped(card: Card, chosen: list[Card]) -> bool:
    """Whether the matcher ranked *card* above somebody chosen, and nobody has decided on it."""
    return (
        bool(chosen)
        and card.to_review
        and card not in chosen
        and card.place < max(one.place for one in chosen)
    )
