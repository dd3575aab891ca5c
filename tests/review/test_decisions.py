"""What each decision comes to."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.review import decisions
from services.review.desk import Decision, DecisionRefused, Desk, NotPossible, PledgeFull, later
from services.review.screen import in_order
from services.review.standing import TAKING, Standing
from services.review.state import MatchState
from tests.review import make, states

WINDOW = timedelta(minutes=15)


def desk(places: int = 3, reserves: int = 2, *, interviews: int = 3) -> Desk:
    """A vacancy nobody has decided on."""
    listed = ["place"] * places + ["reserve"] * reserves
    matches = [states.match(n, listed=kind) for n, kind in enumerate(listed, start=1)]
    return Desk(
        vacancy=states.vacancy(profile=make.profile(interviews=interviews)),
        matches={match.match_id: match for match in matches},
        coordinator="coordinator-1",
        now=make.MONDAY,
        today=make.MONDAY.date(),
    )


def after(at: Desk, decision: Decision) -> Desk:
    """The desk once *decision* stands."""
    matches = {
        match_id: replace(match, **dict(decision.matches.get(match_id, {})))
        for match_id, match in at.matches.items()
    }
    return replace(at, matches=matches, now=at.now + timedelta(minutes=1))


def ids(at: Desk) -> list[UUID]:
    return [match.match_id for match in at.order()]


def test_approving_keeps_what_was_shown_and_starts_the_window() -> None:
    """Each event carries the whole order; letters are due when the window ends."""
    at = desk()
    decision = decisions.approve(at, ids(at)[:2], holding=WINDOW)
    assert [event.match_id for event in decision.events] == ids(at)[:2]
    assert decision.events[0].shown.order == tuple(ids(at))
    assert decision.vacancy["send_due"] == make.MONDAY + WINDOW
    assert after(at, decision).standing(ids(at)[0]) == Standing.APPROVED


def test_the_same_act_on_the_same_screen_is_the_same_event() -> None:
    """A repeated form cannot make a second event."""
    at = desk()
    first, second = (decisions.approve(at, ids(at)[:1], holding=WINDOW) for _ in range(2))
    assert first.events[0].event_id == second.events[0].event_id


def test_no_more_are_approved_than_pledged_and_holds_count() -> None:
    """Two interviews, one on hold: there is room for one."""
    at = desk(interviews=2)
    one, two, three = ids(at)[:3]
    at = after(at, decisions.hold(at, one, reason="second-opinion", until=date(2026, 11, 30)))
    with pytest.raises(
        PledgeFull, match="pledged 2 interviews: 0 approved or under way, 1 on hold"
    ):
        decisions.approve(at, [two, three], holding=WINDOW)
    at = after(at, decisions.approve(at, [two], holding=WINDOW))
    with pytest.raises(PledgeFull):
        decisions.hold(at, three, reason="second-opinion", until=date(2026, 11, 30))


def test_a_held_learner_can_be_approved_on_the_place_they_keep() -> None:
    """The hold's own place is not counted twice."""
    at = desk(places=1, interviews=1)
    (one, *_) = ids(at)
    at = after(at, decisions.hold(at, one, reason="second-opinion", until=date(2026, 11, 30)))
    at = after(at, decisions.approve(at, [one], holding=WINDOW))
    assert at.standing(one) == Standing.APPROVED


def test_a_hold_ends_within_four_weeks_and_not_today() -> None:
    """A place kept for ever is a place lost."""
    at = desk()
    for until in (at.today, at.today + timedelta(days=29)):
        with pytest.raises(NotPossible, match="Hold"):
            decisions.hold(at, ids(at)[0], reason="second-opinion", until=until)


def test_a_reserve_is_not_approved_before_it_has_a_place() -> None:
    """The matcher's order is left only by a move with a reason."""
    at = desk()
    with pytest.raises(NotPossible, match="move a reserve up"):
        decisions.approve(at, [ids(at)[3]], holding=WINDOW)


def test_a_reserve_moved_onto_a_place_takes_the_last_undecided_one() -> None:
    """An approved learner is never the one who loses the place."""
    at = desk()
    one, two, three, four, five = ids(at)
    at = after(at, decisions.approve(at, [three], holding=WINDOW))
    decision = decisions.move(at, four, to=1, reason="employer-need")
    (event,) = decision.events
    assert (event.from_position, event.to_position, event.instead_of) == (4, 1, two)
    at = after(at, decision)
    assert at.standing(two) == Standing.LOST
    assert ids(at) == [four, one, three, five]
    at = after(at, decisions.undo(at, [two]))
    assert at.standing(two) == Standing.PROPOSED


def test_places_are_swapped_without_taking_any() -> None:
    """Moving among places displaces nobody."""
    at = desk()
    one, two, three, *_ = ids(at)
    decision = decisions.move(at, three, to=1, reason="waited-longer")
    assert decision.events[0].instead_of is None
    assert ids(after(at, decision))[:3] == [three, one, two]


@pytest.mark.parametrize("to", [0, 1, 4, 6])
def test_a_move_to_nowhere_is_refused(to: int) -> None:
    """Off the list, to where it is, or from a place down into the reserves."""
    at = desk()
    with pytest.raises(NotPossible):
        decisions.move(at, ids(at)[0], to=to, reason="mistake")


def test_an_undone_approval_is_proposed_again_and_nothing_is_due() -> None:
    """MatchHeld without a day, reason undone; the window is gone when nothing waits for it."""
    at = desk()
    one, two, *_ = ids(at)
    at = after(at, decisions.approve(at, [one, two], holding=WINDOW))
    some = decisions.undo(at, [one])
    assert (some.events[0].reason, some.events[0].until) == ("undone", None)
    assert some.vacancy == {}
    rest = decisions.undo(after(at, some), [two])
    assert rest.vacancy == {"send_due": None, "send_by": None}


def test_what_was_sent_cannot_be_undone() -> None:
    """The letters have gone."""
    at = desk()
    sent = {**at.matches, ids(at)[0]: states.match(decision="sent", approved_at=make.MONDAY)}
    at = replace(at, matches=sent)
    with pytest.raises(NotPossible, match="letters have gone"):
        decisions.undo(at, [next(iter(sent))])
    with pytest.raises(NotPossible, match="nothing left"):
        decisions.undo(at, [])


def test_nobody_is_approved_on_a_closed_vacancy() -> None:
    """It takes nobody more; refusing and taking back still work."""
    at = desk()
    at = replace(at, vacancy=replace(at.vacancy, closed_reason="filled"))
    with pytest.raises(NotPossible, match="closed"):
        decisions.approve(at, ids(at)[:1], holding=WINDOW)
    assert decisions.reject(at, ids(at)[0], reason="learner-asked").events


def test_a_decision_is_never_older_than_the_one_before_it() -> None:
    """Two replicas' clocks may disagree; the order of facts must not."""
    at = desk()
    ahead = replace(at, vacancy=replace(at.vacancy, decided_at=make.later(minutes=5)))
    assert later(ahead).now > make.later(minutes=5)
    assert later(at).now == make.MONDAY


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["approve", "hold", "reject", "move", "undo", "send", "pledge"]),
        st.integers(1, 6),
        st.integers(1, 6),
    ),
    max_size=25,
)


@given(ACTS, st.integers(1, 4))
def test_no_sequence_of_acts_exceeds_the_pledge(
    acts: list[tuple[str, int, int]], interviews: int
) -> None:
    """Whatever is approved, held, moved, undone or sent, and however the pledge changes."""
    at = desk(places=4, reserves=2, interviews=interviews)
    for act, which, number in acts:
        at = _tried(at, act, list(at.matches)[which - 1], number)
        taken = sum(at.standing(match_id) in TAKING for match_id in at.matches)
        gone = sum(match.decision == "sent" for match in at.matches.values())
        assert taken <= max(at.vacancy.interviews, gone)


def _tried(at: Desk, act: str, match_id: UUID, number: int) -> Desk:
    until = at.today + timedelta(days=number)
    acts = {
        "approve": lambda: decisions.approve(at, [match_id], holding=WINDOW),
        "hold": lambda: decisions.hold(at, match_id, reason="second-opinion", until=until),
        "reject": lambda: decisions.reject(at, match_id, reason="learner-asked"),
        "move": lambda: decisions.move(at, match_id, to=number, reason="mistake"),
        "undo": lambda: decisions.undo(at, [match_id]),
    }
    if act in acts:
        try:
            return after(at, acts[act]())
        except DecisionRefused:
            return at
    if act == "send":
        sent = {key: _sent(match) for key, match in at.matches.items()}
        return replace(at, matches=sent)
    profile = make.profile(interviews=number)
    at = replace(at, vacancy=replace(at.vacancy, profile=profile))
    release = decisions.release_surplus(at)
    return after(at, release) if release else at


def _sent(match: MatchState) -> MatchState:
    return replace(match, decision="sent") if match.decision == "approved" else match


def test_the_list_is_in_the_matchers_order_but_for_moves() -> None:
    """Reserves follow places; an ended match is off the list at once."""
    one, two, three = (states.match(n) for n in (1, 2, 3))
    reserve = states.match(4, listed="reserve")
    refused = states.match(5, decision="rejected")
    moved = replace(three, moved_to=1)
    listed = in_order(
        [reserve, refused, two, moved, one], today=make.MONDAY.date(), proposed_at=make.MONDAY
    )
    assert [match.match_id for match in listed] == [
        moved.match_id,
        one.match_id,
        two.match_id,
        reserve.match_id,
    ]
