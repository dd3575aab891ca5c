"""Taking statements about vacancies: cells merged, judged, held or posted, tasks raised."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.contacts import store as contacts
from services.contacts.vault import Vault
from services.delivery.outbox import post
from services.intake import joint, skillstore, store, taskstore, wordstore
from services.intake.board import Board
from services.intake.judging import FOR_A_PERSON, Book
from services.intake.lexicon import Lexicon
from services.intake.report import Reread, Row
from services.intake.statements import StandingPledge, VacancyStatement
from services.intake.tables import VacancyRow


@dataclass(frozen=True, slots=True, kw_only=True)
class VacancyDesk:
    """Everything in the caller's transaction."""

    vault: Vault
    book: Book
    lexicon: Lexicon

    async def take(
        self, session: AsyncSession, statements: Sequence[VacancyStatement | StandingPledge]
    ) -> list[Row]:
        """A row for each of *statements*, in their order."""
        if not statements:
            return []
        own = [s for s in statements if isinstance(s, VacancyStatement)]
        standing = [s for s in statements if isinstance(s, StandingPledge)]
        ids = {s.vacancy_id for s in own}
        promising = {s.employer_id for s in standing}
        known = await store.employer_ids_of(session, ids)
        named = {s.employer.employer_id for s in own if s.employer}
        employers = await store.employers(session, promising | named | known)
        rows = await store.vacancies(session, ids, promising)
        before = _joint(rows)
        current = await self.lexicon.current(session)
        board = Board(book=self.book, known=current, rows=rows, employers=employers)
        out = [board.take(statement) for statement in statements]
        for at, employer in board.contacts:
            await contacts.save_employers(session, self.vault, [employer], as_of=at)
        await _say(session, board)
        if keys := before | _joint(rows):
            await joint.settle(session, sorted(keys), list(rows))
        return out

    async def reread(self, session: AsyncSession, limit: int = 200) -> Reread:
        """Read the words of rows behind the version of the skills that holds; say what changed."""
        known = await self.lexicon.current(session)
        behind = await skillstore.vacancies_behind(session, known.number, limit)
        if not behind:
            return Reread(0, 0)
        employers = await store.employers(session, {owner for _, owner in behind if owner})
        rows = await store.vacancies(session, [key for key, _ in behind], ())
        board = Board(book=self.book, known=known, rows=rows, employers=employers)
        changed = board.reread()
        await _say(session, board)
        return Reread(len(rows), changed)


async def _say(session: AsyncSession, board: Board) -> None:
    """Post the board's facts, and bring tasks and unknown words up to its rows."""
    await post(session, *board.events)
    needs = [need for key in sorted(board.judged) for need in board.needs(key)]
    await taskstore.settle(session, needs, kinds=FOR_A_PERSON, about=list(board.judged))
    await wordstore.settle(session, {key: board.unknown(key) for key in board.judged})


def _joint(rows: Mapping[UUID, VacancyRow]) -> set[str]:
    """The joint pledges that *rows* are members of."""
    return {key for row in rows.values() if (key := joint.joint_pledge(row))}
