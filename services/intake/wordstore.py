"""SQL of the queue of words for skills nobody knows: who says them, and which wait."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.intake.tables import SkillWordRow

# of a learner or vacancy: plain word -> (as written, kind of source)
Said = Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A word that waits: as mostly written, how many records say it, by kind of source."""

    word: str
    written: str
    times: int
    sources: Mapping[str, int]
    since: datetime


async def settle(session: AsyncSession, said: Mapping[UUID, Said]) -> None:
    """
    Leave exactly the words of *said* in the queue for each learner or vacancy in it.

    So a word counts once a record, whatever comes twice; whoever calls holds their rows' locks.
    """
    if not said:
        return
    found = await session.scalars(
        select(SkillWordRow).where(col(SkillWordRow.about).in_(list(said)))
    )
    held = {(row.about, row.word): (row.written, row.source) for row in found}
    wanted = {(about, word): how for about, words in said.items() for word, how in words.items()}
    for about, word in sorted(held.keys() - wanted.keys()):
        gone = (col(SkillWordRow.about) == about) & (col(SkillWordRow.word) == word)
        await session.execute(delete(SkillWordRow).where(gone))
    new = [
        {"about": about, "word": word, "written": how[0], "source": how[1]}
        for (about, word), how in sorted(wanted.items())
        if held.get((about, word)) != how
    ]
    if new:
        statement = insert(SkillWordRow)
        changed = {name: statement.excluded[name] for name in ("written", "source")}
        await session.execute(
            statement.on_conflict_do_update(index_elements=["about", "word"], set_=changed), new
        )


async def waiting(session: AsyncSession, limit: int = 500) -> list[Waiting]:
    """The words of the queue, those most records say first."""
    times = func.count().label("times")
    rows = await session.execute(
        select(
            col(SkillWordRow.word),
            func.mode().within_group(col(SkillWordRow.written)).label("written"),
            times,
            func.min(col(SkillWordRow.seen_at)).label("since"),
        )
        .group_by(col(SkillWordRow.word))
        .order_by(times.desc(), col(SkillWordRow.word))
        .limit(limit)
    )
    found = list(rows)
    sources = await _sources(session, [row.word for row in found])
    return [
        Waiting(row.word, row.written, row.times, sources[row.word], row.since) for row in found
    ]


async def waiting_count(session: AsyncSession) -> int:
    """How many words wait."""
    distinct = func.count(func.distinct(col(SkillWordRow.word)))
    return await session.scalar(select(distinct)) or 0


async def _sources(session: AsyncSession, words: Sequence[str]) -> dict[str, dict[str, int]]:
    rows = await session.execute(
        select(col(SkillWordRow.word), col(SkillWordRow.source), func.count())
        .where(col(SkillWordRow.word).in_(words))
        .group_by(col(SkillWordRow.word), col(SkillWordRow.source))
        .order_by(col(SkillWordRow.source))
    )
    found: dict[str, dict[str, int]] = {word: {} for word in words}
    for word, source, times in rows:
        found[word][source] = times
    return found
