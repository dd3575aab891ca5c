"""What the matcher proposes, with its reasons."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from schemas.envelope import Event, Facts
from schemas.learner import Key
from schemas.vacancy import VacancyProfile


class Contribution(Facts):
    """How much one feature moved the score, in log-odds, and why in words."""

    feature: Key
    effect: float
    words: str


class Prompt(Facts):
    """
    Something a coordinator is to know or to ask; it moved no score and kept nobody off.

    ``kind`` is ``conditional`` (a level is due before the start), ``preference`` (a wish of the
    employer's that is not met) or ``adjustment`` (to be arranged; the learner agreed to share it).
    """

    kind: Key
    words: str


class Match(Facts):
    """
    One learner on one vacancy.

    ``position`` counts from 1 over places and then reserves. ``score`` is the
    estimated chance that an interview leads to a start, in ten-thousandths.
    ``barrier`` says, for a reserve, which place or rule would have to change. ``measures`` are
    what the model ``model_version`` saw of the pair, each feature in its own unit.
    ``handed_over`` says that a peer employer declined and the learner agreed to be offered here;
    never why.
    """

    match_id: UUID
    learner_id: UUID
    position: int = Field(ge=1)
    score: int = Field(ge=0, le=10_000)
    waiting_since: date
    locked: bool = False
    distance_miles: float | None = None
    contributions: tuple[Contribution, ...] = ()
    met_skills: tuple[Key, ...] = ()
    missing_skills: tuple[Key, ...] = ()
    barrier: str | None = None
    measures: dict[Key, float] = Field(default_factory=dict)
    model_version: str | None = None
    prompts: tuple[Prompt, ...] = ()
    handed_over: str | None = None


class MatchEvent(Event):
    topic: ClassVar[str] = "p2a.matches.v1"
    key_field: ClassVar[str] = "vacancy_id"
    writer: ClassVar[str] = "matcher"
    vacancy_id: UUID


class ShortlistProposed(MatchEvent):
    """
    A round changed a vacancy's shortlist: its ordered matches, then reserves.

    ``shortlist_version`` rises by one with every change of this vacancy's shortlist.
    ``absences`` counts the market's completers that are on neither list, by the first
    rule that keeps them off, or ``placed-elsewhere`` or ``outranked``.
    """

    shortlist_version: int = Field(ge=1)
    market: Key
    round_id: UUID
    vacancy: VacancyProfile
    matches: tuple[Match, ...]
    reserves: tuple[Match, ...] = ()
    absences: dict[str, int] = Field(default_factory=dict)
    rules_version: str
    model_version: str
    model_note: str


class MatchWithdrawn(MatchEvent):
    """A match a person had approved cannot go on, for *reason*; its place is free."""

    match_id: UUID
    learner_id: UUID
    reason: Key
