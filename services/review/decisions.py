"""What each act of a coordinator comes to: events, changed matches, log entries. Values only."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from schemas.decision import MatchApproved, MatchHeld, MatchMoved, MatchRejected
from services.review import reasons
from services.review.desk import Decision, Desk, NotPossible, PledgeFull
from services.review.labels import plural
from services.review.standing import LIVE, TAKING, Standing
from services.review.state import MatchState

# a place kept longer is kept from somebody
LONGEST_HOLD = timedelta(weeks=4)
OPEN = frozenset({Standing.PROPOSED, Standing.HELD})
UNDOABLE = frozenset({Standing.APPROVED, Standing.HELD, Standing.REJECTED, Standing.LOST})


def approve(desk: Desk, chosen: Sequence[UUID], *, holding: timedelta) -> Decision:
    """The *chosen* matches go out together when the holding window ends."""
    if not chosen:
        raise NotPossible("Choose at least one learner to approve.")
    _still_open(desk)
    for match_id in chosen:
        _on_a_place(desk, match_id, "approved")
    _fits(desk, chosen)
    return Decision(
        cause="approved",
        events=tuple(MatchApproved(**desk.common(match_id, "approved")) for match_id in chosen),
        matches={
            match_id: desk.decided("approved", approved_at=desk.now, sent_at=None)
            for match_id in chosen
        },
        vacancy={"send_due": desk.now + holding, "send_by": desk.coordinator},
    )


def hold(desk: Desk, match_id: UUID, *, reason: str, until: date) -> Decision:
    """The match keeps its place, undecided, to the end of *until*."""
    _still_open(desk)
    _on_a_place(desk, match_id, "held")
    _fits(desk, [match_id])
    if until <= desk.today:
        raise NotPossible("Hold until a day after today.")
    if until > desk.today + LONGEST_HOLD:
        raise NotPossible("Hold for four weeks at most, then look again.")
    common = desk.common(match_id, "held")
    return Decision(
        cause="held",
        events=(MatchHeld(**common, reason=reason, until=until),),
        matches={match_id: desk.decided("held", reason, held_until=until)},
    )


def reject(desk: Desk, match_id: UUID, *, reason: str) -> Decision:
    """The learner is not to be interviewed here; the next round may fill the place."""
    if desk.standing(match_id) not in OPEN:
        raise NotPossible("Only a learner nobody has decided on, or one on hold, can be refused.")
    common = desk.common(match_id, "rejected")
    return Decision(
        cause="rejected",
        events=(MatchRejected(**common, reason=reason),),
        matches={match_id: desk.decided("rejected", reason)},
    )


def move(desk: Desk, match_id: UUID, *, to: int, reason: str) -> Decision:
    """
    The match stands at position *to*; a reserve that reaches a place takes somebody's.

    That is the last place nobody has decided on yet.
    """
    _still_open(desk)
    order = desk.order()
    at = next((n for n, m in enumerate(order, start=1) if m.match_id == match_id), None)
    if at is None or desk.standing(match_id) != Standing.PROPOSED:
        raise NotPossible("Only a learner on the list that nobody has decided on can be moved.")
    if not 1 <= to <= len(order) or to == at:
        raise NotPossible("That is not another place on this shortlist.")
    places = sum(
        match.listed == "place" or desk.standing(match.match_id) in TAKING for match in order
    )
    if at <= places < to:
        raise NotPossible("A place is given up by moving a reserve onto it.")
    displaced = _displaced(desk, order[:places]) if to <= places < at else None
    event = MatchMoved(
        **desk.common(match_id, f"moved-{to}"),
        reason=reason,
        from_position=at,
        to_position=to,
        instead_of=displaced,
    )
    changes: dict[UUID, Mapping[str, Any]] = {
        match_id: {"moved_to": to, "listed": "place" if to <= places else "reserve"}
    }
    if displaced:
        changes[displaced] = desk.decided("lost", reason, listed="none", moved_to=None)
    return Decision(cause="moved", events=(event,), matches=changes)


def undo(desk: Desk, chosen: Sequence[UUID]) -> Decision:
    """The *chosen* matches are proposed again, as if nobody had decided."""
    if not chosen:
        raise NotPossible("There is nothing left to take back: the letters have gone.")
    for match_id in chosen:
        if desk.standing(match_id) not in UNDOABLE:
            raise NotPossible("This can no longer be taken back: the letters have gone.")
    return _released(desk, chosen, reasons.UNDONE, cause="undone")


def release_surplus(desk: Desk) -> Decision | None:
    """
    Approvals and holds beyond a pledge that has shrunk, last on the list first.

    Nothing that has been sent is touched; None if the pledge holds what is decided.
    """
    surplus = _taking(desk) - desk.pledged
    free = [m for m in reversed(desk.order()) if desk.standing(m.match_id) in _NOT_SENT]
    chosen = sorted(free, key=lambda m: desk.standing(m.match_id) != Standing.HELD)[
        : max(surplus, 0)
    ]
    if not chosen:
        return None
    ids = [match.match_id for match in chosen]
    return _released(desk, ids, reasons.PLEDGE_SHRUNK, cause="pledge-shrunk")


def call_off(desk: Desk) -> Decision:
    """On a vacancy that closed before they went, the approved matches are as if undecided."""
    chosen = [m.match_id for m in desk.order() if desk.standing(m.match_id) == Standing.APPROVED]
    return _released(desk, chosen, reasons.VACANCY_CLOSED, cause="not-sent")


_NOT_SENT = frozenset({Standing.APPROVED, Standing.HELD})


def _released(desk: Desk, chosen: Sequence[UUID], reason: str, *, cause: str) -> Decision:
    waiting = {
        match_id for match_id in desk.matches if desk.standing(match_id) == Standing.APPROVED
    }
    nothing_to_send = waiting <= set(chosen)
    return Decision(
        cause=cause,
        events=tuple(
            MatchHeld(**desk.common(match_id, cause), reason=reason) for match_id in chosen
        ),
        matches={
            match_id: desk.decided("proposed", approved_at=None) | _relisted(desk, match_id)
            for match_id in chosen
        },
        vacancy={"send_due": None, "send_by": None} if nothing_to_send else {},
    )


def _relisted(desk: Desk, match_id: UUID) -> dict[str, Any]:
    # who lost a place to a move has none until a round gives one again
    lost = desk.standing(match_id) == Standing.LOST
    return {"listed": "reserve"} if lost else {}


def _still_open(desk: Desk) -> None:
    if desk.vacancy.profile is None or desk.vacancy.closed:
        raise NotPossible("The vacancy is closed and takes nobody more.")


def _on_a_place(desk: Desk, match_id: UUID, act: str) -> None:
    if desk.standing(match_id) not in OPEN:
        raise NotPossible(f"Somebody has decided on this learner: it cannot be {act} now.")
    if desk.matches[match_id].listed != "place":
        raise NotPossible(f"Only a learner on a place can be {act}: move a reserve up first.")


def _fits(desk: Desk, chosen: Sequence[UUID]) -> None:
    pledged = desk.pledged
    more = sum(desk.standing(match_id) not in TAKING for match_id in chosen)
    if _taking(desk) + more > pledged:
        live = sum(desk.standing(match_id) in LIVE for match_id in desk.matches)
        held = _taking(desk) - live
        whose = (
            "The employer pledged" if desk.room is None else "The joint pledge leaves this vacancy"
        )
        raise PledgeFull(
            f"{whose} {plural(pledged, 'interview')}: {live} approved or under way, "
            f"{held} on hold. There is no room for {more} more."
        )


def _taking(desk: Desk) -> int:
    return sum(desk.standing(match_id) in TAKING for match_id in desk.matches)


def _displaced(desk: Desk, places: Sequence[MatchState]) -> UUID:
    free = [m.match_id for m in places if desk.standing(m.match_id) == Standing.PROPOSED]
    if not free:
        raise NotPossible("Every place is decided on: take one back first.")
    return free[-1]
