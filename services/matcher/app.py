"""What the matcher listens to, and what it does about it."""

from datetime import UTC, datetime, timedelta

from fastapi import FastAPI

from schemas import decision, interview, learner, vacancy
from schemas.envelope import Event
from services.delivery.broker import open_broker
from services.delivery.consume import consume
from services.delivery.database import open_database
from services.delivery.effects import Handler
from services.delivery.loop import Loop
from services.delivery.relay import Relay
from services.delivery.service import open_service
from services.matcher import handlers, prior, saved
from services.matcher.answers import Answers
from services.matcher.inquiries import Inquiries
from services.matcher.inquiry_pages import inquiry_pages
from services.matcher.markets import Markets
from services.matcher.models import Models
from services.matcher.questions import questions
from services.matcher.rounds import Rounds
from services.matcher.rules import Rules
from services.matcher.settings import Settings
from services.matcher.shadows import Shadows

TICK = timedelta(milliseconds=200)
IN_THE_SHADOW = timedelta(minutes=1)  # nobody waits for a challenger's figures


def build_app(settings: Settings) -> FastAPI:
    """The matcher: facts in, rounds, shortlists out, and answers to review."""
    sessions = open_database(str(settings.database_url), schema="matcher")
    consumer = consume(
        open_broker(settings),
        listening(Markets(default=settings.default_market, places=settings.markets)),
        group="matcher",
        sessions=sessions,
    )
    models = Models(
        default=saved.load(settings.model_file) if settings.model_file else prior.fitted()
    )
    rounds = Rounds(
        sessions=sessions,
        models=models,
        rules=Rules.load(settings.rules_file),
        policy=settings.policy,
        windows=settings.windows,
        now=lambda: datetime.now(UTC),
        behind=consumer.waiting,
        catch_up=settings.round_catch_up,
        kept=settings.rounds_kept,
    )
    making = Loop("rounds", rounds.tick, every=TICK, waiting=rounds.waiting)
    consumer.taken = making.wake
    parts = (
        Relay(settings, sessions, service="matcher"),
        consumer,
        making,
        Loop("shadows", Shadows(sessions=sessions, models=models).tick, every=IN_THE_SHADOW),
    )
    app = open_service("matcher", parts=parts, sessions=sessions)
    answers = Answers(sessions=sessions, rounds=rounds)
    app.include_router(questions(sessions, answers))
    app.include_router(inquiry_pages(Inquiries(answers=answers)))
    return app


def listening(markets: Markets) -> dict[type[Event], Handler]:
    """Every event the matcher keeps something of, and its handler."""
    learners = handlers.LearnerRecords(market_of=markets.market_of)
    vacancies = handlers.VacancyRecords(market_of=markets.market_of)
    return {
        learner.LearnerEnrolled: learners.on_learner_enrolled,
        learner.LearnerChanged: learners.on_learner_changed,
        learner.CourseCompleted: learners.on_course_completed,
        learner.CompletionRevoked: learners.on_completion_revoked,
        learner.LearnerPaused: learners.on_learner_paused,
        learner.LearnerResumed: learners.on_learner_resumed,
        learner.LearnerWithdrawn: learners.on_learner_withdrawn,
        learner.LearnerErased: learners.on_learner_erased,
        vacancy.VacancyPledged: vacancies.on_vacancy_pledged,
        vacancy.VacancyChanged: vacancies.on_vacancy_changed,
        vacancy.VacancyClosed: vacancies.on_vacancy_closed,
        decision.MatchApproved: handlers.on_match_approved,
        decision.MatchHeld: handlers.on_match_held,
        decision.MatchRejected: handlers.on_match_rejected,
        decision.MatchMoved: handlers.on_match_moved,
        decision.ShortlistSent: handlers.on_shortlist_sent,
        interview.EmployerAccepted: handlers.on_employer_accepted,
        interview.EmployerDeclined: handlers.on_employer_declined,
        interview.LearnerAccepted: handlers.on_learner_accepted,
        interview.LearnerDeclined: handlers.on_learner_declined,
        interview.InterviewBooked: handlers.on_interview_booked,
        interview.InterviewHeld: handlers.on_interview_held,
        interview.InterviewMissed: handlers.on_interview_missed,
        interview.OutcomeRecorded: handlers.on_outcome_recorded,
    }
