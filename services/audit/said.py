"""What of an event's contents an audit must know: matches, a pledge, a version."""

import json
from dataclasses import dataclass
from typing import Any

from schemas import EVENTS, decision, interview, match, vacancy

SHORTLIST = decision.ShortlistSent.ce_type()
PLEDGES = frozenset({vacancy.VacancyPledged.ce_type(), vacancy.VacancyChanged.ce_type()})
PROPOSED = match.ShortlistProposed.ce_type()
# types whose contents say something that is needed; of all others the row is enough
SAYING = (
    PLEDGES
    | {SHORTLIST, PROPOSED}
    | {
        event.ce_type()
        for event in EVENTS
        if issubclass(
            event, decision.MatchDecision | interview.InterviewEvent | match.MatchWithdrawn
        )
    }
)


@dataclass(frozen=True, slots=True)
class Said:
    """
    The ids of matches it is about, interviews pledged, the version of a shortlist.

    ``pool`` is the joint pledge that the interviews are shared in.
    """

    matches: tuple[str, ...] = ()
    interviews: int | None = None
    pool: str | None = None
    version: int | None = None


NOTHING = Said()


def said(kind: str, payload: bytes) -> Said:
    """What an event of type *kind* says; nothing where it cannot be read."""
    if kind not in SAYING:
        return NOTHING
    try:
        return _said(kind, json.loads(payload))
    except (ValueError, LookupError, TypeError, AttributeError):
        return NOTHING  # somebody replayed a dead letter that no reader can read


def _said(kind: str, event: dict[str, Any]) -> Said:
    if kind in PLEDGES:
        pledge = event["vacancy"]
        return Said(interviews=pledge["interviews"], pool=pledge.get("joint_pledge"))
    if kind == PROPOSED:
        return Said(version=event["shortlist_version"])
    if kind == SHORTLIST:
        return Said(matches=tuple(one["match_id"] for one in event["matches"]))
    lost = event.get("instead_of")
    return Said(matches=(event["match_id"], lost) if lost else (event["match_id"],))
