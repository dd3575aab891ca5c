"""Taking statements about learners: cells merged, facts posted, names to contacts, tasks raised."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from schemas.learner import LearnerEvent
from services.contacts import store as contacts
from services.contacts.records import Person
from services.contacts.vault import Vault
from services.delivery.outbox import post
from services.intake import checks, skillstore, store, taskstore, wordstore
from services.intake.cells import Merge, merged, values
from services.intake.facts import Times
from services.intake.learners import LearnerView, due_on, facts, seen, unknown_words
from services.intake.lexicon import Current, Lexicon
from services.intake.programmes import Programmes
from services.intake.report import Reread, Row, Verdict
from services.intake.skills import notes
from services.intake.statements import ErasureStatement, LearnerStatement
from services.intake.tables import LearnerRow
from services.intake.taskstore import SAME_PERSON, Need

PERSON = "person"
ERASED = "erased"
ULN = "uln"
PREVIOUS = "previous"
WHY = {
    "uln": "two learner records have the same ULN: are they one person?",
    "reference": "a provider gave a learner a new reference: are both records one person?",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnerDesk:
    """Everything in the caller's transaction; *today* is the day recorded ends are judged by."""

    vault: Vault
    programmes: Programmes
    lexicon: Lexicon
    today: Callable[[], date]

    async def take(
        self, session: AsyncSession, statements: Sequence[LearnerStatement | ErasureStatement]
    ) -> list[Row]:
        """A row for each of *statements*, in their order."""
        if not statements:
            return []
        ukprns = {statement.learner_id: statement.ukprn for statement in statements}
        rows = await store.learners(session, ukprns)
        known = await self.lexicon.current(session)
        out: list[Row] = []
        events: list[LearnerEvent] = []
        people: list[tuple[datetime, Person]] = []
        for statement in statements:
            row = rows[statement.learner_id]
            if isinstance(statement, ErasureStatement):
                out.append(await self._erase(session, row, statement, known, events))
            else:
                out.append(self._learn(row, statement, known, events, people))
        for at, kept in groupby(sorted(people, key=lambda pair: pair[0]), key=lambda pair: pair[0]):
            newest = {person.learner_id: person for _, person in kept}
            await contacts.save_people(session, self.vault, newest.values(), as_of=at)
        await self._say(session, rows.values(), known, events)
        await self._propose_merges(session, rows.values())
        return out

    async def reach_due(self, session: AsyncSession, limit: int = 500) -> int:
        """Announce the ends recorded ahead that are now reached; how many learners were due."""
        rows = await store.due_learners(session, self.today(), limit)
        known = await self.lexicon.current(session)
        at = datetime.combine(self.today(), datetime.min.time(), UTC)
        await self._announce_all(session, rows.values(), at, known)
        return len(rows)

    async def reread(self, session: AsyncSession, limit: int = 200) -> Reread:
        """Read the words of rows behind the version of the skills that holds; say what changed."""
        known = await self.lexicon.current(session)
        rows = await skillstore.learners_behind(session, known.number, limit)
        changed = await self._announce_all(session, rows.values(), known.since, known)
        return Reread(len(rows), changed)

    async def _announce_all(
        self, session: AsyncSession, rows: Collection[LearnerRow], at: datetime, known: Current
    ) -> int:
        """Post what others have not heard of *rows*; how many of them had something to say."""
        events: list[LearnerEvent] = []
        saying = [row for row in rows if self._announce(row, at, known, events)]
        await self._say(session, rows, known, events)
        return len(saying)

    async def _say(
        self,
        session: AsyncSession,
        rows: Iterable[LearnerRow],
        known: Current,
        events: Sequence[LearnerEvent],
    ) -> None:
        await post(session, *events)
        said = {
            row.learner_id: unknown_words(values(row.cells), self.programmes, known.book)
            for row in rows
        }
        await wordstore.settle(session, said)

    def _learn(
        self,
        row: LearnerRow,
        statement: LearnerStatement,
        known: Current,
        events: list[LearnerEvent],
        people: list[tuple[datetime, Person]],
    ) -> Row:
        if ERASED in row.cells:
            return _row(statement, Verdict.IGNORED, ERASED, "this learner asked to be forgotten")
        merge = merged(row.cells, self._given(statement), statement.stamp)
        named = merge.cells.get(PERSON) != row.cells.get(PERSON)
        changed = values(merge.cells) != values(row.cells) or named
        row.cells = merge.cells
        if statement.person and named:
            people.append((statement.stamp.at, statement.person))
        _mark(row, statement)
        made = self._announce(row, statement.stamp.at, known, events)
        read = notes(known.book.read(statement.given.get("skills") or ()))
        noted = replace(statement, notes=(*statement.notes, *read))
        return _taken(row, noted, merge, made, changed=changed)

    def _announce(
        self, row: LearnerRow, at: datetime, known: Current, events: list[LearnerEvent]
    ) -> list[LearnerEvent]:
        said, today = values(row.cells), self.today()
        before = LearnerView.of(row.posted)
        after = seen(said, self.programmes, known.book, today)
        times = Times(at, row.fact_at)
        made = facts(row.learner_id, before, after, times)
        row.posted, row.fact_at, row.due_on = after.as_json(), times.last, due_on(said, today)
        row.mapped_by = known.number
        events.extend(made)
        return made

    def _given(self, statement: LearnerStatement) -> dict[str, Any]:
        """The statement's cells, with the ULN as a digest and the former id beside them."""
        given = dict(statement.given)
        if statement.person:
            given[PERSON] = True
        if statement.uln and checks.uln_is_valid(statement.uln):
            given[ULN] = self.vault.digest(statement.uln).hex()
        if statement.previous_id:
            given[PREVIOUS] = str(statement.previous_id)
        return given

    async def _erase(
        self,
        session: AsyncSession,
        row: LearnerRow,
        statement: ErasureStatement,
        known: Current,
        events: list[LearnerEvent],
    ) -> Row:
        already = ERASED in row.cells
        if not already:
            events[:] = [event for event in events if event.learner_id != row.learner_id]
            await store.forget_facts(session, row.learner_id)
            await contacts.erase(session, row.learner_id)
            at, by = statement.stamp.key
            row.cells = {ERASED: [at, by, True]}
            row.uln_digest = row.previous_id = None
            self._announce(row, statement.stamp.at, known, events)
        verdict = Verdict.UNCHANGED if already else Verdict.ACCEPTED
        return Row(place=statement.place, verdict=verdict, words="forgotten", about=row.learner_id)

    async def _propose_merges(self, session: AsyncSession, rows: Iterable[LearnerRow]) -> None:
        touched = list(rows)
        if not touched:
            return
        others = await store.related(session, touched)
        needs = [
            Need(SAME_PERSON, *_pair(learner_id, WHY[why], other))
            for learner_id, found in others.items()
            for other, why in sorted(found)
        ]
        await taskstore.settle(session, needs, kinds=[SAME_PERSON], about=list(others))


def _mark(row: LearnerRow, statement: LearnerStatement) -> None:
    """Bring the columns that are searched by up to the cells, and note the newest return."""
    said, found = values(row.cells), statement.seen
    row.uln_digest = bytes.fromhex(said[ULN]) if ULN in said else None
    row.previous_id = UUID(said[PREVIOUS]) if PREVIOUS in said else None
    if found and (row.seen_at is None or (row.seen_at, row.seen_by) < (found.at, found.by)):
        row.seen_year, row.seen_at, row.seen_by = found.year, found.at, found.by


def _pair(one: UUID, words: str, other: UUID) -> tuple[UUID, str, UUID]:
    first, second = sorted((one, other))
    return first, words, second


def _taken(
    row: LearnerRow,
    statement: LearnerStatement,
    merge: Merge,
    made: Sequence[LearnerEvent],
    *,
    changed: bool,
) -> Row:
    if not (made or changed):
        if merge.clashed:
            words = ("another record with the same time says something else and stays: "
                     "give this one a later date, time or serial number")  # fmt: skip
            return _row(statement, Verdict.UNCHANGED, "same-time", words)
        rule = None if merge.won else "older"
        return _row(statement, Verdict.UNCHANGED, rule, "a later record stays" if rule else "")
    if row.posted.get("profile") is None:
        return _row(statement, Verdict.ACCEPTED, None, "kept until a record names the course")
    names = ", ".join(type(event).__name__ for event in made) or "kept"
    return _row(statement, Verdict.ACCEPTED, None, names, made[0].event_id if made else None)


def _row(
    statement: LearnerStatement,
    verdict: Verdict,
    rule: str | None,
    words: str,
    event_id: UUID | None = None,
) -> Row:
    return Row(
        place=statement.place,
        verdict=verdict,
        rule=rule,
        words=words,
        about=statement.learner_id,
        reference=statement.reference,
        event_id=event_id,
        notes=statement.notes,
    )
