"""Files taken whole: one transaction each, and a report that is the same for a dry run."""

from collections.abc import Callable, Iterator, Sequence

from psycopg.errors import DeadlockDetected
from sqlalchemy.exc import OperationalError

from services.delivery.database import Sessions
from services.delivery.failpoints import reach
from services.intake import files
from services.intake.acceptance import Desks
from services.intake.files import Source
from services.intake.report import Report
from services.intake.statements import Item

ATTEMPTS = 5
Progress = Callable[[], None]


async def ingest(
    sessions: Sessions,
    desks: Desks,
    sources: Sequence[Source],
    *,
    dry_run: bool = False,
    step: Progress = lambda: None,
) -> Report:
    """
    The report of *sources*, taken in order in one transaction; *step* is called for each row.

    A dry run does it all and rolls back. Raises FileUnreadable before anything is kept. Two files
    about the same people may block each other: PostgreSQL then stops one, which begins again.
    """
    for _ in range(ATTEMPTS - 1):
        try:
            return await _once(sessions, desks, sources, dry_run=dry_run, step=step)
        except OperationalError as error:
            if not isinstance(error.orig, DeadlockDetected):
                raise
    return await _once(sessions, desks, sources, dry_run=dry_run, step=step)


async def _once(
    sessions: Sessions, desks: Desks, sources: Sequence[Source], *, dry_run: bool, step: Progress
) -> Report:
    report = Report(dry_run=dry_run)
    async with sessions() as session, session.begin() as transaction:
        for source in sources:
            items = files.items(source, desks.learners.programmes)
            report.add(await desks.take_all(session, _stepping(items, step)))
        if dry_run:
            await transaction.rollback()
    reach("intake.accepted")
    return report


def _stepping(items: Iterator[Item], step: Progress) -> Iterator[Item]:
    for item in items:
        yield item
        step()
