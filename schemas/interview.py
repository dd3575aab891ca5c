"""What employers and learners answered, and what came of the interview."""

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from schemas.envelope import Event
from schemas.learner import Key


class InterviewEvent(Event):
    topic: ClassVar[str] = "p2a.interviews.v1"
    key_field: ClassVar[str] = "vacancy_id"
    writer: ClassVar[str] = "notifier"
    vacancy_id: UUID
    match_id: UUID
    learner_id: UUID


class EmployerAccepted(InterviewEvent):
    """The employer will interview, at one of *slots*."""

    slots: tuple[AwareDatetime, ...] = ()


class EmployerDeclined(InterviewEvent):
    """The employer will not interview this learner."""

    reason: Key
    may_share_reason: bool = False


class LearnerAccepted(InterviewEvent):
    """The learner wants the interview; *slot* if one was chosen."""

    slot: AwareDatetime | None = None


class LearnerDeclined(InterviewEvent):
    """The learner does not want this interview."""

    reason: Key


class InterviewBooked(InterviewEvent):
    """Both sides said yes: a time stands."""

    starts_at: AwareDatetime


class InterviewHeld(InterviewEvent):
    """The interview took place: one promise kept."""


class InterviewMissed(InterviewEvent):
    """The interview did not take place."""

    reason: Key


class OutcomeRecorded(InterviewEvent):
    """What the interview led to: ``offer``, ``no-offer``, ``started`` or ``left``."""

    outcome: Key
