"""Who is looking, and whether a form is one of ours."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from fastapi import Request, Response

from services.delivery.database import Sessions
from services.review.deciding import Who
from services.review.store import accounts

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class NotSignedIn(Exception):
    """The browser holds no session that still stands."""


class FormNotOurs(Exception):
    """The form was not sent by a page of ours in this session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A signed-in browser: whose it is, and the token its forms carry."""

    account: str
    label: str
    id_hash: str
    token: str

    @property
    def who(self) -> Who:
        """The visitor as decisions know them."""
        return Who(account=self.account, id_hash=self.id_hash)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """Lets a request pass, with its ``request.state.visit``, or raises."""

    sessions: Sessions
    now: Callable[[], datetime]
    secure: bool

    @property
    def cookie(self) -> str:
        """The session cookie's name; `__Host-` needs a secure address."""
        return "__Host-p2a" if self.secure else "p2a"

    async def __call__(self, request: Request) -> None:
        """Raises NotSignedIn or FormNotOurs."""
        secret = request.cookies.get(self.cookie, "")
        async with self.sessions.begin() as session:
            account = await accounts.session_account(session, id_hash(secret), now=self.now())
        if account is None:
            raise NotSignedIn("sign in first")
        visit = Visit(
            account=account.account,
            label=account.label,
            id_hash=id_hash(secret),
            token=form_token(secret),
        )
        if request.method not in SAFE:
            same_site(request)
            sent = (await request.form()).get("token")
            if not isinstance(sent, str) or not hmac.compare_digest(sent, visit.token):
                raise FormNotOurs("the form is not of this session")
        request.state.visit = visit

    def give_cookie(self, response: Response, secret: str) -> None:
        """Let the browser keep *secret* until it is closed."""
        response.set_cookie(
            self.cookie, secret, path="/", secure=self.secure, httponly=True, samesite="lax"
        )


def same_site(request: Request) -> None:
    """Raises FormNotOurs unless the browser says that a page of ours sent the form."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        ours = site == "same-origin"
    else:
        origin = urlsplit(request.headers.get("origin", ""))
        ours = bool(origin.netloc) and origin.netloc == request.headers.get("host")
    if not ours:
        raise FormNotOurs("the form came from another site")


def id_hash(secret: str) -> str:
    """What the database keeps of a session's secret."""
    return hashlib.sha256(f"session:{secret}".encode()).hexdigest()


def form_token(secret: str) -> str:
    """What every form of the session carries; it does not give the secret away."""
    return hashlib.sha256(f"form:{secret}".encode()).hexdigest()


def visit_of(request: Request) -> Visit:
    """The visit that the guard let pass."""
    visit: Visit = request.state.visit
    return visit
