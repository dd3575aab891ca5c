"""Records that intake wants a person to look at; intake keeps them and acts on the answer."""

from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import HTMLResponse

from services.pages.forms import FormRefused
from services.review import reasons
from services.review.asking import NoAnswer, UnknownThere
from services.review.chain import Entry
from services.review.console import Console, see
from services.review.forms import Judge
from services.review.guard import visit_of
from services.review.store import decisions


@dataclass(frozen=True, slots=True)
class CheckPages:
    """One page a check."""

    console: Console

    def add_to(self, router: APIRouter) -> None:
        """Give *router* these pages."""
        router.get("/checks/{task_id}")(self.show)
        router.post("/checks/{task_id}")(self.settle)

    async def show(self, request: Request, task_id: UUID) -> HTMLResponse:
        """What intake found, and what may be decided."""
        return await self._page(request, task_id)

    async def settle(self, request: Request, task_id: UUID) -> Response:
        """Tell intake; the log keeps who decided."""
        console, visit = self.console, visit_of(request)
        try:
            form = Judge.read(await request.form())
        except FormRefused as refused:
            return await self._page(request, task_id, refused.faults)
        try:
            await console.intake.settle(task_id, account=visit.account, decision=form.decision)
        except UnknownThere:
            return see("/")
        except NoAnswer:
            away = {"decision": "Intake gives no answer just now: try again in a minute"}
            return await self._page(request, task_id, away)
        async with console.sessions.begin() as session:
            entry = Entry(
                at=console.now(),
                account=visit.account,
                act="check-settled",
                reason=form.decision,
                shown={"task_id": str(task_id)},
            )
            await decisions.append(session, [entry])
        return see("/")

    async def _page(self, request: Request, task_id: UUID, faults: object = None) -> HTMLResponse:
        checks = await self.console.intake.checks()
        check = next((check for check in checks or () if check.task_id == task_id), None)
        if checks is not None and check is None:
            raise HTTPException(404)
        return self.console.page(
            request,
            "check.html",
            status=422 if faults else 200,
            here="/",
            check=check,
            passable=check is not None and check.kind in reasons.PASSABLE,
            kind=reasons.in_words(check.kind) if check else "",
            faults=faults or {},
        )
