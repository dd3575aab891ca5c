"""What the notifier knows of vacancies, shortlists and what was said about each match."""

from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from schemas.decision import ShortlistSent
from services.notifier.interviews import Interview
from services.notifier.tables import LinkRow, MatchRow, ShortlistRow, VacancyRow

FIELDS = tuple(field.name for field in fields(Interview))


async def lock_vacancies(session: AsyncSession, vacancy_ids: Iterable[UUID]) -> None:
    """Hold these vacancies until the transaction ends; one order for all, so none deadlocks."""
    wanted = sorted(set(vacancy_ids))
    if not wanted:
        return
    rows = [{"vacancy_id": vacancy_id} for vacancy_id in wanted]
    await session.execute(insert(VacancyRow).on_conflict_do_nothing(), rows)
    held = select(col(VacancyRow.vacancy_id)).where(col(VacancyRow.vacancy_id).in_(wanted))
    await session.execute(held.order_by(col(VacancyRow.vacancy_id)).with_for_update())


async def add_shortlist(session: AsyncSession, event: ShortlistSent) -> None:
    """Keep *event* as it came."""
    await session.execute(
        insert(ShortlistRow).on_conflict_do_nothing(),
        {
            "shortlist_id": event.event_id,
            "vacancy_id": event.vacancy_id,
            "sent_at": event.occurred_at,
            "event": event.value(),
        },
    )


async def shortlist(session: AsyncSession, shortlist_id: UUID) -> ShortlistSent:
    """The shortlist a letter or match came with."""
    found = select(col(ShortlistRow.event)).where(col(ShortlistRow.shortlist_id) == shortlist_id)
    return ShortlistSent.of((await session.execute(found)).scalar_one())


async def shortlists_of(session: AsyncSession, vacancy_id: UUID) -> dict[UUID, ShortlistSent]:
    """Every shortlist sent for this vacancy, the last one last."""
    events = await session.scalars(
        select(col(ShortlistRow.event))
        .where(col(ShortlistRow.vacancy_id) == vacancy_id)
        .order_by(col(ShortlistRow.sent_at), col(ShortlistRow.shortlist_id))
    )
    return {event.event_id: event for event in map(ShortlistSent.of, events)}


async def interviews(session: AsyncSession, match_ids: Iterable[UUID]) -> dict[UUID, Interview]:
    """Those of *match_ids* that are known."""
    rows = await session.scalars(
        select(MatchRow).where(col(MatchRow.match_id).in_(list(match_ids)))
    )
    return {row.match_id: _interview(row) for row in rows}


async def interviews_of(session: AsyncSession, vacancy_id: UUID) -> list[Interview]:
    """All whose letters were due on this vacancy, in the order the employer knows them."""
    rows = await session.scalars(
        select(MatchRow)
        .where(col(MatchRow.vacancy_id) == vacancy_id, col(MatchRow.number).is_not(None))
        .order_by(col(MatchRow.number))
    )
    return [_interview(row) for row in rows]


async def booked_elsewhere(
    session: AsyncSession, vacancy_id: UUID, learner_ids: Iterable[UUID]
) -> dict[UUID, frozenset[datetime]]:
    """When each of these learners has an interview on another vacancy; nobody is left out."""
    wanted = list(learner_ids)
    rows = await session.scalars(
        select(MatchRow).where(
            col(MatchRow.learner_id).in_(wanted),
            col(MatchRow.vacancy_id) != vacancy_id,
            col(MatchRow.booked_for).is_not(None),
        )
    )
    times: dict[UUID, set[datetime]] = {learner_id: set() for learner_id in wanted}
    for one in map(_interview, rows):
        if one.booked_for and not one.over:
            times[one.learner_id].add(one.booked_for)
    return {learner_id: frozenset(found) for learner_id, found in times.items()}


async def last_number(session: AsyncSession, vacancy_id: UUID) -> int:
    """The highest number a learner has on this vacancy, 0 before the first."""
    highest = select(func.max(col(MatchRow.number))).where(col(MatchRow.vacancy_id) == vacancy_id)
    return (await session.scalar(highest)) or 0


async def save_interview(session: AsyncSession, interview: Interview) -> None:
    """Keep *interview*; the vacancy must be locked."""
    values: dict[str, Any] = asdict(interview) | {"slots": list(interview.slots)}
    statement = insert(MatchRow).values(values)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["match_id"],
            set_={name: statement.excluded[name] for name in FIELDS if name != "match_id"},
        )
    )


async def link(session: AsyncSession, token_hash: bytes, now: datetime) -> LinkRow | None:
    """The link with this hash, unless it has expired or was revoked."""
    found = await session.scalar(select(LinkRow).where(col(LinkRow.token_hash) == token_hash))
    if found is None or found.revoked_at is not None or found.expires_at <= now:
        return None
    return found


def _interview(row: MatchRow) -> Interview:
    values = {name: getattr(row, name) for name in FIELDS}
    return Interview(**values | {"slots": tuple(row.slots)})
