"""Whether letters go at all: one row that every replica looks at."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.notifier.tables import QueueRow


async def stop(session: AsyncSession, reason: str, now: datetime) -> None:
    """No letter goes until a person has mended what *reason* says."""
    await session.execute(
        update(QueueRow)
        .where(col(QueueRow.stopped_at).is_(None))
        .values(stopped_at=now, reason=reason)
    )


async def resume(session: AsyncSession) -> None:
    """Letters go again."""
    await session.execute(update(QueueRow).values(stopped_at=None, reason=None))


async def stopped_for(session: AsyncSession) -> str | None:
    """Why the queue stands; None if it runs."""
    return await session.scalar(
        select(col(QueueRow.reason)).where(col(QueueRow.stopped_at).is_not(None))
    )
