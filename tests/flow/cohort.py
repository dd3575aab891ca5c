"""The demonstration's cohort, taken in and matched by the services' own functions."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from services.delivery.database import Sessions, open_database
from services.intake.files import Source
from services.intake.ingest import ingest
from services.matcher.markets import Markets
from tests.intake import look
from tests.intake.make import desks
from tests.matcher.scene import Scene


@asynccontextmanager
async def matched(paths: Sequence[Path], database: str, today: date) -> AsyncIterator[Sessions]:
    """The matcher's database after the first round of the files *paths* on *today*."""
    intake, matcher = (open_database(database, schema=name) for name in ("intake", "matcher"))
    prepared = datetime.combine(today, time(), UTC) - timedelta(days=1)
    for path in paths:
        await ingest(intake, desks(today), [Source(path.name, path.read_bytes(), prepared)])
    now = datetime.combine(today, time(12), UTC)
    scene = Scene(sessions=matcher, now=now, markets=Markets(default="west-midlands"))
    await scene.tell(*await look.posted(intake))
    await scene.round()
    yield matcher
    for sessions in (intake, matcher):
        await sessions.kw["bind"].dispose()
