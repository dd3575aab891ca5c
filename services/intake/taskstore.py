"""SQL of the tasks: raised and closed as the facts demand, settled by a person."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import case, func, select, update
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.intake.identities import task_id
from services.intake.tables import TaskRow

MISSING = "missing-from-return"
SAME_PERSON = "same-person"


@dataclass(frozen=True, slots=True)
class Need:
    """A task that must stand: its kind, what it is about, and words without personal values."""

    kind: str
    about: UUID
    words: str
    other: UUID | None = None

    @property
    def task_id(self) -> UUID:
        """The same need is the same task; a pair's order does not count."""
        if self.other is None:
            return task_id(self.kind, self.about)
        one, two = sorted((self.about, self.other))
        return task_id(f"{self.kind}/{one}", two)


async def settle(
    session: AsyncSession,
    needs: Collection[Need],
    *,
    kinds: Collection[str],
    about: Collection[UUID],
) -> None:
    """
    Leave exactly *needs* open among the tasks of *kinds* on *about*.

    What a person closed stays closed until its words change.
    """
    wanted = {need.task_id: need for need in needs}
    if wanted:
        await session.execute(_raise(), [
            {"task_id": key, "kind": need.kind, "about": need.about, "other": need.other,
             "words": need.words}
            for key, need in sorted(wanted.items())
        ])  # fmt: skip
    await session.execute(
        update(TaskRow)
        .where(
            col(TaskRow.kind).in_(kinds),
            col(TaskRow.about).in_(about) | col(TaskRow.other).in_(about),
            col(TaskRow.closed_at).is_(None),
            col(TaskRow.task_id).not_in(wanted),
        )
        .values(closed_at=func.clock_timestamp())
    )


async def open_tasks(session: AsyncSession, limit: int = 1000) -> list[TaskRow]:
    """The open tasks, oldest first."""
    found = await session.scalars(
        select(TaskRow)
        .where(col(TaskRow.closed_at).is_(None))
        .order_by(col(TaskRow.raised_at), col(TaskRow.task_id))
        .limit(limit)
    )
    return list(found)


async def open_count(session: AsyncSession) -> int:
    """How many tasks are open."""
    return (
        await session.scalar(
            select(func.count()).select_from(TaskRow).where(col(TaskRow.closed_at).is_(None))
        )
        or 0
    )


async def close(session: AsyncSession, key: UUID, account: str) -> TaskRow | None:
    """The open task *key*, closed by *account*; None if there is none."""
    row = await session.scalar(
        select(TaskRow)
        .where(col(TaskRow.task_id) == key, col(TaskRow.closed_at).is_(None))
        .with_for_update()
    )
    if row is not None:
        await session.execute(
            update(TaskRow)
            .where(col(TaskRow.task_id) == key)
            .values(closed_at=func.clock_timestamp(), closed_by=account)
        )
    return row


def _raise() -> Insert:
    statement = insert(TaskRow)
    excluded = statement.excluded
    stays_closed = col(TaskRow.closed_by).is_not(None) & (col(TaskRow.words) == excluded.words)
    opens = col(TaskRow.closed_at).is_not(None) & ~stays_closed
    return statement.on_conflict_do_update(
        index_elements=["task_id"],
        set_={
            "words": excluded.words,
            "closed_at": case((stays_closed, col(TaskRow.closed_at)), else_=None),
            "closed_by": case((stays_closed, col(TaskRow.closed_by)), else_=None),
            "raised_at": case((opens, func.clock_timestamp()), else_=col(TaskRow.raised_at)),
        },
    )
