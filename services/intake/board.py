"""The vacancies of one batch: statements merged, each vacancy judged, facts of what changed."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from schemas.vacancy import VacancyEvent
from services.contacts.records import Employer
from services.intake.cells import Cells, Stamp, merged, values
from services.intake.facts import Times
from services.intake.identities import bare
from services.intake.judging import DISCRIMINATORY, FOR_A_PERSON, NO_PLEDGE, Book, Judged, judge
from services.intake.lexicon import Current
from services.intake.report import Row, Verdict
from services.intake.skills import notes
from services.intake.statements import StandingPledge, VacancyStatement
from services.intake.tables import EmployerRow, VacancyRow
from services.intake.taskstore import Need
from services.intake.vacancies import VacancyView, facts, shown, unknown_words
from services.intake.wordstore import Said

PLEDGE = "pledge"
# a name without an address must never replace one with an address
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Board:
    """The locked rows of one batch, and what comes of its statements."""

    def __init__(
        self,
        *,
        book: Book,
        known: Current,
        rows: dict[UUID, VacancyRow],
        employers: dict[UUID, EmployerRow],
    ) -> None:
        self.book = book
        self.known = known
        self.rows = rows
        self.employers = employers
        self.events: list[VacancyEvent] = []
        self.judged: dict[UUID, Judged] = {}
        self._contacts: dict[UUID, tuple[Stamp, Employer]] = {}

    @property
    def contacts(self) -> list[tuple[datetime, Employer]]:
        """The newest contact of each employer of the batch, with its time, by id."""
        return [
            (stamp.at if employer.email else LONG_AGO, employer)
            for _, (stamp, employer) in sorted(self._contacts.items())
        ]

    def take(self, statement: VacancyStatement | StandingPledge) -> Row:
        """What becomes of *statement*."""
        if isinstance(statement, StandingPledge):
            return self._stand(statement)
        row = self.rows[statement.vacancy_id]
        merge = merged(row.cells, statement.given, statement.stamp)
        changed = values(merge.cells) != values(row.cells)
        fresh = merge.cells.get("advert") != row.cells.get("advert")
        row.cells = merge.cells
        if statement.reference:
            row.reference = bare(statement.reference)
        if fresh and statement.employer:
            row.employer_id = statement.employer.employer_id
            self._meet(statement.employer, statement.stamp)
        made = self._announce(row, statement.stamp.at)
        if not (made or changed) and not merge.won:
            rule = "same-time" if merge.clashed else "older"
            return self._row(row, statement, Verdict.UNCHANGED, rule, "a later record stays")
        return self._taken(row, statement, made, changed=changed)

    def reread(self) -> int:
        """Read each row behind the known version with it; how many had something to say."""
        behind = [row for row in self._by_id() if row.mapped_by < self.known.number]
        return sum(bool(self._announce(row, self.known.since)) for row in behind)

    def unknown(self, vacancy_id: UUID) -> Said:
        """The words of a vacancy that are no skill."""
        return unknown_words(values(self.rows[vacancy_id].cells), self.known.book)

    def needs(self, vacancy_id: UUID) -> list[Need]:
        """What a coordinator must settle on a vacancy; of a draft only its words."""
        holds = self.judged[vacancy_id].holds
        draft = any(note.rule == NO_PLEDGE for note in holds)
        kinds = (DISCRIMINATORY,) if draft else FOR_A_PERSON
        return [Need(note.rule, vacancy_id, note.words) for note in holds if note.rule in kinds]

    def _stand(self, statement: StandingPledge) -> Row:
        row = self.employers[statement.employer_id]
        merge = merged(row.cells, {PLEDGE: dict(statement.pledge)}, statement.stamp)
        changed = values(merge.cells) != values(row.cells)
        row.cells = merge.cells
        mine = [r for r in self._by_id() if r.employer_id == statement.employer_id]
        made = [event for r in mine for event in self._announce(r, statement.stamp.at)]
        verdict = Verdict.ACCEPTED if changed or made else Verdict.UNCHANGED
        released = sum(type(event).__name__ == "VacancyPledged" for event in made)
        return Row(
            place=statement.place,
            verdict=verdict,
            rule=None if merge.won else "older",
            words=f"standing pledge; {released} vacancies released" if changed else "",
            about=statement.employer_id,
            event_id=made[0].event_id if made else None,
        )

    def _announce(self, row: VacancyRow, at: datetime) -> list[VacancyEvent]:
        standing = self._standing(row.employer_id)
        verdict = judge(values(row.cells), standing, self.book, self.known.book)
        before = VacancyView.of(row.posted)
        after, times = shown(before, verdict), Times(at, row.fact_at)
        made = facts(row.vacancy_id, before, after, times)
        row.posted, row.fact_at = after.as_json(), times.last
        first = verdict.holds[0] if verdict.holds else None
        row.rule, row.words = (first.rule, first.words) if first else (None, None)
        row.mapped_by = self.known.number
        self.judged[row.vacancy_id] = verdict
        self.events.extend(made)
        return made

    def _standing(self, employer_id: UUID | None) -> dict[str, Any] | None:
        row = self.employers.get(employer_id) if employer_id else None
        cells: Cells = row.cells if row else {}
        pledge: dict[str, Any] | None = values(cells).get(PLEDGE)
        return pledge

    def _meet(self, employer: Employer, stamp: Stamp) -> None:
        held = self._contacts.get(employer.employer_id)
        if held is None or (employer.email is not None, stamp) >= (
            held[1].email is not None,
            held[0],
        ):
            self._contacts[employer.employer_id] = (stamp, employer)

    def _by_id(self) -> Iterable[VacancyRow]:
        return [self.rows[key] for key in sorted(self.rows)]

    def _taken(
        self,
        row: VacancyRow,
        statement: VacancyStatement,
        made: Sequence[VacancyEvent],
        *,
        changed: bool,
    ) -> Row:
        verdict = self.judged[row.vacancy_id]
        if "advert" not in statement.given:
            words = verdict.holds[0].words if verdict.holds else _names(made)
            rule = verdict.holds[0].rule if verdict.holds else None
            kept = Verdict.ACCEPTED if changed or made else Verdict.UNCHANGED
            return self._row(row, statement, kept, rule, words, made)
        if verdict.holds:
            rule, words = verdict.holds[0].rule, _with_wage(verdict)
            return self._row(row, statement, Verdict.QUARANTINED, rule, words, made)
        kept = Verdict.ACCEPTED if changed or made else Verdict.UNCHANGED
        return self._row(row, statement, kept, None, _names(made), made)

    def _row(  # noqa: PLR0913, PLR0917 - a report's row is wide
        self,
        row: VacancyRow,
        statement: VacancyStatement,
        verdict: Verdict,
        rule: str | None,
        words: str,
        made: Sequence[VacancyEvent] = (),
    ) -> Row:
        found = self.judged[row.vacancy_id]
        wage = found.wage
        return Row(
            place=statement.place,
            verdict=verdict,
            rule=rule,
            words=words,
            about=row.vacancy_id,
            reference=statement.reference,
            event_id=made[0].event_id if made else None,
            wage=wage.wage.model_dump(mode="json") | {"words": wage.words} if wage else None,
            also=found.holds[1:],
            notes=(*statement.notes, *notes(self.known.book.read(_skills(statement)))),
        )


def _with_wage(verdict: Judged) -> str:
    """The first hold's words, and how the wage stands where they do not say it."""
    words, found = verdict.holds[0].words, verdict.wage
    if found is None or found.words in words:
        return words
    young, adult = found.wage.aged_18_to_20, found.wage.aged_21_up
    return f"{words}; wage {young} at 18-20, {adult} from 21: {found.words}"


def _skills(statement: VacancyStatement) -> Sequence[str]:
    advert = statement.given.get("advert")
    return advert["skills"] if advert else ()


def _names(made: Sequence[VacancyEvent]) -> str:
    return ", ".join(type(event).__name__ for event in made)
