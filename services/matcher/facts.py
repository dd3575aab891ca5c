"""Groups of facts: what of a row changes together, and whose order is their own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from operator import attrgetter
from typing import Literal
from uuid import UUID

from schemas.envelope import Event

Value = str | int | bool | date | UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """
    Columns of *table* that one fact sets together, with their PostgreSQL types.

    The row remembers the last fact of the group in ``<name>_at`` and ``<name>_id``. What a round
    does not look at ``waits``: it makes no market change.
    """

    table: Literal["learner", "vacancy", "match"]
    name: str
    columns: tuple[tuple[str, str], ...] = ()
    waits: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """Whose match a row is; the learner is None where a fact gives the match's id alone."""

    vacancy_id: UUID
    learner_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One fact about the row *key*: the values of its group's columns, and a match's sides."""

    key: UUID
    at: datetime
    event_id: UUID
    values: Mapping[str, Value] = field(default_factory=dict)
    sides: Sides | None = None

    @classmethod
    def of(cls, event: Event, key: UUID, **values: Value) -> "Fact":
        """The fact *event* states about the row *key*."""
        at, event_id = event.occurred_at, event.event_id
        return cls(key=key, at=at, event_id=event_id, values=values)


LEARNER_PROFILE = Group(
    table="learner",
    name="profile",
    columns=(
        ("market", "text"),
        ("profile", "jsonb"),
    ),
)
LEARNER_ENROLMENT = Group(table="learner", name="enrolment")
LEARNER_COMPLETION = Group(table="learner", name="completion", columns=(("completed_on", "date"),))
LEARNER_PAUSE = Group(
    table="learner",
    name="pause",
    columns=(
        ("paused", "boolean"),
        ("paused_until", "date"),
    ),
)
LEARNER_WITHDRAWAL = Group(table="learner", name="withdrawal")

VACANCY_PROFILE = Group(
    table="vacancy",
    name="profile",
    columns=(
        ("market", "text"),
        ("profile", "jsonb"),
    ),
)
VACANCY_PLEDGE = Group(table="vacancy", name="pledge")
VACANCY_CLOSURE = Group(table="vacancy", name="closure", columns=(("closed", "text"),))

MATCH_DECISION = Group(
    table="match", name="decision", columns=(("decision", "text"), ("held_until", "date"))
)
MATCH_PLACE = Group(table="match", name="place", columns=(("position", "integer"),))
MATCH_EMPLOYER = Group(table="match", name="employer", columns=(("employer", "text"),))
MATCH_LEARNER = Group(table="match", name="answer", columns=(("answer", "text"),))
MATCH_INTERVIEW = Group(
    table="match", name="interview", columns=(("interview", "text"), ("booked_on", "date"))
)

# what the model learns from: the pair as it was when letters left, and what came of it
MATCH_SHOWN = Group(
    table="match",
    name="shown",
    columns=(
        ("measures", "jsonb"),
        ("score", "integer"),
        ("rank", "integer"),
        ("model_version", "text"),
        ("route", "integer"),
        ("employer_key", "uuid"),  # employer_id is the event that said the employer's answer
    ),
    waits=True,
)
MATCH_OUTCOME = Group(table="match", name="outcome", columns=(("outcome", "text"),), waits=True)
# how far people agree with the ranking; it never trains the score
MATCH_JUDGED = Group(table="match", name="judged", columns=(("judged", "text"),), waits=True)


def newest(facts: Iterable[Fact]) -> list[Fact]:
    """The last fact of each row by (time, event), sorted by row."""
    last = {fact.key: fact for fact in sorted(facts, key=attrgetter("at", "event_id"))}
    return sorted(last.values(), key=attrgetter("key"))
