"""A notifier on a database of its own, with people to write to and a clock that stands."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import Any
from uuid import UUID, uuid4

import httpx
from cryptography.fernet import Fernet
from fastapi import FastAPI
from sqlalchemy import select

from schemas import CATALOGUE
from schemas.decision import ShortlistSent
from schemas.envelope import Event
from schemas.letter import LetterFailed
from schemas.match import Contribution, Match, MatchWithdrawn
from services.contacts.store import Employer, Person, save_employers, save_people
from services.contacts.vault import Vault
from services.delivery.database import Sessions, open_database
from services.delivery.outbox import Outbox
from services.notifier.answering import Answering
from services.notifier.handlers import Invitations
from services.notifier.links import Links
from services.notifier.mailer import Mailer
from services.notifier.message import Sender
from services.notifier.replies import Desk
from services.notifier.reply_pages import TEMPLATES, ReplyPages
from services.notifier.routes_log import RoutesLog
from services.notifier.sending import Sending
from services.notifier.tables import LetterRow
from services.notifier.writing import Writer
from services.pages.frame import Pages, SecurityHeaders, add_assets, open_pages
from tests import make
from tests.notifier.fakes import MONDAY, Clock, FakeMailer

SECRET = "a secret of thirty-two characters"
PUBLIC_URL = "http://replies.example.org"
VAULT = Vault([Fernet.generate_key().decode()])
SKILLS = ("team-working", "attention-to-detail")
# a date of birth is never in contacts; these stand where one could slip through
NAMES = ("Aisha", "Callum", "Priya", "Dylan", "Ewa")


def match(position: int = 1, **given: Any) -> Match:
    """A learner who fits, *position* on the list."""
    defaults: dict[str, Any] = {
        "match_id": uuid4(),
        "learner_id": uuid4(),
        "position": position,
        "score": 6200,
        "waiting_since": date(2026, 8, 28),
        "distance_miles": 3.6,
        "met_skills": SKILLS,
        "contributions": (
            Contribution(feature="course-route", effect=0.4, words="Trained in this"),
            Contribution(feature="interest", effect=0.2, words="Named this"),
            Contribution(feature="pay", effect=0.1, words="Pays well"),
        ),
    }
    return Match(**(defaults | given))


def shortlist(*matches: Match, **given: Any) -> ShortlistSent:
    """The coordinator's list, sent on Monday."""
    defaults: dict[str, Any] = {
        "event_id": uuid4(),
        "occurred_at": MONDAY,
        "vacancy_id": uuid4(),
        "shortlist_version": 1,
        "coordinator": "ana",
        "vacancy": make.vacancy_profile(interviews=max(2, len(matches))),
        "matches": matches or (match(),),
    }
    return ShortlistSent(**(defaults | given))


def withdrawal(event: ShortlistSent, place: int = 0, **given: Any) -> MatchWithdrawn:
    """The match of *event* at *place* cannot go on."""
    defaults: dict[str, Any] = {
        "event_id": uuid4(),
        "occurred_at": MONDAY + timedelta(hours=2),
        "vacancy_id": event.vacancy_id,
        "match_id": event.matches[place].match_id,
        "learner_id": event.matches[place].learner_id,
        "reason": "learner-withdrawn",
    }
    return MatchWithdrawn(**(defaults | given))


def employer_address(employer_id: UUID) -> str:
    return f"hr-{employer_id.hex[:8]}@example.org"


def learner_address(learner_id: UUID) -> str:
    return f"learner-{learner_id.hex[:8]}@example.org"


@dataclass
class Scene:
    """The parts of a notifier, wired as in its app, without Kafka."""

    sessions: Sessions
    mailer: Mailer = field(default_factory=FakeMailer)
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        links = Links(SECRET, PUBLIC_URL)
        self.desk = Desk(links=links)
        self.invitations = Invitations(desk=self.desk, now=self.clock)
        self.writer = Writer(
            vault=VAULT,
            links=links,
            sender=Sender("Placements <placements@example.org>"),
            organisation="Path 2 Apprenticeships",
            phone="0121 496 0100",
        )
        self.sending = self.sender()

    @property
    def fake(self) -> FakeMailer:
        assert isinstance(self.mailer, FakeMailer)
        return self.mailer

    def sender(self, **given: Any) -> Sending:
        """One of the processes that send."""
        defaults: dict[str, Any] = {
            "sessions": self.sessions,
            "mailer": self.mailer,
            "writer": self.writer,
            "now": self.clock,
        }
        return Sending(**(defaults | given))

    async def know(self, event: ShortlistSent, **person: Any) -> None:
        """Save contacts for everybody *event* is about."""
        people = [
            Person(
                learner_id=match.learner_id,
                given_name=NAMES[place % len(NAMES)],
                family_name="Testington",
                email=learner_address(match.learner_id),
                phone=f"07700 900{place:03}",
                address=("1 Sample Street", "Birmingham"),
                postcode="B1 1AA",
                uln="9000000001",
            )
            for place, match in enumerate(event.matches)
        ]
        people = [Person(**(_fields(one) | person)) for one in people]
        firm = Employer(
            employer_id=event.vacancy.employer_id,
            name="Sample Systems Ltd",
            contact_name="Jo Example",
            email=employer_address(event.vacancy.employer_id),
            phone="0121 496 0321",
            address=("2 Canal Yard", "Birmingham B2 4XX"),
        )
        async with self.sessions.begin() as session:
            await save_people(session, VAULT, people, as_of=MONDAY)
            await save_employers(session, VAULT, [firm], as_of=MONDAY)

    async def hear(self, *events: Event) -> None:
        """Take *events* as a consumer would, in one transaction."""
        async with self.sessions.begin() as session:
            sent = [event for event in events if isinstance(event, ShortlistSent)]
            gone = [event for event in events if isinstance(event, MatchWithdrawn)]
            if gone:
                await self.invitations.on_match_withdrawn(gone, session)
            if sent:
                await self.invitations.on_shortlist_sent(sent, session)

    async def send_all(self) -> None:
        """Tick until nothing is due."""
        while await self.sending.tick():
            pass

    async def posted(self) -> list[Event]:
        """Every event in the outbox, in order."""
        async with self.sessions() as session:
            rows = await session.scalars(select(Outbox).order_by(Outbox.seq))  # type: ignore[arg-type]
            return [CATALOGUE[row.type].of(row.payload) for row in rows]

    async def letters(self) -> list[LetterRow]:
        """Every letter there is."""
        async with self.sessions() as session:
            return list(await session.scalars(select(LetterRow).order_by(LetterRow.written_at)))  # type: ignore[arg-type]

    async def states(self) -> dict[str, str]:
        """Each letter's state by template."""
        return {row.template: row.state for row in await self.letters()}

    def app(self) -> FastAPI:
        """The reply pages alone."""
        app = FastAPI()
        pages = ReplyPages(
            sessions=self.sessions,
            answering=Answering(desk=self.desk, vault=VAULT),
            pages=_pages(),
            phone="0121 496 0100",
            now=self.clock,
            woken=lambda: None,
        )
        app.include_router(pages.router())
        add_assets(app)
        app.add_middleware(SecurityHeaders)
        app.add_middleware(RoutesLog)
        return app

    @asynccontextmanager
    async def browser(self) -> AsyncIterator[httpx.AsyncClient]:
        """Somebody's browser on the reply pages."""
        carrier = httpx.ASGITransport(self.app())
        async with httpx.AsyncClient(
            transport=carrier, base_url=PUBLIC_URL, follow_redirects=True
        ) as client:
            yield client

    async def close(self) -> None:
        """Let go of the database."""
        await self.sessions.kw["bind"].dispose()


def kinds(events: Sequence[Event]) -> list[str]:
    """The names of *events*, letters left out."""
    names = [type(event).__name__ for event in events]
    return [name for name in names if not name.startswith("Letter")]


async def failures(scene: Scene) -> list[str]:
    """Why letters wait for a person, as the topic was told."""
    return [one.reason for one in await scene.posted() if isinstance(one, LetterFailed)]


def open_scene(database: str, mailer: Mailer | None = None) -> Scene:
    """A scene on *database*; close it afterwards."""
    sessions = open_database(database, schema="notifier")
    return Scene(sessions) if mailer is None else Scene(sessions, mailer)


def _fields(person: Person) -> dict[str, Any]:
    return {name: getattr(person, name) for name in Person.__dataclass_fields__}


@cache
def _pages() -> Pages:
    return open_pages(TEMPLATES, service_name="Path 2 Apprenticeships")
