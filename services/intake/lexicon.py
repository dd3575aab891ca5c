"""Which skills hold now: the newest version in the database, kept ready between uses."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from sqlalchemy.ext.asyncio import AsyncSession

from services.intake import skillstore
from services.intake.dumps import read
from services.intake.packaged import content
from services.intake.skills import SkillBook
from services.intake.tables import SkillVersionRow
from services.intake.taxonomy import Taxonomy
from services.intake.ties import Import, taken_in

FILES = ("skills.toml", "standards.toml")
OURS = "service:intake"
BEFORE_ANY = 0
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Current:
    """The version that holds, its number in their order, and since when."""

    number: int
    since: datetime
    book: SkillBook


@cache
def packaged() -> Taxonomy:
    """The skills and standards that ship with this code; raises ValueError if a row is wrong."""
    name_only = read(content(FILES[0]), FILES[0]).found.model_copy(update={"skills": ()})
    found = name_only
    for file in FILES:
        imported = taken_in(found, read(content(file), file))
        if imported.refused:
            first = imported.refused[0]
            raise ValueError(f"{first.place}: {first.words}")
        found = imported.taxonomy
    return found


@cache
def packaged_book() -> SkillBook:
    """The packaged taxonomy, with nothing ruled."""
    return SkillBook(packaged())


class Lexicon:
    """
    The skills of the version that holds, read anew only when another one does.

    Ask it after the rows at hand are locked: a version made later finds those rows behind it.
    """

    def __init__(self) -> None:
        self._held: Current | None = None

    async def current(self, session: AsyncSession) -> Current:
        """The version that holds; the packaged skills before the first."""
        row = await skillstore.newest(session)
        number = row.number if row and row.number else BEFORE_ANY
        if self._held is None or self._held.number != number:
            first = Current(number, LONG_AGO, packaged_book())
            self._held = await _current(session, row) if row else first
        return self._held

    async def adopt(self, session: AsyncSession) -> None:
        """Take in the packaged files where there is no version, or theirs is a higher edition."""
        row = await begin(session)
        known = await skillstore.taxonomy(session, row.digest)
        if known.name == packaged().name and known.edition < packaged().edition:
            why = f"edition {packaged().edition} of the packaged skills"
            await renew(session, known.renewed(packaged()), why=why, account=OURS)


async def begin(session: AsyncSession) -> SkillVersionRow:
    """The version that holds, while no other is made; the packaged skills become the first."""
    await skillstore.lock(session)
    row = await skillstore.newest(session)
    return row or await renew(session, packaged(), why="the packaged skills", account=OURS)


async def renew(
    session: AsyncSession, taxonomy: Taxonomy, *, why: str, account: str
) -> SkillVersionRow:
    """Make *taxonomy* with all rulings the version that holds; the caller holds the lock."""
    rulings = await skillstore.rulings(session)
    version = taxonomy.version(rulings)
    return await skillstore.add_version(session, taxonomy, version, why=why, account=account)


async def import_file(
    session: AsyncSession, name: str, body: bytes, *, account: str
) -> tuple[Import, Current]:
    """What became of the file *name*, and the version that holds then; raises FileUnreadable."""
    dump = read(body, name)
    lexicon = Lexicon()
    await begin(session)
    before = await lexicon.current(session)
    imported = taken_in(before.book.taxonomy, dump)
    if imported.taxonomy.digest() != before.book.taxonomy.digest():
        await renew(session, imported.taxonomy, why=f"import of {name}", account=account)
    return imported, await lexicon.current(session)


async def _current(session: AsyncSession, row: SkillVersionRow) -> Current:
    rulings = await skillstore.rulings(session)
    if row.digest == packaged().digest():
        book = SkillBook(packaged(), rulings) if rulings else packaged_book()
    else:
        book = SkillBook(await skillstore.taxonomy(session, row.digest), rulings)
    return Current(row.number or 0, skillstore.made_at(row), book)
