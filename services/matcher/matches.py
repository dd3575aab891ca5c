"""What a match is to a round: a place kept, a pair ruled out, or free to be proposed."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.matcher.market import Learner, Vacancy


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchFacts:
    """
    The last fact of each group about one match; None where there is none.

    Of a match that only lost its place the learner may be unknown (None).

    ``decision`` is approved, held, rejected, moved (to a place), lost (that place) or sent;
    ``employer`` and ``answer`` (the learner's) are accepted or declined; ``interview`` is
    booked (``booked_on`` that day), held or missed. ``withdrawn_at`` is when a round last gave
    the match up.
    """

    match_id: UUID
    vacancy_id: UUID
    learner_id: UUID | None
    decision: str | None = None
    held_until: date | None = None
    decision_at: datetime | None = None
    position: int | None = None
    employer: str | None = None
    employer_at: datetime | None = None
    answer: str | None = None
    answer_at: datetime | None = None
    interview: str | None = None
    booked_on: date | None = None
    interview_at: datetime | None = None
    withdrawn_at: datetime | None = None
    learner_erased: bool = False

    @property
    def latest(self) -> datetime | None:
        """When the last of these facts was stated."""
        stated = (self.decision_at, self.employer_at, self.answer_at, self.interview_at)
        return max((at for at in (*stated, self.withdrawn_at) if at), default=None)

    @property
    def letters_left(self) -> bool:
        """Whether employer and learner have been written to about it."""
        return self.decision == "sent" or bool(self.employer or self.answer or self.interview)

    @property
    def excluded(self) -> bool:
        """Whether the pair is not to be proposed: refused by a person, on any side."""
        if self.interview == "held":
            return False  # that promise was kept, whatever is said of it afterwards
        return self.decision in {"rejected", "lost"} or "declined" in {self.employer, self.answer}

    def locked(self, today: date) -> bool:
        """
        Whether the match keeps its place and uses up one of the pledge.

        A missed interview and a withdrawal free the place: only what was said later counts.
        """
        if self.interview == "held":
            return True
        if self.excluded:
            return False
        missed = self.interview_at if self.interview == "missed" else None
        freed = max((at for at in (missed, self.withdrawn_at) if at), default=None)
        return any(freed is None or at > freed for at in self._keeping(today))

    def may_have_met(self, today: date) -> bool:
        """Whether the day of the interview has come: the employer says what came of it."""
        if self.booked_on is None or self.interview_at is None or self.booked_on > today:
            return False
        return self.withdrawn_at is None or self.interview_at > self.withdrawn_at

    def moved_to(self) -> int | None:
        """The position a coordinator gave, unless the decision was undone."""
        undone = self.decision == "held" and self.held_until is None
        return None if undone else self.position

    def _keeping(self, today: date) -> list[datetime]:
        """When each fact that keeps the place was stated."""
        kept = self.decision in {"approved", "moved", "sent"} or (
            self.decision == "held" and (self.held_until or date.min) >= today
        )
        stated = (
            (kept, self.decision_at),
            (self.employer == "accepted", self.employer_at),
            (self.answer == "accepted", self.answer_at),
            (self.interview == "booked", self.interview_at),
        )
        return [at for counts, at in stated if counts and at]


def withdrawal(
    match: MatchFacts, learner: Learner | None, vacancy: Vacancy, today: date
) -> str | None:
    """
    Why the locked *match* cannot go on; None if it can.

    A learner who is not in the market but not erased has moved: the match stands.
    """
    if match.interview == "held" or match.may_have_met(today):
        return None
    if match.learner_erased:
        return "learner-erased"
    if vacancy.closed and not match.letters_left:
        return "vacancy-closed"
    return unready(learner, today) if learner else None


def unready(learner: Learner, today: date) -> str | None:
    """Why *learner* cannot be ranked on *today*; None if they can."""
    if learner.withdrawn:
        return "learner-withdrawn"
    if learner.completed_on is None or learner.completed_on > today:
        return "completion-revoked"
    if learner.paused and (learner.paused_until is None or today <= learner.paused_until):
        return "learner-paused"
    return None
