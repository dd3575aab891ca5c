"""Signing in and out, and the page that says how accessible this is."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from services.pages.forms import FormRefused
from services.review.console import Console, see
from services.review.forms import SignInForm
from services.review.guard import FormNotOurs, id_hash, same_site, visit_of
from services.review.identity import UnknownIdentity
from services.review.store import accounts


@dataclass(frozen=True, slots=True)
class SignInPages:
    """The only pages for those who are not signed in."""

    console: Console

    def add_to(self, router: APIRouter) -> None:
        """Give *router* the pages that need no sign-in."""
        router.get("/sign-in")(self.show)
        router.post("/sign-in")(self.sign_in)
        router.get("/accessibility")(self.accessibility)

    def add_inside(self, router: APIRouter) -> None:
        """Give *router* the way out."""
        router.post("/sign-out")(self.sign_out)

    async def show(self, request: Request, after: str = "/") -> HTMLResponse:
        """Asks who it is."""
        return self._page(request, after)

    async def sign_in(self, request: Request) -> Response:
        """A new session, always with a new secret."""
        console = self.console
        try:
            same_site(request)
            form = SignInForm.read(await request.form())
            account = console.sign_in.account(form.account)
        except FormRefused as refused:
            after = str(refused.entries.get("after") or "/")
            return self._page(request, after, faults=refused.faults)
        except UnknownIdentity as unknown:
            return self._page(request, "/", faults={"account": str(unknown).capitalize()})
        except FormNotOurs:
            return self._page(request, "/", faults={"account": "Choose who you are once more"})
        secret = secrets.token_urlsafe(32)
        async with console.sessions.begin() as session:
            await accounts.open_session(
                session, account, id_hash=id_hash(secret), now=console.now()
            )
        response = see(form.after)
        console.guard.give_cookie(response, secret)
        return response

    async def sign_out(self, request: Request) -> Response:
        """The session ends on the server, wherever its cookie may be."""
        console = self.console
        async with console.sessions.begin() as session:
            await accounts.revoke_session(session, visit_of(request).id_hash, now=console.now())
        response = see("/sign-in")
        response.delete_cookie(console.guard.cookie, path="/", secure=console.guard.secure)
        return response

    async def accessibility(self, request: Request) -> HTMLResponse:
        """How accessible the console is, and whom to tell."""
        return self.console.pages.render(request, "accessibility.html", navigation_hidden=True)

    def _page(
        self, request: Request, after: str, faults: Mapping[str, str] | None = None
    ) -> HTMLResponse:
        return self.console.pages.render(
            request,
            "sign-in.html",
            status=422 if faults else 200,
            choices=self.console.sign_in.choices(),
            after=after,
            faults=dict(faults or {}),
            navigation_hidden=True,
        )
