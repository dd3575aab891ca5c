"""The log of decisions, which only ever grows, and what happened around them."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.envelope import Event
from services.review.chain import START, Entry, Link, linked
from services.review.store.tables import DecisionRow, HappeningRow, table_of

DECISION = table_of(DecisionRow)
HAPPENING = table_of(HappeningRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """A fact from another service, for the timeline."""

    event_id: UUID
    at: datetime
    kind: str
    vacancy_id: UUID
    match_id: UUID | None
    learner_id: UUID | None
    words: dict[str, Any]


async def append(session: AsyncSession, entries: Sequence[Entry]) -> None:
    """
    Lengthen each entry's chain. The caller holds the vacancy's lock.

    Two writers of one chain cannot both succeed: (stream, previous) is unique.
    """
    ends: dict[str, str] = {}
    for entry in entries:
        if entry.stream not in ends:
            ends[entry.stream] = await _end(session, entry.stream)
        previous = ends[entry.stream]
        ends[entry.stream] = linked(previous, entry)
        await session.execute(
            insert(DECISION).values(
                stream=entry.stream,
                at=entry.at,
                account=entry.account,
                act=entry.act,
                vacancy_id=entry.vacancy_id,
                match_id=entry.match_id,
                learner_id=entry.learner_id,
                reason=entry.reason,
                shown=dict(entry.shown),
                previous=previous,
                hash=ends[entry.stream],
            )
        )


async def decisions_of(session: AsyncSession, vacancy_id: UUID) -> list[Link]:
    """Every decision on a vacancy, oldest first."""
    found = await session.execute(
        select(DECISION).where(DECISION.c.vacancy_id == vacancy_id).order_by(DECISION.c.seq)
    )
    return [_link(row) for row in found.mappings()]


async def log_page(session: AsyncSession, *, before: int | None, limit: int) -> list[Link]:
    """The *limit* newest decisions of all, or those before *before*, newest first."""
    wanted = select(DECISION).order_by(DECISION.c.seq.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(DECISION.c.seq < before)
    return [_link(row) for row in (await session.execute(wanted)).mappings()]


async def whole_log(session: AsyncSession) -> AsyncIterator[Link]:
    """Every decision there is, oldest first, without holding them all."""
    rows = await session.stream(select(DECISION).order_by(DECISION.c.seq))
    async for row in rows.mappings():
        yield _link(row)


async def save_happenings(session: AsyncSession, events: Iterable[Event]) -> None:
    """Keep *events* for the timeline; one kept already stays as it is."""
    rows = [_happening(event) for event in events]
    if rows:
        await session.execute(insert(HAPPENING).on_conflict_do_nothing(), rows)


async def happenings_of(session: AsyncSession, vacancy_id: UUID) -> list[Happening]:
    """What happened around a vacancy, oldest first."""
    found = await session.execute(
        select(HAPPENING)
        .where(HAPPENING.c.vacancy_id == vacancy_id)
        .order_by(HAPPENING.c.at, HAPPENING.c.event_id)
    )
    return [Happening(**dict(row)) for row in found.mappings()]


# what a timeline can say of an event beside its kind
TOLD = ("reason", "starts_at", "outcome", "template", "side", "shortlist_version")


def _happening(event: Event) -> dict[str, Any]:
    facts = event.model_dump(mode="json")
    told = {name: facts[name] for name in TOLD if facts.get(name) is not None}
    if "vacancy" in facts:
        told["interviews"] = facts["vacancy"]["interviews"]
    return {
        "event_id": event.event_id,
        "at": event.occurred_at,
        "kind": type(event).__name__,
        "vacancy_id": facts["vacancy_id"],
        "match_id": facts.get("match_id"),
        "learner_id": facts.get("learner_id"),
        "words": told,
    }


async def _end(session: AsyncSession, stream: str) -> str:
    last = (
        select(DECISION.c.hash)
        .where(DECISION.c.stream == stream)
        .order_by(DECISION.c.seq.desc())
        .limit(1)
    )
    return await session.scalar(last) or START


def _link(row: RowMapping) -> Link:
    entry = Entry(
        at=row["at"],
        account=row["account"],
        act=row["act"],
        vacancy_id=row["vacancy_id"],
        match_id=row["match_id"],
        learner_id=row["learner_id"],
        reason=row["reason"],
        shown=row["shown"],
    )
    return Link(seq=row["seq"], entry=entry, previous=row["previous"], hash=row["hash"])
