"""Writing facts so that an older one changes nothing, whatever order they arrive in."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Table, or_, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.envelope import Event

Fact = TypeVar("Fact", bound=Event)


def newest(events: Iterable[Fact], key: str) -> list[Fact]:
    """The last fact of each *key* by (occurred_at, event_id), in the order of the keys."""
    last: dict[UUID, Fact] = {}
    for event in sorted(events, key=lambda event: (event.occurred_at, event.event_id)):
        last[getattr(event, key)] = event
    return [last[found] for found in sorted(last)]


async def keep_newer(
    session: AsyncSession,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    group: str,
    fixed: Iterable[str] = (),
) -> set[UUID]:
    """
    Insert *rows*, or update those that know an older fact of *group*; the keys that changed.

    The order is that of the columns ``<group>_at`` and ``<group>_event``.
    One row a key; columns in *fixed* are written by an insert only.
    """
    if not rows:
        return set()
    (key,) = table.primary_key.columns
    at, event = f"{group}_at", f"{group}_event"
    statement = insert(table).values(list(rows))
    excluded = statement.excluded
    keep = {key.name, *fixed}
    changed = await session.scalars(
        statement.on_conflict_do_update(
            index_elements=[key.name],
            set_={name: excluded[name] for name in rows[0] if name not in keep},
            where=or_(
                table.c[at].is_(None),
                tuple_(table.c[at], table.c[event]) < tuple_(excluded[at], excluded[event]),
            ),
        ).returning(key)
    )
    return set(changed)
