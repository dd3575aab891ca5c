"""Matches: what rounds list, coordinators decide, and employers and learners answer."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.interview import InterviewBooked, InterviewEvent, OutcomeRecorded
from schemas.match import Match, MatchWithdrawn, ShortlistProposed
from services.review.state import MatchState
from services.review.store.newest import keep_newer, newest
from services.review.store.tables import MatchRow, VacancyRow, table_of

MATCH = table_of(MatchRow)
VACANCY = table_of(VacancyRow)
COLUMNS = [MATCH.c[field.name] for field in fields(MatchState)]
IDENTITY = ("match_id", "vacancy_id", "learner_id")


async def matches_of(
    session: AsyncSession, vacancies: Iterable[UUID]
) -> dict[UUID, list[MatchState]]:
    """Every match ever known on each of *vacancies*."""
    wanted = list(vacancies)
    found = await session.execute(select(*COLUMNS).where(MATCH.c.vacancy_id.in_(wanted)))
    matches: dict[UUID, list[MatchState]] = {vacancy_id: [] for vacancy_id in wanted}
    for row in found.mappings():
        matches[row["vacancy_id"]].append(match_state(row))
    return matches


async def outlines(session: AsyncSession) -> dict[UUID, list[MatchState]]:
    """Every match on a place or decided on, by vacancy, without the reasons: for lists and sums."""
    columns = [column for column in COLUMNS if column.name != "facts"]
    found = await session.execute(
        select(*columns).where((MATCH.c.listed == "place") | (MATCH.c.decision != "proposed"))
    )
    matches: dict[UUID, list[MatchState]] = {}
    for row in found.mappings():
        matches.setdefault(row["vacancy_id"], []).append(MatchState(**row, facts=None))
    return matches


async def matches_for(session: AsyncSession, learner_id: UUID) -> list[MatchState]:
    """Every match of one learner, on whatever vacancy."""
    found = await session.execute(select(*COLUMNS).where(MATCH.c.learner_id == learner_id))
    return [match_state(row) for row in found.mappings()]


async def learners_of_market(
    session: AsyncSession, market: str | None, *, limit: int
) -> list[UUID]:
    """Learners who are or were on some shortlist of the market."""
    found = await session.scalars(
        select(MATCH.c.learner_id)
        .join(VACANCY, VACANCY.c.vacancy_id == MATCH.c.vacancy_id)
        .where(VACANCY.c.market == market)
        .distinct()
        .order_by(MATCH.c.learner_id)
        .limit(limit)
    )
    return list(found)


async def save_reasons(session: AsyncSession, event: ShortlistProposed) -> None:
    """Keep why each match of *event* was listed, unless a newer shortlist has said so."""
    rows = [_reasons(event, match) for match in (*event.matches, *event.reserves)]
    if not rows:
        return
    statement = insert(MATCH).values(rows)
    values = {name: statement.excluded[name] for name in rows[0] if name not in IDENTITY}
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["match_id"],
            set_=values,
            where=MATCH.c.facts_version < statement.excluded.facts_version,
        )
    )


async def list_matches(session: AsyncSession, event: ShortlistProposed) -> None:
    """Make the vacancy's list what *event* says; matches it leaves off stay, unlisted."""
    vacancy = MATCH.c.vacancy_id == event.vacancy_id
    listed = [(match, "place") for match in event.matches]
    listed += [(match, "reserve") for match in event.reserves]
    await session.execute(update(MATCH).where(vacancy).values(listed="none", position=None))
    if listed:
        await session.execute(
            update(MATCH)
            .where(MATCH.c.match_id == bindparam("key"))
            .values(listed=bindparam("kind"), position=bindparam("place")),
            [
                {"key": match.match_id, "kind": kind, "place": match.position}
                for match, kind in listed
            ],
        )
    # a place a coordinator gave is kept only while the learner is listed at all
    await session.execute(
        update(MATCH).where(vacancy, MATCH.c.listed == "none").values(moved_to=None)
    )


async def save_answers(
    session: AsyncSession, events: Iterable[InterviewEvent], *, side: str, answer: str
) -> set[UUID]:
    """
    Keep what *side* (employer, learner or interview) came to; the matches that changed.

    Older facts of that side change nothing.
    """
    rows = [
        {
            "match_id": event.match_id,
            "vacancy_id": event.vacancy_id,
            "learner_id": event.learner_id,
            side: answer,
            f"{side}_at": event.occurred_at,
            f"{side}_event": event.event_id,
            f"{side}_reason": getattr(event, "reason", None),
        }
        for event in newest(events, "match_id")
    ]
    return await keep_newer(session, MATCH, rows, group=side, fixed=IDENTITY)


async def save_bookings(session: AsyncSession, events: Iterable[InterviewBooked]) -> None:
    """Keep the time each interview was last booked for, whatever became of it since."""
    rows = [
        {
            "match_id": event.match_id,
            "vacancy_id": event.vacancy_id,
            "learner_id": event.learner_id,
            "starts_at": event.starts_at,
            "booked_at": event.occurred_at,
            "booked_event": event.event_id,
        }
        for event in newest(events, "match_id")
    ]
    await keep_newer(session, MATCH, rows, group="booked", fixed=IDENTITY)


async def save_outcomes(session: AsyncSession, events: Iterable[OutcomeRecorded]) -> set[UUID]:
    """Keep what each interview led to."""
    rows = [
        {
            "match_id": event.match_id,
            "vacancy_id": event.vacancy_id,
            "learner_id": event.learner_id,
            "outcome": event.outcome,
            "outcome_at": event.occurred_at,
            "outcome_event": event.event_id,
        }
        for event in newest(events, "match_id")
    ]
    return await keep_newer(session, MATCH, rows, group="outcome", fixed=IDENTITY)


async def save_withdrawals(session: AsyncSession, events: Iterable[MatchWithdrawn]) -> set[UUID]:
    """Keep which matches cannot go on."""
    rows = [
        {
            "match_id": event.match_id,
            "vacancy_id": event.vacancy_id,
            "learner_id": event.learner_id,
            "withdrawn_reason": event.reason,
            "withdrawn_at": event.occurred_at,
            "withdrawn_event": event.event_id,
        }
        for event in newest(events, "match_id")
    ]
    return await keep_newer(session, MATCH, rows, group="withdrawn", fixed=IDENTITY)


async def change(session: AsyncSession, changes: Mapping[UUID, Mapping[str, Any]]) -> None:
    """Write each match's values (column to value)."""
    for match_id in sorted(changes):
        await session.execute(
            update(MATCH).where(MATCH.c.match_id == match_id).values(**changes[match_id])
        )


def match_state(row: RowMapping) -> MatchState:
    """The match of one row of COLUMNS."""
    return MatchState(**dict(row) | {"facts": row["facts"] and Match.model_validate(row["facts"])})


def _reasons(event: ShortlistProposed, match: Match) -> dict[str, Any]:
    return {
        "match_id": match.match_id,
        "vacancy_id": event.vacancy_id,
        "learner_id": match.learner_id,
        "waiting_since": match.waiting_since,
        "locked": match.locked,
        "facts": match.model_dump(mode="json"),
        "facts_version": event.shortlist_version,
    }
