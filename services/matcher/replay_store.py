"""SQL of looking back at rounds: which there are, and what they published. Nothing here commits."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A round in a list; ``replayable`` while its inputs and those of its chain are kept."""

    round_id: UUID
    at: datetime
    today: date
    place: int
    rules_version: str
    model_version: str
    proposed: int
    replayable: bool


async def rounds_of(session: AsyncSession, market: str, *, last: int) -> list[Listed]:
    """The *last* rounds of *market* that are kept, the newest first."""
    rows = await session.execute(
        text("""
            select round_id, at, today, place, rules_version, model_version, proposed,
                not exists (select from round as other where other.base_id = round.base_id
                    and other.place <= round.place and other.inputs is null) as replayable
            from round where market = :market order by at desc, place desc limit :last
            """),
        {"market": market, "last": last},
    )
    return [Listed(**row) for row in rows.mappings()]


async def posted(session: AsyncSession, event_ids: Iterable[UUID]) -> dict[UUID, bytes]:
    """Of the events of these ids those that were posted, as they went onto the topic."""
    rows = await session.execute(
        text("select id, payload from outbox where id = any(:ids)"), {"ids": [*event_ids]}
    )
    return {row.id: bytes(row.payload) for row in rows}
