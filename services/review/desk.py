"""
What a decision is made on, and what one comes to. Values only.

    DecisionRefused
    ├── PledgeFull    more would be approved than interviews are pledged
    └── NotPossible   the match, or the vacancy, is past such a decision
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from schemas.decision import DecisionEvent, Shown
from services.review.screen import in_order
from services.review.standing import Standing, standing
from services.review.state import MatchState, VacancyState


class DecisionRefused(Exception):
    """The message is for the coordinator; it names nobody."""


class PledgeFull(DecisionRefused):
    """Every pledged interview is used up or kept."""


class NotPossible(DecisionRefused):
    """Too late, or not on the list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """
    What a decision is made on: the locked vacancy, its matches, who decides, and when.

    *seen* are the learners whose names the coordinator has revealed; *room* is what the other
    vacancies of a joint pledge leave this one, None where the pledge is its own.
    """

    vacancy: VacancyState
    matches: Mapping[UUID, MatchState]
    coordinator: str
    now: datetime
    today: date
    seen: frozenset[UUID] = frozenset()
    room: int | None = None

    @property
    def pledged(self) -> int:
        """How many interviews may be used up here."""
        return self.vacancy.interviews if self.room is None else self.room

    def standing(self, match_id: UUID) -> Standing:
        """Where a match stands; raises NotPossible for one that is not on this vacancy."""
        match = self.matches.get(match_id)
        if match is None:
            raise NotPossible("That learner is not on this shortlist.")
        return standing(match, today=self.today, proposed_at=self.vacancy.proposed_at)

    def order(self) -> list[MatchState]:
        """The list as shown."""
        return in_order(
            self.matches.values(), today=self.today, proposed_at=self.vacancy.proposed_at
        )

    def common(self, match_id: UUID, act: str) -> dict[str, Any]:
        """What every event about a match says; the same act on the same screen is one event."""
        match = self.matches[match_id]
        return {
            "event_id": uuid5(match_id, f"{act}:{self.vacancy.version}"),
            "occurred_at": self.now,
            "vacancy_id": match.vacancy_id,
            "match_id": match_id,
            "learner_id": match.learner_id,
            "coordinator": self.coordinator,
            "shown": Shown(
                shortlist_version=max(self.vacancy.shortlist_version, 1),
                order=tuple(listed.match_id for listed in self.order()),
                names_hidden=match.learner_id not in self.seen,
            ),
        }

    def decided(self, decision: str, reason: str | None = None, **more: object) -> dict[str, Any]:
        """The columns of a match that has been decided."""
        return {
            "decision": decision,
            "decided_at": self.now,
            "decided_by": self.coordinator,
            "reason": reason,
            "held_until": None,
        } | more


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """An act's whole effect. *matches* and *vacancy* give column values."""

    cause: str
    events: tuple[DecisionEvent, ...]
    matches: Mapping[UUID, Mapping[str, Any]] = field(default_factory=dict)
    vacancy: Mapping[str, Any] = field(default_factory=dict)


def later(desk: Desk) -> Desk:
    """The desk, its clock past the vacancy's last decision even if clocks disagree."""
    last = desk.vacancy.decided_at
    if last is None or desk.now > last:
        return desk
    return replace(desk, now=last + timedelta(microseconds=1))
