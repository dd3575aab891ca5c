"""A learner's aims on a scheme: what they say of the course, its end, a break or leaving."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

CONTINUING, COMPLETED, WITHDRAWN, BREAK = "1", "2", "3", "6"
# a whole programme or a stand-alone aim; components (3) complete nobody
COUNTED = ("1", "4")


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """One LearningDelivery, as coded."""

    reference: str
    aim_type: str
    number: int
    started_on: date
    fund_model: str
    status: str
    prog_type: str | None = None
    ended_on: date | None = None
    outcome: str | None = None
    con_ref: str | None = None
    start_postcode: str | None = None
    fams: tuple[tuple[str, str], ...] = ()

    def codes(self, kind: str) -> tuple[str, ...]:
        """The FAM codes of *kind*."""
        return tuple(code for found, code in self.fams if found == kind)

    @property
    def order(self) -> tuple[date, int]:
        """Later aims are greater."""
        return (self.started_on, self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """
    Where a learner stands on the scheme.

    ``completed_on`` may lie ahead: it counts once reached. ``aims`` are the references
    that may tell the course, the most telling first.
    """

    aims: tuple[str, ...]
    began_on: date
    latest_on: date
    completed_on: date | None = None
    outcome: int | None = None
    paused_on: date | None = None
    withdrawn_on: date | None = None
    paused: bool = False
    withdrawn: bool = False


def standing(scheme: Sequence[Aim]) -> Standing:
    """
    What *scheme* aims (at least one) add up to.

    A withdrawn or interrupted aim no longer counts once a later scheme aim began. Complete is
    who has at least one aim that counts and finished every one.
    """
    counted = [aim for aim in scheme if aim.aim_type in COUNTED]
    current = sorted(_not_superseded(counted or list(scheme)), key=lambda aim: aim.order)
    latest = current[-1]
    statuses = {aim.status for aim in current}
    ends = [aim.ended_on for aim in current if aim.ended_on]
    complete = bool(counted) and statuses == {COMPLETED} and len(ends) == len(current)
    withdrawn = latest.status == WITHDRAWN and not statuses & {CONTINUING, BREAK}
    paused = BREAK in statuses and CONTINUING not in statuses
    return Standing(
        aims=_telling(latest, scheme),
        began_on=min(aim.started_on for aim in current),
        latest_on=latest.started_on,
        completed_on=max(ends) if complete else None,
        outcome=int(latest.outcome) if complete and latest.outcome else None,
        paused=paused,
        paused_on=max(ends, default=None) if paused else None,
        withdrawn=withdrawn,
        withdrawn_on=latest.ended_on if withdrawn else None,
    )


def faults(aim: Aim) -> list[str]:
    """What the year's rules forbid in *aim*, in words; it is taken all the same."""
    found = []
    if aim.outcome and not aim.ended_on:
        found.append("Outcome without LearnActEndDate")
    if aim.ended_on and not aim.outcome and aim.status != BREAK:
        found.append("LearnActEndDate without Outcome")
    if aim.status == COMPLETED and not aim.ended_on:
        found.append("CompStatus 2 without LearnActEndDate: not complete until it is given")
    if aim.outcome == "8" and aim.status != COMPLETED:
        found.append("Outcome 8 needs CompStatus 2")
    if aim.outcome == "3" and aim.status == CONTINUING:
        found.append("Outcome 3 with CompStatus 1")
    return found


def _not_superseded(aims: list[Aim]) -> list[Aim]:
    newest = max(aim.order for aim in aims)
    return [a for a in aims if a.status not in (WITHDRAWN, BREAK) or a.order == newest]


def _telling(latest: Aim, scheme: Sequence[Aim]) -> tuple[str, ...]:
    others = sorted(
        (a for a in scheme if a is not latest), key=lambda a: (a.order, a.reference), reverse=True
    )
    return tuple(dict.fromkeys([latest.reference, *(aim.reference for aim in others)]))


def as_given(found: Standing) -> dict[str, Any]:
    """The cells of *found*, as JSON."""
    return {
        "course": {
            "aims": list(found.aims),
            "began_on": found.began_on.isoformat(),
            "latest_on": found.latest_on.isoformat(),
        },
        "completion": {
            "on": found.completed_on.isoformat(),
            "outcome": found.outcome,
        }
        if found.completed_on
        else None,
        "pause": {"on": _iso(found.paused_on)} if found.paused else None,
        "withdrawal": {"on": _iso(found.withdrawn_on)} if found.withdrawn else None,
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
