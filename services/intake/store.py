"""All SQL of intake's own aggregates. Rows come locked, in one order, and are written on flush."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.delivery.inbox import Inbox
from services.delivery.outbox import Outbox
from services.intake.statements import Return
from services.intake.tables import EmployerRow, LearnerRow, ReturnRow, VacancyRow


async def learners(session: AsyncSession, ukprns: dict[UUID, str]) -> dict[UUID, LearnerRow]:
    """The learners of the ids in *ukprns*, locked; new ones as empty rows."""
    if not ukprns:
        return {}
    blank = [{"learner_id": i, "ukprn": ukprns[i], "cells": {}, "posted": {}}
             for i in sorted(ukprns)]  # fmt: skip
    await session.execute(insert(LearnerRow).on_conflict_do_nothing(), blank)
    return await _locked_learners(session, ukprns)


async def due_learners(session: AsyncSession, today: date, limit: int) -> dict[UUID, LearnerRow]:
    """Learners whose recorded end is reached, locked; rows another holds are left to it."""
    found = await session.scalars(
        select(LearnerRow)
        .where(col(LearnerRow.due_on) <= today)
        .order_by(col(LearnerRow.learner_id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return {row.learner_id: row for row in found}


async def due_count(session: AsyncSession, today: date) -> int:
    """How many recorded ends are reached and not announced."""
    statement = select(func.count()).select_from(LearnerRow).where(col(LearnerRow.due_on) <= today)
    return await session.scalar(statement) or 0


async def vacancies(
    session: AsyncSession, ids: Collection[UUID], employer_ids: Collection[UUID]
) -> dict[UUID, VacancyRow]:
    """The vacancies of *ids*, new ones as empty rows, and all of *employer_ids*, locked."""
    if ids:
        blank = [{"vacancy_id": i, "cells": {}, "posted": {}} for i in sorted(ids)]
        await session.execute(insert(VacancyRow).on_conflict_do_nothing(), blank)
    found = await session.scalars(
        select(VacancyRow)
        .where(col(VacancyRow.vacancy_id).in_(ids) | col(VacancyRow.employer_id).in_(employer_ids))
        .order_by(col(VacancyRow.vacancy_id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {row.vacancy_id: row for row in found}


async def joint_members(session: AsyncSession, keys: Collection[str]) -> list[VacancyRow]:
    """The vacancies others know as members of the joint pledges *keys*, by id."""
    key = col(VacancyRow.posted)["profile"]["joint_pledge"].astext
    found = await session.scalars(
        select(VacancyRow).where(key.in_(keys)).order_by(col(VacancyRow.vacancy_id))
    )
    return list(found)


async def employer_ids_of(session: AsyncSession, ids: Collection[UUID]) -> set[UUID]:
    """The employers of vacancies already known."""
    found = await session.scalars(
        select(col(VacancyRow.employer_id)).where(
            col(VacancyRow.vacancy_id).in_(ids), col(VacancyRow.employer_id).is_not(None)
        )
    )
    return {employer_id for employer_id in found if employer_id}


async def employers(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, EmployerRow]:
    """The employers of *ids*, locked; new ones as empty rows."""
    if not ids:
        return {}
    blank = [{"employer_id": i, "cells": {}} for i in sorted(ids)]
    await session.execute(insert(EmployerRow).on_conflict_do_nothing(), blank)
    found = await session.scalars(
        select(EmployerRow)
        .where(col(EmployerRow.employer_id).in_(ids))
        .order_by(col(EmployerRow.employer_id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {row.employer_id: row for row in found}


async def related(
    session: AsyncSession, rows: Iterable[LearnerRow]
) -> dict[UUID, set[tuple[UUID, str]]]:
    """For each of *rows* the other learners that may be the same person, and why."""
    touched = list(rows)
    digests = {row.uln_digest for row in touched if row.uln_digest}
    ids = {row.learner_id for row in touched}
    found = await session.execute(
        select(
            col(LearnerRow.learner_id), col(LearnerRow.uln_digest), col(LearnerRow.previous_id)
        ).where(
            col(LearnerRow.uln_digest).in_(digests)
            | col(LearnerRow.previous_id).in_(ids)
            | col(LearnerRow.learner_id).in_({r.previous_id for r in touched if r.previous_id})
        )
    )
    others = list(found)
    return {
        row.learner_id: {
            (other, "uln" if row.uln_digest and digest == row.uln_digest else "reference")
            for other, digest, previous in others
            if other != row.learner_id
            and (
                (row.uln_digest is not None and digest == row.uln_digest)
                or previous == row.learner_id
                or other == row.previous_id
            )
        }
        for row in touched
    }


async def newest_return(session: AsyncSession, seen: Return) -> Return:
    """The newest return of the provider's year, *seen* among them, locked."""
    statement = insert(ReturnRow).values(ukprn=seen.ukprn, year=seen.year, at=seen.at, by=seen.by)
    newer = tuple_(col(ReturnRow.at), col(ReturnRow.by)) < tuple_(
        statement.excluded.at, statement.excluded.by
    )
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["ukprn", "year"],
            set_={"at": statement.excluded.at, "by": statement.excluded.by},
            where=newer,
        )
    )
    row = await session.get_one(ReturnRow, (seen.ukprn, seen.year), with_for_update=True)
    return Return(row.ukprn, row.year, row.at, row.by)


async def learners_of_year(session: AsyncSession, ukprn: str, year: str) -> Sequence[LearnerRow]:
    """Every learner any return of the provider's year has had."""
    found = await session.scalars(
        select(LearnerRow)
        .where(col(LearnerRow.ukprn) == ukprn, col(LearnerRow.seen_year) == year)
        .order_by(col(LearnerRow.learner_id))
    )
    return found.all()


async def first_delivery(session: AsyncSession, source: str, event_id: str) -> bool:
    """Whether an event of this source and id is new; it is remembered."""
    first = await session.scalar(
        insert(Inbox)
        .values(consumer="http", source=source, id=event_id)
        .on_conflict_do_nothing()
        .returning(col(Inbox.id))
    )
    return first is not None


async def forget_facts(session: AsyncSession, learner_id: UUID) -> None:
    """Take a learner's events out of the outbox, sent or not."""
    await session.execute(delete(Outbox).where(col(Outbox.aggregateid) == str(learner_id)))


async def _locked_learners(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, LearnerRow]:
    found = await session.scalars(
        select(LearnerRow)
        .where(col(LearnerRow.learner_id).in_(ids))
        .order_by(col(LearnerRow.learner_id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {row.learner_id: row for row in found}
