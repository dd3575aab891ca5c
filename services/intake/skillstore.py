"""SQL of the skills' versions: bodies, rulings, which version holds, and rows behind it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.intake.tables import (
    LearnerRow,
    SkillRulingRow,
    SkillVersionRow,
    TaxonomyRow,
    VacancyRow,
)
from services.intake.taxonomy import Ruling, Taxonomy

# versions are numbered in the order in which they hold: one is made at a time
ONE_AT_A_TIME = text("select pg_advisory_xact_lock(hashtext('intake.skill_version'))")


async def lock(session: AsyncSession) -> None:
    """Make versions alone until the end of the transaction."""
    await session.execute(ONE_AT_A_TIME)


async def newest(session: AsyncSession) -> SkillVersionRow | None:
    """The version that holds; None before the first."""
    number = col(SkillVersionRow.number)
    found: SkillVersionRow | None = await session.scalar(
        select(SkillVersionRow).order_by(number.desc()).limit(1)
    )
    return found


async def versions(session: AsyncSession, limit: int) -> Sequence[SkillVersionRow]:
    """The last versions, newest first."""
    number = col(SkillVersionRow.number)
    found = await session.scalars(select(SkillVersionRow).order_by(number.desc()).limit(limit))
    return found.all()


async def add_version(
    session: AsyncSession, taxonomy: Taxonomy, version: str, *, why: str, account: str
) -> SkillVersionRow:
    """Let *taxonomy*, known with the rulings as *version*, hold from now on."""
    digest = taxonomy.digest()
    body = taxonomy.model_dump(mode="json")
    await session.execute(
        insert(TaxonomyRow).values(digest=digest, body=body).on_conflict_do_nothing()
    )
    row = SkillVersionRow(version=version, digest=digest, why=why, account=account)
    session.add(row)
    await session.flush()
    await session.refresh(row)
    return row


async def taxonomy(session: AsyncSession, digest: str) -> Taxonomy:
    """The taxonomy of *digest*."""
    row = await session.get_one(TaxonomyRow, digest)
    return Taxonomy.model_validate(row.body)


async def rulings(session: AsyncSession) -> list[Ruling]:
    """Every word that was ruled on, by its word."""
    rows = await session.scalars(select(SkillRulingRow).order_by(col(SkillRulingRow.word)))
    return [
        Ruling.model_validate(row.model_dump(include={"word", "kind", "skill", "label"}))
        for row in rows
    ]


async def save_ruling(session: AsyncSession, ruling: Ruling, *, account: str) -> None:
    """Rule on a word; a later ruling replaces an earlier one."""
    said = ruling.model_dump() | {"account": account}
    statement = insert(SkillRulingRow).values(said)
    await session.execute(statement.on_conflict_do_update(index_elements=["word"], set_=said))


async def learners_behind(session: AsyncSession, number: int, limit: int) -> dict[UUID, LearnerRow]:
    """Learners read with a version before *number*, locked; rows another holds are left to it."""
    found = await session.scalars(
        select(LearnerRow)
        .where(col(LearnerRow.mapped_by) < number)
        .order_by(col(LearnerRow.mapped_by), col(LearnerRow.learner_id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return {row.learner_id: row for row in found}


async def vacancies_behind(
    session: AsyncSession, number: int, limit: int
) -> list[tuple[UUID, UUID | None]]:
    """Vacancies read with a version before *number*, each with its employer; nothing is locked."""
    found = await session.execute(
        select(col(VacancyRow.vacancy_id), col(VacancyRow.employer_id))
        .where(col(VacancyRow.mapped_by) < number)
        .order_by(col(VacancyRow.mapped_by), col(VacancyRow.vacancy_id))
        .limit(limit)
    )
    return [(vacancy_id, employer_id) for vacancy_id, employer_id in found]


async def behind(session: AsyncSession) -> int:
    """How many learners and vacancies are still to be read with the version that holds."""
    row = await newest(session)
    if row is None or row.number is None:
        return 0
    counts = [
        select(func.count()).select_from(table).where(col(table.mapped_by) < row.number)
        for table in (LearnerRow, VacancyRow)
    ]
    return sum([await session.scalar(count) or 0 for count in counts])


def made_at(row: SkillVersionRow) -> datetime:
    """When a version began to hold."""
    return (row.made_at or datetime.min.replace(tzinfo=UTC)).astimezone(UTC)
