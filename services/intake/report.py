"""What became of each row: the same words on every way in."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID


class Verdict(StrEnum):
    ACCEPTED = "accepted"
    UNCHANGED = "unchanged"
    IGNORED = "ignored"
    QUARANTINED = "quarantined"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Note:
    """A rule by its id, and what it says here; never a personal value."""

    rule: str
    words: str

    def as_json(self) -> dict[str, str]:
        return {"rule": self.rule, "words": self.words}


@dataclass(frozen=True, slots=True)
class Reread:
    """How many rows were read with newer skills, and of how many others heard something new."""

    seen: int
    changed: int


def unfit(number: int) -> list[Note]:
    """That *number* texts are no skill's words; what they say is not repeated."""
    words = "left out: a skill is a few plain words, without an address or a number"
    return [Note("skill-text", f"{number} {words}")] if number else []


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """
    One learner, vacancy or pledge of the input.

    ``also`` are further rules that hold it; ``notes`` warn and hold nothing.
    """

    place: str
    verdict: Verdict
    rule: str | None = None
    words: str = ""
    about: UUID | None = None
    reference: str | None = None
    event_id: UUID | None = None
    wage: dict[str, Any] | None = None
    also: tuple[Note, ...] = ()
    notes: tuple[Note, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The row of a report; ``reference`` is the uploader's own and shown to nobody else."""
        row: dict[str, Any] = {
            "place": self.place,
            "verdict": self.verdict.value,
            "rule": self.rule,
            "words": self.words,
            "about": str(self.about) if self.about else None,
            "reference": self.reference,
            "also": [note.as_json() for note in self.also],
            "notes": [note.as_json() for note in self.notes],
        }
        return row | ({"wage": self.wage} if self.wage else {})


@dataclass(slots=True)
class Report:
    """The rows of one or more files."""

    rows: list[Row] = field(default_factory=list)
    dry_run: bool = False

    def add(self, rows: Sequence[Row]) -> None:
        self.rows.extend(rows)

    @property
    def counts(self) -> dict[str, int]:
        """How many rows have each verdict, every verdict named."""
        found = Counter(row.verdict for row in self.rows)
        return {verdict.value: found[verdict] for verdict in Verdict}

    def as_json(self) -> dict[str, Any]:
        return {
            "dry_run": self.dry_run,
            "counts": self.counts,
            "rows": [row.as_json() for row in self.rows],
        }
