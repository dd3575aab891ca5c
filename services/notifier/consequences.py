"""What follows when something new is said about a match: a booking, facts to post, letters."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import uuid5

from schemas.interview import (
    EmployerAccepted,
    EmployerDeclined,
    InterviewBooked,
    InterviewEvent,
    InterviewHeld,
    InterviewMissed,
    LearnerAccepted,
    LearnerDeclined,
    OutcomeRecorded,
)
from services.notifier.interviews import HELD, MISSED, NO, YES, Interview

TICK = timedelta(microseconds=1)
Fact = tuple[type[InterviewEvent], dict[str, object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A letter that must now be written; *about* is what it says besides the match itself."""

    side: str
    template: str
    about: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """
    The interview after the news, the facts to post and the letters to write.

    *unbooked* are the letters instead for a side that was never told of the booking that ended.
    """

    interview: Interview
    events: tuple[InterviewEvent, ...] = ()
    letters: tuple[Due, ...] = ()
    unbooked: tuple[Due, ...] = ()


def settled(
    before: Interview, after: Interview, *, taken: frozenset[datetime], now: datetime
) -> Settled:
    """
    What follows from *before* having become *after*; nothing if nothing is new.

    *taken* are the times the employer's and the learner's other interviews stand at.
    """
    time = _time(after, taken, now)
    if time != after.booked_for:
        after = replace(after, booked_for=time, sequence=after.sequence + 1)
    if after == before:
        return Settled(interview=before)
    at = max(now, before.changed_at + TICK) if before.changed_at else now
    after = replace(after, changes=before.changes + 1, changed_at=at)
    return Settled(
        interview=after,
        events=_events(before, after, at),
        letters=_letters(before, after),
        unbooked=_unbooked(before, after),
    )


def _time(after: Interview, taken: frozenset[datetime], now: datetime) -> datetime | None:
    if after.happened is not None:
        return after.booked_for
    if not after.agreed:
        return None
    free = [slot for slot in after.slots if slot not in taken and slot > now]
    for wish in (after.slot, after.booked_for):
        if wish in free or (wish is not None and wish == after.booked_for and wish in after.slots):
            return wish
    return free[0] if free else None


def _events(before: Interview, after: Interview, at: datetime) -> tuple[InterviewEvent, ...]:
    common = {
        "occurred_at": at,
        "vacancy_id": after.vacancy_id,
        "match_id": after.match_id,
        "learner_id": after.learner_id,
    }
    return tuple(
        kind.model_validate(
            common | facts | {"event_id": uuid5(after.match_id, f"{after.changes}/{kind.__name__}")}
        )
        for kind, facts in (*_answers(before, after), *_course(before, after))
    )


def _answers(before: Interview, after: Interview) -> Iterator[Fact]:
    if _said_by_employer(before) != _said_by_employer(after):
        if after.employer == YES:
            yield EmployerAccepted, {"slots": after.slots}
        elif after.employer == NO:
            why, share = after.employer_reason, after.may_share
            yield EmployerDeclined, {"reason": why, "may_share_reason": share}
    if _said_by_learner(before) != _said_by_learner(after):
        if after.learner == YES:
            yield LearnerAccepted, {"slot": after.slot}
        elif after.learner == NO:
            yield LearnerDeclined, {"reason": after.learner_reason}


def _course(before: Interview, after: Interview) -> Iterator[Fact]:
    if after.booked_for and after.booked_for != before.booked_for:
        yield InterviewBooked, {"starts_at": after.booked_for}
    if (after.happened, after.missed_reason) != (before.happened, before.missed_reason):
        if after.happened == HELD:
            yield InterviewHeld, {}
        elif after.happened == MISSED:
            yield InterviewMissed, {"reason": after.missed_reason}
    if after.outcome and after.outcome != before.outcome:
        yield OutcomeRecorded, {"outcome": after.outcome}


def _said_by_employer(interview: Interview) -> tuple[object, ...]:
    return interview.employer, interview.slots, interview.employer_reason, interview.may_share


def _said_by_learner(interview: Interview) -> tuple[object, ...]:
    return interview.learner, interview.slot, interview.learner_reason


def _letters(before: Interview, after: Interview) -> tuple[Due, ...]:
    if after.sent_at is None or before.happened or after.happened:
        return ()
    if after.booked_for != before.booked_for:
        return _about_the_booking(before, after)
    if after.withdrawn and not before.withdrawn:
        about = {"reason": after.withdrawn_for or ""}
        sides = _told_of_withdrawal(after)
        return tuple(Due(side=side, template=f"withdrawn-{side}", about=about) for side in sides)
    return tuple(_about_an_answer(before, after))


def _unbooked(before: Interview, after: Interview) -> tuple[Due, ...]:
    if after.booked_for or not before.booked_for:
        return ()
    if after.agreed:
        return (Due(side="employer", template="times-needed", about={}),)
    return _letters(replace(before, booked_for=None), after)


def _about_an_answer(before: Interview, after: Interview) -> Iterator[Due]:
    """Somebody who said no needs no letter about the other's no."""
    if after.employer == NO != before.employer and after.learner != NO:
        yield Due(side="learner", template="not-this-time", about={})
    elif after.learner == NO != before.learner and after.employer != NO:
        yield Due(side="employer", template="learner-declined", about={})
    elif after.agreed and not after.booked_for and not before.agreed:
        yield Due(side="employer", template="times-needed", about={})


def _about_the_booking(before: Interview, after: Interview) -> tuple[Due, ...]:
    at = after.booked_for or before.booked_for
    about = {"starts_at": at.isoformat() if at else "", "sequence": str(after.sequence)}
    kind = "booking" if after.booked_for else "cancelled"
    if kind == "booking" and before.booked_for:
        about["moved"] = YES
    if kind == "cancelled":
        about["by"] = _ended_by(after)
    sides = ["employer", "learner"]
    if after.withdrawn_for == "learner-erased":
        sides.remove("learner")
    return tuple(Due(side=side, template=f"{kind}-{side}", about=about) for side in sides)


def _ended_by(after: Interview) -> str:
    if after.withdrawn:
        return "us"
    if after.employer == NO:
        return "employer"
    return "learner" if after.learner == NO else "times"


def _told_of_withdrawal(after: Interview) -> list[str]:
    """Whoever did not cause it; somebody who already said no has nothing more to hear."""
    reason = after.withdrawn_for or ""
    sides = []
    if not reason.startswith("vacancy"):
        sides.append("employer")
    if not reason.startswith("learner"):
        sides.append("learner")
    return [side for side in sides if NO not in {after.employer, after.learner}]
