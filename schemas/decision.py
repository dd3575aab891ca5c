"""What coordinators decided, and what was on their screen."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from schemas.envelope import Event, Facts
from schemas.learner import Key
from schemas.match import Match
from schemas.vacancy import VacancyProfile


class Shown(Facts):
    """What the coordinator saw when deciding."""

    shortlist_version: int = Field(ge=1)
    order: tuple[UUID, ...] = ()
    names_hidden: bool = True


class DecisionEvent(Event):
    topic: ClassVar[str] = "p2a.decisions.v1"
    key_field: ClassVar[str] = "vacancy_id"
    writer: ClassVar[str] = "review"
    vacancy_id: UUID


class MatchDecision(DecisionEvent):
    """``coordinator`` is the account's id, never a name or an address."""

    match_id: UUID
    learner_id: UUID
    coordinator: Key
    shown: Shown


class MatchApproved(MatchDecision):
    """A coordinator wants this learner interviewed; rounds lock the match."""

    reason: Key | None = None


class MatchHeld(MatchDecision):
    """
    Not decided yet, for *reason*; the place is kept until the end of *until*.

    Without *until* (reason ``undone``, say) the match is simply proposed again.
    """

    reason: Key
    until: date | None = None


class MatchRejected(MatchDecision):
    """The learner is not to be interviewed here; the pair is never proposed again."""

    reason: Key


class MatchMoved(MatchDecision):
    """
    A coordinator changed the order of a shortlist.

    A reserve moved onto a place is locked there; *instead_of* then loses that place.
    """

    reason: Key
    from_position: int = Field(ge=1)
    to_position: int = Field(ge=1)
    instead_of: UUID | None = None


class ShortlistSent(DecisionEvent):
    """The holding window ended: the approved matches go to employer and learners."""

    shortlist_version: int = Field(ge=1)
    coordinator: Key
    vacancy: VacancyProfile
    matches: tuple[Match, ...]
