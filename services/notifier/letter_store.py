"""The letters as rows: due, in hand, gone or given up."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.notifier.letters import Letter
from services.notifier.tables import LetterRow, LinkRow, QueueRow

BROKEN_OFF = "broken-off"
# The letter has left us, or may have.
LEFT = ("sending", "sent", "unknown")


async def write(session: AsyncSession, letters: Iterable[Letter]) -> None:
    """Make *letters* due; one that was written before is left as it is."""
    rows = [
        {
            "letter_id": letter.letter_id,
            "cause": letter.cause,
            "recipient": letter.recipient,
            "template": letter.template,
            "side": letter.side,
            "vacancy_id": letter.vacancy_id,
            "shortlist_id": letter.shortlist_id,
            "match_id": letter.match_id,
            "state": "pending",
            "due_at": letter.written_at,
            "about": dict(letter.about),
            "written_at": letter.written_at,
        }
        for letter in letters
    ]
    if rows:
        await session.execute(insert(LetterRow).on_conflict_do_nothing(), rows)


async def add_link(session: AsyncSession, row: LinkRow) -> None:
    """Let the link's token open its page."""
    await session.execute(insert(LinkRow).on_conflict_do_nothing(), row.model_dump())


async def drop(session: AsyncSession, match_id: UUID, templates: Iterable[str]) -> list[str]:
    """Take back letters about *match_id* that have not left; the templates of those taken back."""
    dropped = await session.scalars(
        update(LetterRow)
        .where(
            col(LetterRow.match_id) == match_id,
            col(LetterRow.template).in_(list(templates)),
            col(LetterRow.state) == "pending",
        )
        .values(state="dropped")
        .returning(col(LetterRow.template))
    )
    return list(dropped)


async def left(
    session: AsyncSession, shortlist_id: UUID, template: str, match_id: UUID | None = None
) -> bool:
    """Whether that letter of a shortlist has left us, or may have."""
    found = select(func.count()).where(
        col(LetterRow.shortlist_id) == shortlist_id,
        col(LetterRow.template) == template,
        col(LetterRow.state).in_(LEFT),
    )
    if match_id is not None:
        found = found.where(col(LetterRow.match_id) == match_id)
    return bool(await session.scalar(found))


async def next_due(session: AsyncSession, now: datetime) -> Letter | None:
    """The letter that has waited longest, locked; None if there is none or the queue stands."""
    row = await session.scalar(
        select(LetterRow)
        .where(
            col(LetterRow.state) == "pending",
            col(LetterRow.due_at) <= now,
            select(QueueRow).where(col(QueueRow.stopped_at).is_(None)).exists(),
        )
        .order_by(col(LetterRow.due_at), col(LetterRow.letter_id))
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return _letter(row) if row else None


async def take(session: AsyncSession, letter: Letter, until: datetime) -> Letter:
    """*letter*, in hand until *until*, with the fence that a later write must show."""
    fence, attempts = letter.fence + 1, letter.attempts + 1
    await session.execute(
        update(LetterRow)
        .where(col(LetterRow.letter_id) == letter.letter_id)
        .values(state="sending", lease_until=until, fence=fence, attempts=attempts)
    )
    return replace(letter, fence=fence, attempts=attempts)


async def put_off(session: AsyncSession, letter_id: UUID, due_at: datetime) -> None:
    """A letter that could not even be written waits until *due_at*."""
    await session.execute(
        update(LetterRow)
        .where(col(LetterRow.letter_id) == letter_id, col(LetterRow.state) == "pending")
        .values(due_at=due_at)
    )


async def close(session: AsyncSession, letter_id: UUID, state: str, reason: str | None) -> None:
    """A letter that never was in hand ends as *state*."""
    await session.execute(
        update(LetterRow)
        .where(col(LetterRow.letter_id) == letter_id, col(LetterRow.state) == "pending")
        .values(state=state, reason=reason)
    )


async def keep(session: AsyncSession, letter: Letter, until: datetime) -> bool:
    """Hold *letter* until *until*; False if it is no longer in our hand."""
    return await _changed(session, letter, _in_hand(letter), {"lease_until": until})


async def record(
    session: AsyncSession,
    letter: Letter,
    state: str,
    *,
    reason: str | None = None,
    due_at: datetime | None = None,
) -> bool:
    """What became of a letter that was in our hand; False if that no longer counts."""
    values: dict[str, Any] = {"state": state, "reason": reason, "lease_until": None}
    if due_at is not None:
        values["due_at"] = due_at
    return await _changed(session, letter, _open_to(letter, state), values)


def _in_hand(letter: Letter) -> ColumnElement[bool]:
    return (col(LetterRow.fence) == letter.fence) & (col(LetterRow.state) == "sending")


def _open_to(letter: Letter, state: str) -> ColumnElement[bool]:
    fence, stands = col(LetterRow.fence), col(LetterRow.state)
    # parked only because nobody had heard of us: we know better, until a person has decided
    given_up = (stands == "unknown") & (col(LetterRow.reason) == BROKEN_OFF)
    ours = _in_hand(letter) | ((fence == letter.fence) & given_up)
    if state != "sent":
        return ours
    # it has gone: that a person has ordered it again meanwhile must not make it go twice
    return ours | ((fence > letter.fence) & (stands == "pending"))


async def _changed(
    session: AsyncSession, letter: Letter, where: ColumnElement[bool], values: dict[str, Any]
) -> bool:
    found = await session.scalar(
        update(LetterRow)
        .where(col(LetterRow.letter_id) == letter.letter_id, where)
        .values(values)
        .returning(col(LetterRow.letter_id))
    )
    return found is not None


async def broken_off(session: AsyncSession, now: datetime) -> list[Letter]:
    """Letters in nobody's hand any more, locked."""
    rows = await session.scalars(
        select(LetterRow)
        .where(col(LetterRow.state) == "sending", col(LetterRow.lease_until) < now)
        .order_by(col(LetterRow.letter_id))
        .with_for_update(skip_locked=True)
    )
    return [_letter(row) for row in rows]


async def count_due(session: AsyncSession, now: datetime, soon: timedelta) -> int:
    """Letters in hand, or due within *soon*."""
    found = select(func.count()).where(
        (col(LetterRow.state) == "sending")
        | ((col(LetterRow.state) == "pending") & (col(LetterRow.due_at) <= now + soon))
    )
    return (await session.scalar(found)) or 0


def _letter(row: LetterRow) -> Letter:
    return Letter(
        cause=row.cause,
        recipient=row.recipient,
        template=row.template,
        side=row.side,
        vacancy_id=row.vacancy_id,
        shortlist_id=row.shortlist_id,
        match_id=row.match_id,
        written_at=row.written_at,
        about=row.about,
        fence=row.fence,
        attempts=row.attempts,
    )


async def unsettled(session: AsyncSession) -> list[LetterRow]:
    """Letters that failed or whose outcome is unknown, the oldest first."""
    rows = await session.scalars(
        select(LetterRow)
        .where(col(LetterRow.state).in_(["failed", "unknown"]))
        .order_by(col(LetterRow.written_at), col(LetterRow.letter_id))
    )
    return list(rows)


async def decide(
    session: AsyncSession, letter_id: UUID, state: str, now: datetime
) -> Letter | None:
    """A person says that an unsettled letter is *state*; None if it is not unsettled."""
    row = await session.scalar(
        update(LetterRow)
        .where(
            col(LetterRow.letter_id) == letter_id,
            col(LetterRow.state).in_(["failed", "unknown"]),
        )
        # a new fence: what is posted of the next attempt is another fact
        .values(state=state, reason=None, due_at=now, fence=LetterRow.fence + 1)
        .returning(LetterRow)
    )
    return _letter(row) if row else None
