"""Vacancies, the round behind each shortlist, and what each version of it looked like."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, RowMapping, cast, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.match import ShortlistProposed
from schemas.vacancy import VacancyChanged, VacancyClosed, VacancyPledged, VacancyProfile
from services.review.screen import Screen
from services.review.state import Round, VacancyState
from services.review.store.newest import keep_newer, newest
from services.review.store.tables import ScreenRow, VacancyRow, table_of

VACANCY = table_of(VacancyRow)
SCREEN = table_of(ScreenRow)
JOINT = VACANCY.c.profile["joint_pledge"].astext
COLUMNS = [VACANCY.c[field.name] for field in fields(VacancyState)]


async def lock(session: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, VacancyState]:
    """
    The vacancies of *ids*, theirs until the transaction ends; unknown ones are made, empty.

    So are the other members of their joint pledges. Always in one order, so that two batches
    wait for each other instead of dying.
    """
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    rows = [{"vacancy_id": vacancy_id} for vacancy_id in wanted]
    await session.execute(insert(VACANCY).on_conflict_do_nothing(), rows)
    own = VACANCY.c.vacancy_id.in_(wanted)
    joint = (await session.scalars(select(JOINT).where(own, JOINT.is_not(None)))).all()
    found = await session.execute(
        select(*COLUMNS)
        .where(own | JOINT.in_(joint) if joint else own)
        .order_by(VACANCY.c.vacancy_id)
        .with_for_update()
    )
    return {row["vacancy_id"]: vacancy_state(row) for row in found.mappings()}


async def vacancies(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, VacancyState]:
    """The vacancies of *ids* that are known."""
    found = await session.execute(select(*COLUMNS).where(VACANCY.c.vacancy_id.in_(list(ids))))
    return {row["vacancy_id"]: vacancy_state(row) for row in found.mappings()}


async def members(session: AsyncSession, vacancy: VacancyState) -> list[VacancyState]:
    """The vacancies of its joint pledge, itself among them; none if it has no such pledge."""
    if vacancy.joint_pledge is None:
        return []
    found = await session.execute(select(*COLUMNS).where(vacancy.joint_pledge == JOINT))
    return [vacancy_state(row) for row in found.mappings()]


async def every_vacancy(session: AsyncSession) -> list[VacancyState]:
    """Every vacancy that was ever pledged."""
    found = await session.execute(select(*COLUMNS).where(VACANCY.c.profile.is_not(None)))
    return [vacancy_state(row) for row in found.mappings()]


async def due(session: AsyncSession, now: datetime) -> VacancyState | None:
    """One vacancy whose holding window has ended, locked; None if all others' are locked too."""
    found = await session.execute(
        select(*COLUMNS)
        .where(VACANCY.c.send_due <= now)
        .order_by(VACANCY.c.send_due)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = found.mappings().first()
    return vacancy_state(row) if row else None


async def due_count(session: AsyncSession) -> int:
    """How many shortlists wait for their holding window to end."""
    waiting = select(func.count()).where(VACANCY.c.send_due.is_not(None))
    return await session.scalar(waiting) or 0


async def note_opened(
    session: AsyncSession, vacancy_id: UUID, *, account: str, now: datetime
) -> None:
    """Keep who looked at the vacancy first."""
    await session.execute(
        update(VACANCY)
        .where(VACANCY.c.vacancy_id == vacancy_id, VACANCY.c.opened_at.is_(None))
        .values(opened_at=now, opened_by=account)
    )


async def past_promise(session: AsyncSession, today: date) -> list[VacancyState]:
    """Vacancies whose promised day is past and that nobody has noted as lapsed or kept."""
    found = await session.execute(
        select(*COLUMNS)
        .where(_promised() < today, VACANCY.c.lapsed_at.is_(None))
        .order_by(VACANCY.c.vacancy_id)
    )
    return [vacancy_state(row) for row in found.mappings()]


async def forget_lapses(session: AsyncSession, today: date) -> None:
    """Vacancies with a new, later day have not lapsed after all."""
    await session.execute(
        update(VACANCY)
        .where(_promised() >= today, VACANCY.c.lapsed_at.is_not(None))
        .values(lapsed_at=None, lapsed_count=0)
    )


def _promised() -> ColumnElement[date]:
    return cast(VACANCY.c.profile["interview_by"].astext, Date)


async def save_profiles(
    session: AsyncSession, events: Iterable[VacancyPledged | VacancyChanged]
) -> set[UUID]:
    """Keep the newest profile of each vacancy; which ones changed."""
    rows = [
        {
            "vacancy_id": event.vacancy_id,
            "profile": event.vacancy.model_dump(mode="json"),
            "profile_at": event.occurred_at,
            "profile_event": event.event_id,
        }
        for event in newest(events, "vacancy_id")
    ]
    return await keep_newer(session, VACANCY, rows, group="profile")


async def save_pledges(session: AsyncSession, events: Iterable[VacancyPledged]) -> set[UUID]:
    """Keep when each vacancy was last pledged: that opens it again after a closure."""
    rows = [
        {
            "vacancy_id": event.vacancy_id,
            "pledged_at": event.occurred_at,
            "pledged_event": event.event_id,
        }
        for event in newest(events, "vacancy_id")
    ]
    return await keep_newer(session, VACANCY, rows, group="pledged")


async def save_closures(session: AsyncSession, events: Iterable[VacancyClosed]) -> set[UUID]:
    """Keep the newest closure of each vacancy; it counts only while later than the last pledge."""
    rows = [
        {
            "vacancy_id": event.vacancy_id,
            "closed_reason": event.reason,
            "closed_at": event.occurred_at,
            "closed_event": event.event_id,
        }
        for event in newest(events, "vacancy_id")
    ]
    return await keep_newer(session, VACANCY, rows, group="closed")


async def save_round(session: AsyncSession, event: ShortlistProposed) -> None:
    """The round a vacancy's present shortlist came from."""
    await change(
        session,
        event.vacancy_id,
        {
            "market": event.market,
            "shortlist_version": event.shortlist_version,
            "proposed_at": event.occurred_at,
            "round": {
                "round_id": str(event.round_id),
                "rules_version": event.rules_version,
                "model_version": event.model_version,
                "model_note": event.model_note,
                "absences": event.absences,
            },
        },
    )


async def change(session: AsyncSession, vacancy_id: UUID, values: Mapping[str, Any]) -> None:
    """Write *values* (column to value) to one vacancy."""
    if values:
        await session.execute(
            update(VACANCY).where(VACANCY.c.vacancy_id == vacancy_id).values(**values)
        )


async def save_screens(session: AsyncSession, screens: Sequence[Screen]) -> None:
    """Keep what new versions look like; each vacancy's version becomes its screen's."""
    for screen in screens:
        await change(session, screen.vacancy_id, {"version": screen.version})
    if screens:
        await session.execute(insert(SCREEN), [screen.row() for screen in screens])


async def last_screens(session: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, Screen]:
    """What each of *ids* looks like at its present version."""
    found = await session.execute(
        select(SCREEN)
        .join(
            VACANCY,
            (VACANCY.c.vacancy_id == SCREEN.c.vacancy_id) & (VACANCY.c.version == SCREEN.c.version),
        )
        .where(SCREEN.c.vacancy_id.in_(list(ids)))
    )
    return {row.vacancy_id: Screen.of(row._asdict()) for row in found}


async def screen(session: AsyncSession, vacancy_id: UUID, version: int) -> Screen | None:
    """What *version* of a shortlist looked like."""
    found = await session.execute(
        select(SCREEN).where(SCREEN.c.vacancy_id == vacancy_id, SCREEN.c.version == version)
    )
    row = found.first()
    return Screen.of(row._asdict()) if row else None


async def screens_since(session: AsyncSession, vacancy_id: UUID, version: int) -> list[Screen]:
    """Every version after *version*, oldest first: who changed it, and why."""
    found = await session.execute(
        select(SCREEN)
        .where(SCREEN.c.vacancy_id == vacancy_id, SCREEN.c.version > version)
        .order_by(SCREEN.c.version)
    )
    return [Screen.of(row._asdict()) for row in found]


def vacancy_state(row: RowMapping) -> VacancyState:
    """The vacancy of one row of COLUMNS."""
    values = dict(row)
    values["profile"] = row["profile"] and VacancyProfile.model_validate(row["profile"])
    values["round"] = row["round"] and Round(
        **row["round"] | {"round_id": UUID(row["round"]["round_id"])}
    )
    if row["closed_at"] and row["pledged_at"] and row["closed_at"] <= row["pledged_at"]:
        values["closed_reason"] = None
    return VacancyState(**values)
