"""The coordinators' console: what it listens to, what it shows, what it does by itself."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from fastapi import APIRouter, Depends, FastAPI

from schemas import interview, letter, match, vacancy
from services.contacts.vault import Vault
from services.delivery.broker import open_broker
from services.delivery.consume import consume
from services.delivery.database import open_database
from services.delivery.loop import Loop
from services.delivery.relay import Relay
from services.delivery.service import open_service
from services.pages.frame import SecurityHeaders, add_assets, open_pages
from services.review import clock, labels, refusals
from services.review.asking import Intake, Matcher
from services.review.console import Console
from services.review.deciding import Decisions
from services.review.guard import Guard
from services.review.handlers import Records
from services.review.identity import DevelopmentSignIn
from services.review.inquiring import Inquiries
from services.review.lapses import Lapses
from services.review.routes.checks import CheckPages
from services.review.routes.figures import FiguresPage
from services.review.routes.insight import InsightPages
from services.review.routes.log import LogPages
from services.review.routes.match import MatchPages
from services.review.routes.shortlist import ShortlistPages
from services.review.routes.sign_in import SignInPages
from services.review.routes.verdicts import VerdictPages
from services.review.routes.whynot import WhyNotPages
from services.review.routes.words import WordPages
from services.review.routes.work import WorkPages
from services.review.sending import Sending
from services.review.settings import Settings

TEMPLATES = Path(__file__).parent / "templates"
# a question must not keep a coordinator waiting when the service asked hangs
PATIENCE = httpx.Timeout(3.0)
NAVIGATION = (
    {"text": "Work", "href": "/"},
    {"text": "Figures", "href": "/figures"},
    {"text": "Left out", "href": "/reports"},
    {"text": "Log", "href": "/log"},
)


def present() -> datetime:
    """The time of decisions."""
    return datetime.now(UTC)


def build_app(
    settings: Settings,
    *,
    now: Callable[[], datetime] = present,
    client: httpx.AsyncClient | None = None,
) -> FastAPI:
    """The review service. *client* asks the matcher and intake."""
    client = client or httpx.AsyncClient(timeout=PATIENCE)
    sessions = open_database(str(settings.database_url), schema="review")
    records = Records(now=now)
    consumer = consume(
        open_broker(settings),
        {
            vacancy.VacancyPledged: records.on_vacancy_pledged,
            vacancy.VacancyChanged: records.on_vacancy_changed,
            vacancy.VacancyClosed: records.on_vacancy_closed,
            match.ShortlistProposed: records.on_shortlist_proposed,
            match.MatchWithdrawn: records.on_match_withdrawn,
            interview.EmployerAccepted: records.on_employer_accepted,
            interview.EmployerDeclined: records.on_employer_declined,
            interview.LearnerAccepted: records.on_learner_accepted,
            interview.LearnerDeclined: records.on_learner_declined,
            interview.InterviewBooked: records.on_interview_booked,
            interview.InterviewHeld: records.on_interview_held,
            interview.InterviewMissed: records.on_interview_missed,
            interview.OutcomeRecorded: records.on_outcome_recorded,
            letter.LetterSent: records.on_letter_sent,
            letter.LetterFailed: records.on_letter_failed,
            letter.LetterBounced: records.on_letter_bounced,
        },
        group="review",
        sessions=sessions,
    )
    sending = Sending(sessions=sessions, now=now)
    sends = Loop("sends", sending.send_one, every=timedelta(seconds=1), waiting=sending.waiting)
    lapses = Loop("lapses", Lapses(sessions=sessions, now=now).note, every=timedelta(minutes=10))
    relay = Relay(settings, sessions, service="review")
    app = open_service(
        "review",
        parts=[relay, consumer, sends, lapses],
        sessions=sessions,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    secure = settings.public_url.startswith("https://")
    console = Console(
        settings=settings,
        sessions=sessions,
        pages=open_pages(
            TEMPLATES,
            service_name="Path 2 Apprenticeships placements",
            navigation=NAVIGATION,
            help_text="Something wrong or unclear? Ask your lead coordinator.",
            clock=clock,
            labels=labels,
        ),
        vault=Vault(settings.keys),
        matcher=Matcher(client, settings.matcher_url),
        inquiries=Inquiries(client, settings.matcher_url),
        intake=Intake(client, settings.intake_url, settings.intake_key.get_secret_value()),
        sign_in=DevelopmentSignIn(),
        guard=Guard(sessions=sessions, now=now, secure=secure),
        decisions=Decisions(sessions=sessions, now=now),
        now=now,
        wake=sends.wake,
    )
    add_console(app, console)
    return app


def add_console(app: FastAPI, console: Console) -> None:
    """Every page, behind the guard but for the way in."""
    app.add_middleware(SecurityHeaders, referrer="same-origin")
    add_assets(app)
    outside = APIRouter()
    SignInPages(console).add_to(outside)
    inside = APIRouter(dependencies=[Depends(console.guard)])
    SignInPages(console).add_inside(inside)
    WorkPages(console).add_to(inside)
    ShortlistPages(console).add_to(inside)
    MatchPages(console).add_to(inside)
    VerdictPages(console).add_to(inside)
    WhyNotPages(console).add_to(inside)
    LogPages(console).add_to(inside)
    FiguresPage(console).add_to(inside)
    CheckPages(console).add_to(inside)
    WordPages(console).add_to(inside)
    InsightPages(console).add_to(inside)
    app.include_router(outside)
    app.include_router(inside)
    refusals.add_to(app, console)
    app.state.console = console
