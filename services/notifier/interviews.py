"""What both sides said about one match."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

YES, NO = "yes", "no"
HELD, MISSED = "held", "missed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interview:
    """
    One match from the day its letters were due.

    ``employer`` and ``learner`` are ``yes``, ``no`` or None; ``number`` is what the employer
    calls the learner until a name is shown. ``sequence`` is the calendar's, -1 before the first
    booking. ``changes`` counts what happened here, so that every event has its own identity.
    """

    match_id: UUID
    vacancy_id: UUID
    learner_id: UUID
    number: int | None = None
    shortlist_id: UUID | None = None
    sent_at: datetime | None = None
    withdrawn_at: datetime | None = None
    withdrawn_for: str | None = None
    employer: str | None = None
    slots: tuple[datetime, ...] = ()
    employer_reason: str | None = None
    may_share: bool = False
    learner: str | None = None
    slot: datetime | None = None
    learner_reason: str | None = None
    booked_for: datetime | None = None
    sequence: int = -1
    happened: str | None = None
    missed_reason: str | None = None
    outcome: str | None = None
    changes: int = 0
    changed_at: datetime | None = None

    @property
    def withdrawn(self) -> bool:
        return self.withdrawn_at is not None

    @property
    def over(self) -> bool:
        """Whether this match no longer uses up a place of the pledge."""
        return self.withdrawn or NO in {self.employer, self.learner} or self.happened == MISSED

    @property
    def agreed(self) -> bool:
        """Whether both sides want the interview, and it is not past."""
        both = self.employer == YES and self.learner == YES
        return both and not self.withdrawn and self.happened is None


def sent(found: Interview | None, new: Interview) -> Interview | None:
    """
    *found* once its letters are due again as *new* says; None if they already went.

    A match comes again after it was over: what was said before then no longer counts.
    """
    if found is None:
        return new
    if found.sent_at is not None and new.sent_at is not None:
        if not found.over or new.sent_at <= found.sent_at:
            return None
        if found.changed_at is not None and new.sent_at <= found.changed_at:
            return None
    fresh = replace(
        new,
        number=found.number or new.number,
        sequence=found.sequence,
        changes=found.changes,
        changed_at=found.changed_at,
    )
    if found.withdrawn_at and new.sent_at and found.withdrawn_at >= new.sent_at:
        return replace(fresh, withdrawn_at=found.withdrawn_at, withdrawn_for=found.withdrawn_for)
    return fresh
