"""What a system did, as far as one must know it to judge it: ids, places, times; no contents."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from schemas.learner import LearnerErased

ERASED = LearnerErased.ce_type()


class Partition(NamedTuple):
    """A partition of a topic."""

    topic: str
    number: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.number}"


class Spot(NamedTuple):
    """Where a record is in its topic."""

    topic: str
    number: int
    offset: int

    @property
    def partition(self) -> Partition:
        return Partition(self.topic, self.number)

    def __str__(self) -> str:
        return f"{self.topic}/{self.number}/{self.offset}"


class Fact(NamedTuple):
    """A fact's place in the order of facts."""

    at: datetime
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """
    One row of a service's outbox: what was accepted, and where it was last acknowledged.

    *matches*, *interviews*, *pool* and *version* are what its event says of them, where it does.
    """

    service: str
    seq: int
    id: str
    topic: str
    key: str
    type: str
    occurred_at: datetime
    spot: Spot | None = None
    published: bool = False
    parked: bool = False
    matches: tuple[str, ...] = ()
    interviews: int | None = None
    pool: str | None = None
    version: int | None = None

    @property
    def fact(self) -> Fact:
        return Fact(self.occurred_at, self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """
    One record of a topic.

    *type* is None where its frame does not say, *readable* False where a handler could not be
    given it; *key* is what its event is about, and *flaw* says what it holds that no event of
    ours may hold.
    """

    spot: Spot
    id: str
    type: str | None
    key: str = ""
    readable: bool = True
    flaw: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One row of an inbox: an effect."""

    group: str
    source: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dead:
    """A dead letter of a group, made of what was at *spot*."""

    group: str
    spot: Spot
    id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One row of the notifier's letters; *due* if it should be on its way by now."""

    letter_id: str
    cause: str
    recipient: str
    template: str
    state: str
    fence: int = 0
    attempts: int = 0
    due: bool = False


class Row(NamedTuple):
    """A group of columns of one row, which one kind of fact changes."""

    group: str
    columns: str
    key: str

    def __str__(self) -> str:
        return f"{self.group} {self.columns} {self.key}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """How far a market is, and the revisions of its rounds in the order they were made."""

    market: str
    revision: int
    round_revision: int
    reload_from: int = 0
    highest_row: int = 0
    rounds: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Screens:
    """How far review is with a vacancy: its version, and the versions it kept."""

    vacancy_id: str
    version: int
    kept: int
    highest: int
    shortlist_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """
    The other side, which only a test knows.

    *answered*: by what a 2xx said it is about (learner, vacancy), how many events intake owes
    for it, 0 for at least one. *maybe*: what was handed in without an answer. *mails*: how often
    each letter is in the sink, by its id, read before everything else.
    """

    answered: Mapping[str, int] | None = None
    maybe: frozenset[str] = frozenset()
    mails: Mapping[str, int] | None = None


@dataclass(frozen=True, kw_only=True)
class History:
    """
    One look at a system.

    Taken in this order: *committed*, *ends*, then everything of the database at one moment, then
    topics up to *ends*. So what comes before in the way of an event is looked at after, and what
    is younger than the look is told apart from what is missing. *reading* says which types of a
    topic each group handles, *settled* how somebody dealt with a dead letter: replayed, discarded.
    """

    reading: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)
    committed: Mapping[tuple[str, Partition], int] = field(default_factory=dict)
    starts: Mapping[Partition, int] = field(default_factory=dict)
    ends: Mapping[Partition, int] = field(default_factory=dict)
    posted: tuple[Posted, ...] = ()
    records: tuple[Record, ...] = ()
    taken: tuple[Taken, ...] = ()
    dead: tuple[Dead, ...] = ()
    settled: Mapping[tuple[str, Spot], str] = field(default_factory=dict)
    letters: tuple[Letter, ...] = ()
    stored: Mapping[Row, Fact] = field(default_factory=dict)
    shortlists: Mapping[str, int] = field(default_factory=dict)
    markets: tuple[Market, ...] = ()
    screens: tuple[Screens, ...] = ()
    due: tuple[str, ...] = ()
    client: Client = Client()

    @cached_property
    def rows(self) -> dict[str, Posted]:
        """Outbox rows by the event's id."""
        return {row.id: row for row in self.posted}

    @cached_property
    def erased(self) -> set[str]:
        """Learners who were forgotten: of them intake kept no row but that they were."""
        return {row.key for row in self.posted if row.type == ERASED}

    @cached_property
    def last(self) -> dict[str, Spot]:
        """Where each event was written last."""
        return {record.id: record.spot for record in self.records if record.id}

    @cached_property
    def readers(self) -> dict[str, set[str]]:
        """The types each group handles."""
        found: dict[str, set[str]] = {}
        for groups in self.reading.values():
            for group, types in groups.items():
                found.setdefault(group, set()).update(types)
        return found

    @cached_property
    def effects(self) -> dict[str, set[str]]:
        """The events each group has had."""
        found: dict[str, set[str]] = {group: set() for group in self.readers}
        for row in self.taken:
            found.setdefault(row.group, set()).add(row.id)
        return found
