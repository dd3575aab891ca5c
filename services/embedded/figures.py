"""What a run came to, from the matcher's answers and from the facts on the topics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from schemas.decision import MatchApproved
from schemas.envelope import Event
from schemas.interview import InterviewBooked
from schemas.letter import LetterFailed, LetterSent
from schemas.match import ShortlistProposed
from services.embedded.facts import DEAD, Record, events


class PromiseBroken(RuntimeError):
    """The run broke what the service promises; the message says which promise, where."""


def figures(
    first: Sequence[Mapping[str, Any]],
    last: Sequence[Mapping[str, Any]],
    records: Sequence[Record],
    replies: Mapping[str, int],
) -> dict[str, Any]:
    """
    One flat object; *first* and *last* are the matcher's markets before and after people acted.

    ``allocated`` and ``unplaced`` are the first round's, before anybody declined. Raises
    PromiseBroken.
    """
    _all_who_could_be_placed(first)
    found = events(records)
    return {
        **{name: _total(first, name) for name in ("learners", "completers", "vacancies",
                                                  "pledged_places", "allocated")},
        "unplaced": _unplaced(first),
        "shortlists": len(_vacancies(found, ShortlistProposed)),
        "approved": _count(found, MatchApproved),
        "letters_sent": dict(sorted(_sides(found, LetterSent).items())),
        "letters_failed": _count(found, LetterFailed),
        "replies": dict(sorted(replies.items())),
        "interviews_booked": _booked(found),
        "allocated_in_the_end": _total(last, "allocated"),
        "dead_letters": sum(record.topic.endswith(DEAD) for record in records),
    }  # fmt: skip


def _all_who_could_be_placed(first: Sequence[Mapping[str, Any]]) -> None:
    """``most`` is the matcher's second count, by another algorithm; nothing is locked yet."""
    for market in first:
        if market["allocated"] != market["most"]:
            raise PromiseBroken(
                f"market {market['market']}: {market['allocated']} completers placed, and"
                f" {market['most']} could be"
            )


def _total(markets: Sequence[Mapping[str, Any]], name: str) -> int:
    return sum(market[name] for market in markets)


def _unplaced(markets: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    reasons: Counter[str] = Counter()
    for market in markets:
        reasons.update(market["unplaced"])
    return {"count": reasons.total(), "reasons": dict(sorted(reasons.items()))}


def _count(found: Sequence[Event], kind: type[Event]) -> int:
    return sum(isinstance(event, kind) for event in found)


def _vacancies(found: Sequence[Event], kind: type[ShortlistProposed]) -> set[str]:
    return {event.key for event in found if isinstance(event, kind)}


def _sides(found: Sequence[Event], kind: type[LetterSent]) -> Counter[str]:
    return Counter(event.side for event in found if isinstance(event, kind))


def _booked(found: Sequence[Event]) -> int:
    """Matches with a time, each once though its time may have changed."""
    return len({event.match_id for event in found if isinstance(event, InterviewBooked)})
