"""Intake as a service."""

from datetime import timedelta

from fastapi import Depends, FastAPI

from services.delivery.database import open_database
from services.delivery.loop import Loop
from services.delivery.relay import Relay
from services.delivery.service import open_service
from services.intake import store
from services.intake.desks import open_desks, utc_today
from services.intake.guard import guard
from services.intake.http import record_routes
from services.intake.http_skills import skill_routes
from services.intake.http_tasks import task_routes
from services.intake.keys import KeyRing
from services.intake.limit import BodyLimit
from services.intake.problems import add_problems
from services.intake.rate import Rate
from services.intake.rereading import Rereading
from services.intake.settings import Settings


def build_app(settings: Settings) -> FastAPI:
    """What intake takes in, and what it sends on."""
    sessions = open_database(str(settings.database_url), schema="intake", pool_size=10)
    desks = open_desks(settings)
    rate = Rate(str(settings.valkey_url), a_minute=settings.intake_rate)

    async def reach_due() -> bool:
        async with sessions.begin() as session:
            return await desks.learners.reach_due(session) > 0

    async def due() -> int:
        async with sessions() as session:
            return await store.due_count(session, utc_today())

    rereading = Rereading(sessions=sessions, desks=desks)
    every = timedelta(seconds=10)
    skills = Loop("skills", rereading.step, every=every, waiting=rereading.waiting)
    app = open_service(
        "intake",
        parts=[
            Relay(settings, sessions, service="intake"),
            Loop("due", reach_due, every=timedelta(minutes=10), waiting=due),
            skills,
            rate,
        ],
        sessions=sessions,
        ready_without={"relay"},  # Kafka away must not keep records out
    )
    app.add_middleware(BodyLimit, most_bytes=settings.intake_most_bytes)
    add_problems(app)
    guarded = [Depends(guard(KeyRing.of(settings.intake_keys), rate))]
    app.include_router(record_routes(sessions, desks), dependencies=guarded)
    app.include_router(task_routes(sessions, desks), dependencies=guarded)
    known = skill_routes(sessions, desks.learners.lexicon, skills.wake)
    app.include_router(known, dependencies=guarded)
    return app
