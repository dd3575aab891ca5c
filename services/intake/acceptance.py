"""The one way in: parsed rows to verdicts, in the caller's transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from sqlalchemy.ext.asyncio import AsyncSession

from services.intake import store, taskstore
from services.intake.learner_desk import LearnerDesk
from services.intake.report import Row
from services.intake.statements import (
    ErasureStatement,
    Item,
    LearnerStatement,
    Return,
    StandingPledge,
    Statement,
    VacancyStatement,
)
from services.intake.taskstore import MISSING, Need
from services.intake.vacancy_desk import VacancyDesk

BATCH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Desks:
    """Who takes what."""

    learners: LearnerDesk
    vacancies: VacancyDesk

    async def take(self, session: AsyncSession, items: Sequence[Item]) -> list[Row]:
        """A row for each of *items*, in their order; nothing is committed."""
        about_learners = [i for i in items if isinstance(i, LearnerStatement | ErasureStatement)]
        about_vacancies = [i for i in items if isinstance(i, VacancyStatement | StandingPledge)]
        taken = iter(await self.learners.take(session, about_learners))
        offered = iter(await self.vacancies.take(session, about_vacancies))
        rows = (_next(item, taken, offered) for item in items if not isinstance(item, Return))
        return list(rows)

    async def take_all(self, session: AsyncSession, items: Iterable[Item]) -> list[Row]:
        """All of a file, a batch at a time; a return then shows whom it lacks."""
        rows: list[Row] = []
        stream = iter(items)
        while batch := list(islice(stream, BATCH)):
            rows += await self.take(session, batch)
            for item in batch:
                if isinstance(item, Return):
                    await _miss(session, item)
        return rows


async def _miss(session: AsyncSession, seen: Return) -> None:
    newest = await store.newest_return(session, seen)
    learners = await store.learners_of_year(session, newest.ukprn, newest.year)
    words = "in an earlier return of this year, not among the scheme's learners of the newest"
    needs = [
        Need(MISSING, learner.learner_id, words)
        for learner in learners
        if (learner.seen_at, learner.seen_by) != (newest.at, newest.by)
        and not (learner.posted.get("withdrawal") or learner.posted.get("erased"))
    ]
    about = [learner.learner_id for learner in learners]
    await taskstore.settle(session, needs, kinds=[MISSING], about=about)


def _next(item: Statement | Row, taken: Iterable[Row], offered: Iterable[Row]) -> Row:
    if isinstance(item, Row):
        return item
    return next(iter(taken if isinstance(item, LearnerStatement | ErasureStatement) else offered))
