"""What became of each letter, and which ones a person must see to."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.letter import LetterEvent
from services.review.store.newest import keep_newer, newest
from services.review.store.tables import LetterRow, table_of

LETTER = table_of(LetterRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter by its id, never by its address; *state* is sent, failed or bounced."""

    letter_id: UUID
    vacancy_id: UUID
    learner_id: UUID | None
    template: str
    side: str
    state: str
    reason: str | None
    told_at: datetime
    settled_at: datetime | None


COLUMNS = [LETTER.c[field.name] for field in fields(Letter)]


async def save_letters(session: AsyncSession, events: Iterable[LetterEvent], *, state: str) -> None:
    """Keep what became of each letter last; news of a letter opens its task again."""
    rows = [
        {
            "letter_id": event.letter_id,
            "vacancy_id": event.vacancy_id,
            "learner_id": event.learner_id,
            "template": event.template,
            "side": event.side,
            "state": state,
            "reason": getattr(event, "reason", None),
            "told_at": event.occurred_at,
            "told_event": event.event_id,
            "settled_at": None,
            "settled_by": None,
        }
        for event in newest(events, "letter_id")
    ]
    await keep_newer(session, LETTER, rows, group="told")


async def open_letters(session: AsyncSession) -> list[Letter]:
    """Letters that failed or came back and that nobody has settled, oldest first."""
    found = await session.execute(
        select(*COLUMNS)
        .where(LETTER.c.state != "sent", LETTER.c.settled_at.is_(None))
        .order_by(LETTER.c.told_at)
    )
    return [Letter(**dict(row)) for row in found.mappings()]


async def letter(session: AsyncSession, letter_id: UUID) -> Letter | None:
    """One letter."""
    found = await session.execute(select(*COLUMNS).where(LETTER.c.letter_id == letter_id))
    row = found.mappings().first()
    return Letter(**dict(row)) if row else None


async def settle(session: AsyncSession, letter_id: UUID, *, account: str, now: datetime) -> bool:
    """Take a letter off the work list; False if somebody has already."""
    settled = await session.scalars(
        update(LETTER)
        .where(
            LETTER.c.letter_id == letter_id,
            LETTER.c.state != "sent",
            LETTER.c.settled_at.is_(None),
        )
        .values(settled_at=now, settled_by=account)
        .returning(LETTER.c.letter_id)
    )
    return settled.first() is not None
