"""A console on a real database, with a browser that needs no network."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin
from uuid import UUID

import httpx
from cryptography.fernet import Fernet
from lxml import html
from sqlalchemy import text

from schemas import CATALOGUE
from schemas.envelope import Event
from services.contacts.store import Employer, Person, save_employers, save_people
from services.contacts.vault import Vault
from services.delivery.database import Sessions, open_database
from services.review.app import build_app
from services.review.handlers import Records
from services.review.sending import Sending
from services.review.settings import Settings
from tests.review import make
from tests.review.fakes import FakeClock, FakeServices

HANDLERS = {
    "VacancyPledged": "on_vacancy_pledged",
    "VacancyChanged": "on_vacancy_changed",
    "VacancyClosed": "on_vacancy_closed",
    "ShortlistProposed": "on_shortlist_proposed",
    "MatchWithdrawn": "on_match_withdrawn",
    "EmployerAccepted": "on_employer_accepted",
    "EmployerDeclined": "on_employer_declined",
    "LearnerAccepted": "on_learner_accepted",
    "LearnerDeclined": "on_learner_declined",
    "InterviewBooked": "on_interview_booked",
    "InterviewHeld": "on_interview_held",
    "InterviewMissed": "on_interview_missed",
    "OutcomeRecorded": "on_outcome_recorded",
    "LetterSent": "on_letter_sent",
    "LetterFailed": "on_letter_failed",
    "LetterBounced": "on_letter_bounced",
}


@dataclass
class Page:
    """An answer, read as a browser without scripts reads it."""

    answer: httpx.Response
    tree: html.HtmlElement = field(init=False)

    def __post_init__(self) -> None:
        self.tree = html.fromstring(self.answer.content or b"<p></p>")

    @property
    def status(self) -> int:
        return self.answer.status_code

    @property
    def words(self) -> str:
        return " ".join(self.tree.text_content().split())

    def form(self, form_id: str) -> "html.FormElement":
        return self.tree.get_element_by_id(form_id)


@dataclass
class Browser:
    """One coordinator's browser."""

    client: httpx.AsyncClient

    async def get(self, path: str, **params: Any) -> Page:
        return Page(await self.client.get(path, params=params or None, follow_redirects=True))

    async def send(self, page: Page, form_id: str = "", **values: Any) -> Page:
        """Send a form of *page* as it stands, *values* over its entries."""
        form = page.form(form_id) if form_id else page.tree.forms[-1]
        data: dict[str, Any] = {}
        for name, value in form.form_values():
            data.setdefault(name, []).append(value)
        data |= values
        url = urljoin(str(page.answer.url), form.get("action") or str(page.answer.url))
        if (form.get("method") or "get").lower() == "get":
            return Page(await self.client.get(url, params=data, follow_redirects=True))
        return await self.post(url, data)

    async def post(self, url: str, data: dict[str, Any], site: str = "same-origin") -> Page:
        answer = await self.client.post(
            url, data=data, headers={"sec-fetch-site": site}, follow_redirects=True
        )
        return Page(answer)


@dataclass
class World:
    """The service under test with its clock, its neighbours and its database."""

    url: str
    holding: str = "PT15M"
    clock: FakeClock = field(default_factory=FakeClock)
    services: FakeServices = field(default_factory=FakeServices)

    def __post_init__(self) -> None:
        key = Fernet.generate_key().decode()
        self.settings = Settings(
            database_url=self.url,
            kafka_bootstrap="127.0.0.1:1",
            valkey_url="redis://127.0.0.1:1",
            contacts_keys=key,
            matcher_url="http://matcher.test",
            intake_url="http://intake.test",
            intake_key="p2a_test_key",
            review_holding=self.holding,
            sign_in="development",
            embedded=True,
        )
        self.vault = Vault([key])
        self.sessions: Sessions = open_database(self.url, schema="review")
        self.app = build_app(self.settings, now=self.clock, client=self.services.client())
        self.records = Records(now=self.clock)
        self.sending = Sending(sessions=self.sessions, now=self.clock)
        self.opened: list[httpx.AsyncClient] = []

    async def close(self) -> None:
        for client in self.opened:
            await client.aclose()
        await self.sessions.kw["bind"].dispose()
        await self.app.state.console.sessions.kw["bind"].dispose()

    async def take(self, *events: Event) -> None:
        """Give each event to its handler, in a transaction of its own."""
        for event in events:
            handler = getattr(self.records, HANDLERS[type(event).__name__])
            async with self.sessions.begin() as session:
                await handler([event], session)

    def browser(self) -> Browser:
        transport = httpx.ASGITransport(app=self.app)
        client = httpx.AsyncClient(transport=transport, base_url="http://console.test")
        self.opened.append(client)
        return Browser(client)

    async def coordinator(self, which: int = 0) -> Browser:
        """A browser signed in as one of the development coordinators."""
        browser = self.browser()
        page = await browser.get("/sign-in")
        choices = page.tree.xpath("//input[@name='account']/@value")
        await browser.send(page, "sign-in-form", account=choices[which])
        return browser

    async def posted(self, kind: str | None = None) -> list[Any]:
        """The events in the outbox, oldest first; of one *kind* if named."""
        async with self.sessions() as session:
            rows = await session.execute(text("select type, payload from outbox order by seq"))
            found = [CATALOGUE[row.type].of(bytes(row.payload)) for row in rows]
        return [event for event in found if kind is None or type(event).__name__ == kind]

    async def person(self, learner_id: UUID, **values: Any) -> None:
        person = Person(
            learner_id=learner_id,
            **{"given_name": "Zofia", "family_name": "Quillfeather", "reference": "L-4711"}
            | values,
        )
        async with self.sessions.begin() as session:
            await save_people(session, self.vault, [person], as_of=make.MONDAY)

    async def employer(self, employer_id: UUID, name: str = "Examplia Castings") -> None:
        async with self.sessions.begin() as session:
            await save_employers(
                session, self.vault, [Employer(employer_id=employer_id, name=name)],
                as_of=make.MONDAY,
            )  # fmt: skip

    async def scalar(self, sql: str, **values: Any) -> Any:
        async with self.sessions() as session:
            return await session.scalar(text(sql), values)
