"""What review knows of a vacancy and of each match on it. Values only."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from schemas.match import Match
from schemas.vacancy import VacancyProfile

Listed = Literal["place", "reserve", "none"]
Decided = Literal["proposed", "approved", "held", "rejected", "lost", "sent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """The round a shortlist came from, and whom it left off."""

    round_id: UUID
    rules_version: str
    model_version: str
    model_note: str
    absences: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class VacancyState:
    """
    A vacancy and its pledge as of now.

    ``version`` rises with every change a deciding coordinator would have to know of;
    ``shortlist_version`` is the matcher's own count. ``profile`` is None while only later
    facts have arrived. ``lapsed_count`` of the pledged interviews had not been held in time.
    """

    vacancy_id: UUID
    version: int
    profile: VacancyProfile | None
    pledged_at: datetime | None
    closed_reason: str | None
    closed_at: datetime | None
    market: str | None
    round: Round | None
    shortlist_version: int
    proposed_at: datetime | None
    decided_at: datetime | None
    opened_at: datetime | None
    opened_by: str | None
    lapsed_at: datetime | None
    lapsed_count: int
    send_due: datetime | None
    send_by: str | None

    @property
    def closed(self) -> bool:
        """Whether it takes nobody more."""
        return self.closed_reason is not None

    @property
    def interviews(self) -> int:
        """How many interviews are pledged; on all its vacancies, if the pledge is a joint one."""
        return self.profile.interviews if self.profile else 0

    @property
    def joint_pledge(self) -> str | None:
        """The joint pledge the vacancy is a member of."""
        return self.profile.joint_pledge if self.profile else None


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchState:
    """
    One learner on one vacancy: what was proposed, decided and answered.

    ``position`` and ``locked`` are the matcher's, ``moved_to`` where a coordinator put the match.
    ``approved_at`` is when the present approval began; answers before it are of an earlier one.
    """

    match_id: UUID
    vacancy_id: UUID
    learner_id: UUID
    listed: Listed
    position: int | None
    moved_to: int | None
    waiting_since: date | None
    locked: bool
    facts: Match | None
    decision: Decided
    decided_at: datetime | None
    decided_by: str | None
    reason: str | None
    held_until: date | None
    approved_at: datetime | None
    sent_at: datetime | None
    employer: str | None
    employer_at: datetime | None
    employer_reason: str | None
    learner: str | None
    learner_at: datetime | None
    learner_reason: str | None
    interview: str | None
    interview_at: datetime | None
    interview_reason: str | None
    starts_at: datetime | None
    outcome: str | None
    withdrawn_reason: str | None
    withdrawn_at: datetime | None
