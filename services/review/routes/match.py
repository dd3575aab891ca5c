"""One match: everything known of it, approving it, taking back, revealing the name."""

from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from services.pages.forms import FormRefused
from services.review import decisions
from services.review.chain import Entry
from services.review.console import Console, see
from services.review.forms import Reveal, Versioned
from services.review.guard import visit_of
from services.review.routes.act import Asked, decide
from services.review.routes.looking import form_page, look, page
from services.review.store import accounts, vacancies
from services.review.store import decisions as log


@dataclass(frozen=True, slots=True)
class MatchPages:
    """What is done on a match's own page."""

    console: Console

    def add_to(self, router: APIRouter) -> None:
        """Give *router* these pages."""
        at = "/shortlists/{vacancy_id}/matches/{match_id}"
        router.get(at)(self.show)
        router.post(f"{at}/approve")(self.approve)
        router.post(f"{at}/undo")(self.undo)
        router.get(f"{at}/reveal")(self.reveal_page)
        router.post(f"{at}/reveal")(self.reveal)

    async def show(self, request: Request, vacancy_id: UUID, match_id: UUID) -> HTMLResponse:
        """The match with every contribution, its round and its versions."""
        looked = await look(self.console, visit_of(request), vacancy_id, match_id)
        return page(self.console, request, "match.html", looked)

    async def approve(self, request: Request, vacancy_id: UUID, match_id: UUID) -> Response:
        """One learner is approved; the letters wait for the holding window."""
        form = Versioned.read(await request.form())
        holding = self.console.settings.review_holding
        return await decide(
            self.console,
            request,
            form,
            lambda desk: decisions.approve(desk, [match_id], holding=holding),
            Asked(
                path=f"/shortlists/{vacancy_id}/approve",
                words="Approve 1 learner",
                chosen=(match_id,),
            ),
        )

    async def undo(self, request: Request, vacancy_id: UUID, match_id: UUID) -> Response:
        """The decision on this one learner is taken back."""
        form = Versioned.read(await request.form())
        return await decide(
            self.console,
            request,
            form,
            lambda desk: decisions.undo(desk, [match_id]),
            Asked(
                path=f"/shortlists/{vacancy_id}/matches/{match_id}/undo",
                words="Take the decision back",
            ),
        )

    async def reveal_page(self, request: Request, vacancy_id: UUID, match_id: UUID) -> HTMLResponse:
        """Why the name is needed."""
        looked = await look(self.console, visit_of(request), vacancy_id, match_id)
        return form_page(self.console, request, "reveal.html", looked)

    async def reveal(self, request: Request, vacancy_id: UUID, match_id: UUID) -> Response:
        """The name is shown to this session from now on; both logs say so."""
        visit = visit_of(request)
        looked = await look(self.console, visit, vacancy_id, match_id)
        try:
            form = Reveal.read(await request.form())
        except FormRefused as refused:
            return form_page(self.console, request, "reveal.html", looked, refused)
        now, learner_id = self.console.now(), looked.match.learner_id
        async with self.console.sessions.begin() as session:
            await vacancies.lock(session, [vacancy_id])
            await accounts.reveal(session, visit.id_hash, learner_id, reason=form.reason, now=now)
            entry = Entry(
                at=now,
                account=visit.account,
                act="name-shown",
                vacancy_id=vacancy_id,
                match_id=match_id,
                learner_id=learner_id,
                reason=form.reason,
                shown={},
            )
            await log.append(session, [entry])
        return see(f"/shortlists/{vacancy_id}/matches/{match_id}")
