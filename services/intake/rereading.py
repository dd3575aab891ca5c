"""Bringing what intake holds up to new skills, and telling others only what that changes."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from services.delivery.database import Sessions
from services.intake import skillstore
from services.intake.acceptance import Desks
from services.intake.learner_desk import LearnerDesk
from services.intake.vacancy_desk import VacancyDesk

BATCH = 200


async def reread_all(sessions: Sessions, desks: Desks) -> dict[str, int]:
    """
    Read anew all that is behind, a batch a transaction.

    Answers of how many learners and vacancies others hear something; what a running intake
    reads meanwhile is not counted.
    """
    changed = {"learners": 0, "vacancies": 0}
    for name, desk in _named(desks):
        seen = 1
        while seen:
            async with sessions.begin() as session:
                found = await desk.reread(session, BATCH)
            seen, changed[name] = found.seen, changed[name] + found.changed
    return changed


async def reread_within(session: AsyncSession, desks: Desks) -> dict[str, int]:
    """The same in one transaction, which may be rolled back."""
    changed = {"learners": 0, "vacancies": 0}
    for name, desk in _named(desks):
        while (found := await desk.reread(session, BATCH)).seen:
            changed[name] += found.changed
    return changed


@dataclass(slots=True, kw_only=True)
class Rereading:
    """
    Reads rows behind the newest version again, a batch a transaction, until none is left.

    A row's words give the same keys, or others: only then an event leaves, once, as the row
    keeps what it said and the version it was read with. It may be stopped and go on anywhere.
    """

    sessions: Sessions
    desks: Desks
    _adopted: bool = False

    async def step(self) -> bool:
        """One batch of learners and one of vacancies; whether there was anything to read."""
        async with self.sessions.begin() as session:
            if not self._adopted:
                await self.desks.learners.lexicon.adopt(session)
        self._adopted = True
        seen = 0
        for _, desk in _named(self.desks):
            async with self.sessions.begin() as session:
                seen += (await desk.reread(session, BATCH)).seen
        return seen > 0

    async def waiting(self) -> int:
        """How many rows are behind."""
        async with self.sessions() as session:
            return await skillstore.behind(session)


def _named(desks: Desks) -> tuple[tuple[str, LearnerDesk | VacancyDesk], ...]:
    return (("learners", desks.learners), ("vacancies", desks.vacancies))
