"""SQL of what the model learns from. Nothing here commits."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.matcher.lessons import Lesson


async def lessons(session: AsyncSession) -> list[Lesson]:
    """Every match whose interview has an outcome, in order of time; no decision of a person."""
    rows = await session.execute(
        text("""
            select learner_id, vacancy_id, employer_key as employer_id, route, measures, score,
                rank, model_version, shown_at as at, outcome
            from match
            where measures is not null and outcome is not null
                and interview is distinct from 'missed'
            order by shown_at, match_id
            """)
    )
    return [Lesson(**row) for row in rows.mappings()]


async def shown(session: AsyncSession) -> list[Lesson]:
    """Every match that was sent, whatever became of it: what scores are spread over now."""
    rows = await session.execute(
        text("""
            select learner_id, vacancy_id, employer_key as employer_id, route, measures, score,
                rank, model_version, shown_at as at, coalesce(outcome, '') as outcome
            from match where measures is not null order by shown_at, match_id
            """)
    )
    return [Lesson(**row) for row in rows.mappings()]


async def markets(session: AsyncSession) -> list[str]:
    """All markets, by name."""
    return list(await session.scalars(text("select market from market order by market")))


async def judgements(session: AsyncSession) -> dict[str, int]:
    """How often coordinators last said approved, rejected or moved of a match."""
    rows = await session.execute(
        text("select judged, count(*) as times from match where judged is not null group by judged")
    )
    return {row.judged: row.times for row in rows}
