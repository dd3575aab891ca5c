"""Posting an event."""

from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import func, select, text

from schemas.learner import LearnerResumed
from services.delivery.database import open_database
from services.delivery.outbox import Outbox, post


async def test_an_event_posted_twice_stands_once_in_the_outbox(database: str) -> None:
    """Repeating a post with the same event_id adds nothing."""
    sessions = open_database(database, schema="intake")
    event = LearnerResumed(
        event_id=uuid4(), occurred_at=datetime(2026, 9, 1, tzinfo=UTC), learner_id=uuid4()
    )
    async with sessions.begin() as session:
        await post(session, event)
        await post(session, event)
    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(Outbox)) == 1
        row = (await session.scalars(select(Outbox))).one()
    assert (row.aggregatetype, row.aggregateid) == ("p2a.learners.v1", str(event.learner_id))
    assert row.headers["ce_source"] == "/p2a/intake"
    await sessions.kw["bind"].dispose()


async def test_rows_are_numbered_in_the_order_of_the_events(database: str) -> None:
    """That is the order in which the relay sends them, within a post and from post to post."""
    sessions = open_database(database, schema="intake")
    events = [
        LearnerResumed(
            event_id=uuid4(), occurred_at=datetime(2026, 9, 1, tzinfo=UTC), learner_id=uuid4()
        )
        for _ in range(300)
    ]
    async with sessions.begin() as session:
        await post(session, *events[:200])
        await post(session, *events[200:])
        rows = list(await session.scalars(select(Outbox).order_by(text("seq"))))
    assert [row.id for row in rows] == [event.event_id for event in events]
    assert [row.payload for row in rows] == [event.value() for event in events]
    assert [row.headers for row in rows] == [event.headers() for event in events]
    await sessions.kw["bind"].dispose()
