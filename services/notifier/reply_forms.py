"""What came in a reply page's form, checked; and what is wrong with it, field by field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from services.notifier import clock, standing
from services.notifier.interviews import HELD, MISSED, NO, YES, Interview
from services.notifier.standing import Standing

NOT_SAID = "not-said"
EMPLOYER_REASONS = {
    NOT_SAID: "I would rather not say",
    "filled": "The place is filled",
    "skills": "We look for other skills",
    "timing": "The timing does not suit",
    "travel": "The way to work is too long",
    "vacancy-gone": "We no longer have this vacancy",
    "other": "Another reason",
}
LEARNER_REASONS = {
    NOT_SAID: "I would rather not say",
    "found-work": "I have found other work",
    "travel": "The way there is too long",
    "hours": "The hours do not suit",
    "not-for-me": "This work is not for me",
    "circumstances": "Things have changed for me",
    "other": "Another reason",
}
HAPPENED = {
    "held-offer": "Yes, and I am offering the place",
    "held-no-offer": "Yes, but I am not offering the place",
    "held": "Yes, I have not decided yet",
    "learner-absent": "No, the learner did not come",
    "employer-absent": "No, I could not do it",
}
OUTCOMES = {"held-offer": "offer", "held-no-offer": "no-offer"}
NO_IS_FINAL = "You said no, and we look for somebody else: ring us if you changed your mind"
WALL = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True, slots=True)
class Answers:
    """Interviews as they should become; *faults* by field id if something must be mended."""

    after: tuple[Interview, ...] = ()
    faults: Mapping[str, str] = field(default_factory=dict)


def employers(sent: Mapping[str, str], all_of_them: Sequence[Standing], now: datetime) -> Answers:
    """What an employer's form says about each match; a match it does not mention stays."""
    faults: dict[str, str] = {}
    after = [_employers(sent, one) for one in all_of_them]
    accepted = [
        new for one, new in zip(all_of_them, after, strict=True) if one.open and new.employer == YES
    ]
    if accepted:
        slots = _slots(sent, now, faults)
        needed = min(len(accepted), standing.MOST_SLOTS)
        if not faults and len(slots) < needed:
            times = "time" if len(slots) == 1 else "times"
            faults["slot-1"] = (
                f"You said yes to {len(accepted)} and gave {len(slots)} {times}:"
                f" give at least {needed}"
            )
        after = [replace(new, slots=slots) if new in accepted else new for new in after]
    for one in all_of_them:
        if words := _taken_back(sent, one.interview):
            faults[f"learner-{one.interview.number}"] = words
    if not faults and not _mentions_any(sent, all_of_them):
        asked = (field for one in all_of_them if (field := _field(one)))
        faults[next(asked, "main-content")] = "Choose an answer"
    return Answers(tuple(after), faults)


def learners(sent: Mapping[str, str], one: Standing, all_of_them: Sequence[Standing]) -> Answers:
    """What a learner's form says about their match."""
    before, faults = one.interview, dict[str, str]()
    answer = sent.get("answer")
    if answer not in {YES, NO}:
        return Answers((before,), {"answer": "Say yes or no"})
    if not one.open:
        return _closed(before, answer)
    if answer == NO:
        reason = _known(sent.get("reason"), LEARNER_REASONS)
        return Answers((replace(before, learner=NO, learner_reason=reason, slot=None),))
    slot = before.slot
    if chosen := sent.get("slot"):
        free = standing.free(one, [other.interview for other in all_of_them])
        slot = next((time for time in free if time.isoformat() == chosen), None)
        if slot is None:
            faults["slot"] = "That time is no longer free: choose another"
    return Answers((replace(before, learner=YES, learner_reason=None, slot=slot),), faults)


def said_happened(interview: Interview) -> str | None:
    """The choice of `HAPPENED` that stands; None before there is one."""
    if interview.happened == MISSED:
        return interview.missed_reason
    if interview.happened is None:
        return None
    return next((key for key, name in OUTCOMES.items() if name == interview.outcome), HELD)


def _employers(sent: Mapping[str, str], one: Standing) -> Interview:
    interview, number = one.interview, one.interview.number
    if one.asked_how and sent.get(f"happened-{number}") in HAPPENED:
        return _what_happened(interview, sent[f"happened-{number}"])
    answer = sent.get(f"answer-{number}")
    if not one.open or answer not in {YES, NO}:
        return interview
    if answer == YES:
        return replace(interview, employer=YES, employer_reason=None, may_share=False)
    return replace(
        interview,
        employer=NO,
        slots=(),
        employer_reason=_known(sent.get(f"reason-{number}"), EMPLOYER_REASONS),
        may_share=sent.get(f"share-{number}") == YES,
    )


def _what_happened(interview: Interview, said: str) -> Interview:
    held = said.startswith(HELD)
    return replace(
        interview,
        happened=HELD if held else MISSED,
        missed_reason=None if held else said,
        outcome=OUTCOMES.get(said),
    )


def _slots(sent: Mapping[str, str], now: datetime, faults: dict[str, str]) -> tuple[datetime, ...]:
    slots: set[datetime] = set()
    for place in range(1, standing.MOST_SLOTS + 1):
        entered = sent.get(f"slot-{place}", "").strip()
        if not entered:
            continue
        try:
            wall = datetime.strptime(entered[:16], WALL)  # noqa: DTZ007 - a clock on the wall
            slot = clock.from_local(wall)
        except ValueError:
            faults[f"slot-{place}"] = "Give a day and a time, such as 24/11/2026 10:00"
        except clock.NoSuchTime:
            faults[f"slot-{place}"] = "The clocks go forward over that time: give another"
        else:
            if slot <= now:
                faults[f"slot-{place}"] = "That time is past: give one to come"
            slots.add(slot)
    if not slots and not faults:
        faults["slot-1"] = "Give at least one time that suits you"
    return tuple(sorted(slots))


def _closed(before: Interview, answer: str) -> Answers:
    """The same no again is no fault; another answer comes too late."""
    if before.learner != NO:
        return Answers((before,), {"main-content": "This can no longer be answered here: ring us"})
    return Answers((before,), {"main-content": NO_IS_FINAL} if answer == YES else {})


def _taken_back(sent: Mapping[str, str], interview: Interview) -> str | None:
    """What freed a place is for good: somebody else may be on their way to it already."""
    if interview.employer == NO and sent.get(f"answer-{interview.number}") == YES:
        return NO_IS_FINAL
    happened = sent.get(f"happened-{interview.number}")
    if interview.happened == MISSED and happened in HAPPENED.keys() - {interview.missed_reason}:
        return "You told us that you did not meet: ring us if that is not so"
    return None


def _mentions_any(sent: Mapping[str, str], all_of_them: Sequence[Standing]) -> bool:
    asked = (field for one in all_of_them if (field := _field(one)))
    return any(map(sent.get, asked)) or any(_again(sent, one.interview) for one in all_of_them)


def _again(sent: Mapping[str, str], interview: Interview) -> bool:
    """Whether a form that was sent before comes again, about a match that is over since."""
    if interview.happened == MISSED:
        return sent.get(f"happened-{interview.number}") == interview.missed_reason
    return interview.employer == NO == sent.get(f"answer-{interview.number}")


def _field(one: Standing) -> str | None:
    """The question its page asks about this match, if it asks one."""
    if one.asked_how:
        return f"happened-{one.interview.number}"
    return f"answer-{one.interview.number}" if one.open else None


def _known(reason: str | None, reasons: Mapping[str, str]) -> str:
    return reason if reason is not None and reason in reasons else NOT_SAID
