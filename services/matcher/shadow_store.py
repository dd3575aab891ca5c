"""SQL of challengers in the shadow: figures of agreement, no scores. Nothing here commits."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True, kw_only=True)
class Unshadowed:
    """A market's last round that a challenger has not scored yet; ``inputs`` as they are packed."""

    round_id: UUID
    market: str
    model_version: str
    inputs: bytes


async def unshadowed(session: AsyncSession, challenger_version: str) -> Unshadowed | None:
    """A market's last round without figures of the challenger."""
    found = await session.execute(
        text("""
            select round_id, round.market, model_version, inputs
            from round join market using (round_id)
            where inputs is not null and model_version <> :version and not exists
                (select from shadow where shadow.round_id = round.round_id
                    and challenger_version = :version)
            order by at limit 1
            """),
        {"version": challenger_version},
    )
    row = found.mappings().one_or_none()
    return Unshadowed(**row) if row else None


async def keep(
    session: AsyncSession, made: Unshadowed, challenger_version: str, figures: dict[str, Any]
) -> None:
    """Keep what a challenger would have changed in a round."""
    await session.execute(
        text("""
            insert into shadow (round_id, market, model_version, challenger_version, figures)
            values (:round_id, :market, :model, :challenger, cast(:figures as jsonb))
            on conflict do nothing
            """),
        {
            "round_id": made.round_id,
            "market": made.market,
            "model": made.model_version,
            "challenger": challenger_version,
            "figures": json.dumps(figures),
        },
    )


async def figures(session: AsyncSession, challenger_version: str) -> list[dict[str, Any]]:
    """The figures of a challenger, a round each, the oldest first."""
    rows = await session.execute(
        text("""
            select market, model_version, figures from shadow
            where challenger_version = :version order by at
            """),
        {"version": challenger_version},
    )
    return [
        {"market": row.market, "model_version": row.model_version, **row.figures} for row in rows
    ]
