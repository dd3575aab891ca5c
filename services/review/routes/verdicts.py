"""Holding, refusing and moving one match: the question and the act."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from services.pages.forms import FormRefused
from services.review import clock, decisions, reasons
from services.review.console import Console
from services.review.forms import Hold, Move, Reject
from services.review.guard import visit_of
from services.review.routes.act import Asked, decide
from services.review.routes.looking import form_page, look


@dataclass(frozen=True, slots=True)
class VerdictPages:
    """Each decision that needs a reason."""

    console: Console

    def add_to(self, router: APIRouter) -> None:
        """Give *router* these pages."""
        for act, page, done in (
            ("hold", self.hold_page, self.hold),
            ("reject", self.reject_page, self.reject),
            ("move", self.move_page, self.move),
        ):
            at = f"/shortlists/{{vacancy_id}}/matches/{{match_id}}/{act}"
            router.get(at)(page)
            router.post(at)(done)

    async def hold_page(self, request: Request, vacancy_id: UUID, match_id: UUID) -> HTMLResponse:
        """Until when, and why."""
        looked = await look(self.console, visit_of(request), vacancy_id, match_id)
        return form_page(self.console, request, "hold.html", looked)

    async def hold(self, request: Request, vacancy_id: UUID, match_id: UUID) -> Response:
        """The match waits, keeping its place."""
        try:
            form = Hold.read(await request.form())
        except FormRefused as refused:
            looked = await look(self.console, visit_of(request), vacancy_id, match_id)
            return form_page(self.console, request, "hold.html", looked, refused)
        until = clock.day_in_words(form.until)
        asked = _asked(
            vacancy_id,
            match_id,
            "hold",
            f"Hold until {until}: {reasons.in_words(form.reason)}",
            {"reason": form.reason, "until": form.until.isoformat()},
        )
        return await decide(
            self.console,
            request,
            form,
            lambda desk: decisions.hold(desk, match_id, reason=form.reason, until=form.until),
            asked,
        )

    async def reject_page(self, request: Request, vacancy_id: UUID, match_id: UUID) -> HTMLResponse:
        """Why the learner is not to be interviewed here."""
        looked = await look(self.console, visit_of(request), vacancy_id, match_id)
        return form_page(self.console, request, "reject.html", looked)

    async def reject(self, request: Request, vacancy_id: UUID, match_id: UUID) -> Response:
        """The learner is not to be interviewed here."""
        try:
            form = Reject.read(await request.form())
        except FormRefused as refused:
            looked = await look(self.console, visit_of(request), vacancy_id, match_id)
            return form_page(self.console, request, "reject.html", looked, refused)
        asked = _asked(
            vacancy_id,
            match_id,
            "reject",
            f"Refuse: {reasons.in_words(form.reason)}",
            {"reason": form.reason},
        )
        return await decide(
            self.console,
            request,
            form,
            lambda desk: decisions.reject(desk, match_id, reason=form.reason),
            asked,
        )

    async def move_page(
        self, request: Request, vacancy_id: UUID, match_id: UUID, to: int | None = None
    ) -> HTMLResponse:
        """Where to, and why."""
        looked = await look(self.console, visit_of(request), vacancy_id, match_id)
        return form_page(self.console, request, "move.html", looked, to=to or "")

    async def move(self, request: Request, vacancy_id: UUID, match_id: UUID) -> Response:
        """The match stands elsewhere on the list."""
        try:
            form = Move.read(await request.form())
        except FormRefused as refused:
            looked = await look(self.console, visit_of(request), vacancy_id, match_id)
            return form_page(
                self.console, request, "move.html", looked, refused, to=refused.entries["to"]
            )
        asked = _asked(
            vacancy_id,
            match_id,
            "move",
            f"Move to place {form.to}: {reasons.in_words(form.reason)}",
            {"reason": form.reason, "to": str(form.to)},
        )
        return await decide(
            self.console,
            request,
            form,
            lambda desk: decisions.move(desk, match_id, to=form.to, reason=form.reason),
            asked,
        )


def _asked(
    vacancy_id: UUID,
    match_id: UUID,
    act: str,
    words: str,
    fields: Mapping[str, str] | None = None,
) -> Asked:
    return Asked(
        path=f"/shortlists/{vacancy_id}/matches/{match_id}/{act}",
        words=words,
        fields=tuple((fields or {}).items()),
    )
