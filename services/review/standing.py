"""Where a match stands, out of everything decided and answered about it."""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum

from services.review.state import MatchState, VacancyState


class Standing(StrEnum):
    """The life of a match, from proposal to interview."""

    PROPOSED = "proposed"
    HELD = "held"
    APPROVED = "approved"
    SENT = "sent"
    LEARNER_YES = "learner-accepted"
    EMPLOYER_YES = "employer-accepted"
    BOTH_YES = "both-accepted"
    BOOKED = "booked"
    INTERVIEWED = "interviewed"
    REJECTED = "rejected"
    LOST = "lost-place"
    LEARNER_NO = "learner-declined"
    EMPLOYER_NO = "employer-declined"
    MISSED = "missed"
    WITHDRAWN = "withdrawn"


# each of these uses one interview of the pledge
LIVE = frozenset(
    {
        Standing.APPROVED,
        Standing.SENT,
        Standing.LEARNER_YES,
        Standing.EMPLOYER_YES,
        Standing.BOTH_YES,
        Standing.BOOKED,
        Standing.INTERVIEWED,
    }
)
# a hold keeps its place too
TAKING = LIVE | {Standing.HELD}


def standing(match: MatchState, *, today: date, proposed_at: datetime | None) -> Standing:
    """
    The standing of *match* on *today*.

    A match that ended without anybody's refusal is proposed again once a newer round, of
    *proposed_at*, lists it again.
    """
    if match.decision == "held" and not _left_since(match):
        over = match.held_until is None or match.held_until < today
        return Standing.PROPOSED if over else Standing.HELD
    if match.decision == "rejected":
        return Standing.REJECTED
    if match.decision == "lost":
        return Standing.LOST
    if match.decision in {"held", "proposed"}:
        return _listed(match, proposed_at) or Standing.PROPOSED
    ended = _ended(match)
    if ended is None:
        return _going_on(match)
    standing_, at = ended
    again = standing_ in {Standing.MISSED, Standing.WITHDRAWN} and _listed_after(
        match, at, proposed_at
    )
    return Standing.PROPOSED if again else standing_


def live(
    matches: Iterable[MatchState], vacancy: VacancyState, *, today: date, holds: bool = True
) -> int:
    """How many interviews of the pledge are used up; with *holds*, the places kept too."""
    counted = TAKING if holds else LIVE
    return sum(
        standing(match, today=today, proposed_at=vacancy.proposed_at) in counted
        for match in matches
    )


def _left_since(match: MatchState) -> bool:
    """Whether the match was withdrawn after it was decided on."""
    decided, withdrawn = match.decided_at, match.withdrawn_at
    return bool(decided and withdrawn and withdrawn > decided)


def _listed(match: MatchState, proposed_at: datetime | None) -> Standing | None:
    if match.withdrawn_at and not _listed_after(match, match.withdrawn_at, proposed_at):
        return Standing.WITHDRAWN
    return None


def _listed_after(match: MatchState, at: datetime, proposed_at: datetime | None) -> bool:
    return (
        match.listed != "none" and proposed_at is not None and proposed_at > at and not match.locked
    )


def _ended(match: MatchState) -> tuple[Standing, datetime] | None:
    if (at := _current(match, match.interview_at)) and match.interview == "missed":
        return Standing.MISSED, at
    if at and match.interview == "held":
        return None
    if (at := _current(match, match.employer_at)) and match.employer == "declined":
        return Standing.EMPLOYER_NO, at
    if (at := _current(match, match.learner_at)) and match.learner == "declined":
        return Standing.LEARNER_NO, at
    if at := _current(match, match.withdrawn_at):
        return Standing.WITHDRAWN, at
    return None


def _going_on(match: MatchState) -> Standing:
    if match.decision == "approved":
        return Standing.APPROVED
    if _current(match, match.interview_at):
        return Standing.INTERVIEWED if match.interview == "held" else Standing.BOOKED
    employer = match.employer == "accepted" and _current(match, match.employer_at)
    learner = match.learner == "accepted" and _current(match, match.learner_at)
    if employer and learner:
        return Standing.BOTH_YES
    if employer:
        return Standing.EMPLOYER_YES
    return Standing.LEARNER_YES if learner else Standing.SENT


def _current(match: MatchState, at: datetime | None) -> datetime | None:
    """*at*, unless it belongs to an approval before the present one."""
    if at is None or match.approved_at is None or at < match.approved_at:
        return None
    return at
