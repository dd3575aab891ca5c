"""
Personal data in and out. Every read leaves an audit row in the reader's own transaction.

A session that reads must therefore commit: `sessions.begin()`, also for a page that only shows.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col

from services.contacts import records
from services.contacts.records import Employer, Person, Reader
from services.contacts.tables import EmployerRow, Erasure, PersonRow, Reading, Term
from services.contacts.vault import SealBroken, Vault, words

__all__ = [
    "Employer", "Person", "Reader",
    "employers", "erase", "find_people", "people", "save_employers", "save_people",
]  # fmt: skip

Record = TypeVar("Record", Person, Employer)


async def save_people(
    session: AsyncSession, vault: Vault, rows: Collection[Person], *, as_of: datetime
) -> None:
    """Keep *rows* as they were at *as_of*; a row that is newer stays, an erased learner too."""
    erased = set(
        await session.scalars(
            select(col(Erasure.learner_id)).where(
                col(Erasure.learner_id).in_([row.learner_id for row in rows])
            )
        )
    )
    # one order for all writers: two saving the same people cannot deadlock
    kept = sorted((row for row in rows if row.learner_id not in erased), key=lambda r: r.learner_id)
    if not kept:
        return
    saved = await _upsert(
        session,
        PersonRow,
        "learner_id",
        [
            {
                "learner_id": row.learner_id,
                "as_of": as_of,
                "sealed": vault.seal(records.written(row)),
            }
            for row in kept
        ],
    )
    await session.execute(delete(Term).where(col(Term.learner_id).in_(saved)))
    terms = [
        {"digest": vault.digest(word), "learner_id": row.learner_id}
        for row in kept
        if row.learner_id in saved
        for word in words(row.given_name, row.family_name, row.email, row.reference)
    ]
    if terms:
        await session.execute(insert(Term), terms)


async def save_employers(
    session: AsyncSession, vault: Vault, rows: Collection[Employer], *, as_of: datetime
) -> None:
    """Keep *rows* as they were at *as_of*; a row that is newer stays."""
    values = [
        {
            "employer_id": row.employer_id,
            "as_of": as_of,
            "sealed": vault.seal(records.written(row)),
        }
        for row in sorted(rows, key=lambda row: row.employer_id)
    ]
    if values:
        await _upsert(session, EmployerRow, "employer_id", values)


async def people(
    session: AsyncSession, vault: Vault, ids: Iterable[UUID], *, reader: Reader
) -> dict[UUID, Person]:
    """The people of *ids*; unknown and erased ones are absent. Raises SealBroken."""
    wanted = sorted(set(ids))
    await _record(session, reader, "people", wanted)
    rows = await session.execute(
        select(col(PersonRow.learner_id), col(PersonRow.sealed)).where(
            col(PersonRow.learner_id).in_(wanted)
        )
    )
    return {
        key: _own(records.person(vault.unseal(sealed)), key, lambda p: p.learner_id)
        for key, sealed in rows
    }


async def employers(
    session: AsyncSession, vault: Vault, ids: Iterable[UUID], *, reader: Reader
) -> dict[UUID, Employer]:
    """The employers of *ids*; unknown ones are absent. Raises SealBroken."""
    wanted = sorted(set(ids))
    await _record(session, reader, "employers", wanted)
    rows = await session.execute(
        select(col(EmployerRow.employer_id), col(EmployerRow.sealed)).where(
            col(EmployerRow.employer_id).in_(wanted)
        )
    )
    return {
        key: _own(records.employer(vault.unseal(sealed)), key, lambda e: e.employer_id)
        for key, sealed in rows
    }


async def find_people(
    session: AsyncSession, vault: Vault, text: str, *, reader: Reader
) -> list[UUID]:
    """
    Learners having every word of *text* in their name, e-mail address or reference, by id.

    Whole words, whatever their case. The audit keeps who was found, never what was typed.
    """
    found: set[UUID] | None = None
    for word in words(text):
        having = set(
            await session.scalars(
                select(col(Term.learner_id)).where(col(Term.digest).in_(vault.digests(word)))
            )
        )
        found = having if found is None else found & having
    ids = sorted(found or ())
    await _record(session, reader, "search", ids)
    return ids


async def erase(session: AsyncSession, learner_id: UUID) -> None:
    """Forget a learner for good: later saves for this id keep nothing; the audit's ids stay."""
    await session.execute(
        insert(Erasure).on_conflict_do_nothing(index_elements=["learner_id"]),
        {"learner_id": learner_id},
    )
    await session.execute(delete(PersonRow).where(col(PersonRow.learner_id) == learner_id))


async def _upsert(
    session: AsyncSession, table: type[SQLModel], key: str, values: list[dict[str, Any]]
) -> set[UUID]:
    statement = insert(table).values(values)
    columns: Any = table.__table__.c  # type: ignore[attr-defined]  # SQLModel does not declare it
    saved = await session.scalars(
        statement.on_conflict_do_update(
            index_elements=[key],
            set_={"as_of": statement.excluded.as_of, "sealed": statement.excluded.sealed},
            where=columns.as_of <= statement.excluded.as_of,
        ).returning(columns[key])
    )
    return set(saved)


async def _record(session: AsyncSession, reader: Reader, kind: str, ids: Sequence[UUID]) -> None:
    await session.execute(
        insert(Reading),
        {"account": reader.account, "reason": reader.reason, "kind": kind, "ids": list(ids)},
    )


def _own(record: Record, key: UUID, identity: Callable[[Record], UUID]) -> Record:
    """*record*, if it was sealed for this row: a token moved to another row is refused."""
    if identity(record) != key:
        raise SealBroken("a sealed value stands in a row it was not made for")
    return record
