"""Rounds: who is ranked, and what becomes of a place that is refused."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from schemas.interview import (
    EmployerDeclined,
    LearnerDeclined,
)
from schemas.learner import (
    CompletionRevoked,
    LearnerErased,
    LearnerPaused,
    LearnerResumed,
)
from tests import make
from tests.matcher import happened
from tests.matcher.happened import later
from tests.matcher.scene import FIVE, VACANCY, Scene


async def test_a_pledge_is_filled_and_the_others_are_reserves(three_of_five: Scene) -> None:
    shortlist = (await three_of_five.shortlists())[VACANCY]
    assert (len(shortlist.matches), len(shortlist.reserves)) == (3, 2)
    assert [match.position for match in shortlist.matches] == [1, 2, 3]
    assert shortlist.shortlist_version == 1
    assert await three_of_five.rounds.waiting() == 0


async def test_a_round_that_changes_nothing_says_nothing(three_of_five: Scene) -> None:
    """New facts that move nobody make a round but no news."""
    await three_of_five.tell(make.enrolled())
    assert await three_of_five.rounds.waiting() == 1
    await three_of_five.round()
    assert await three_of_five.rounds.waiting() == 0
    assert len(await three_of_five.said()) == 1


async def test_a_vacancy_without_anybody_is_shown_once_with_the_reasons(scene: Scene) -> None:
    await scene.tell(
        *happened.completer(), make.enrolled(), happened.pledge(VACANCY, foundation=True)
    )
    await scene.round()
    shortlist = (await scene.shortlists())[VACANCY]
    assert (shortlist.matches, shortlist.reserves) == ((), ())
    assert sum(shortlist.absences.values()) >= 1
    await scene.tell(*happened.completer())
    await scene.round()
    assert len(await scene.said()) == 1


@pytest.mark.parametrize("gone", ["revoked", "paused", "withdrawn", "erased"])
async def test_who_cannot_be_ranked_leaves_the_shortlist(three_of_five: Scene, gone: str) -> None:
    """And the next in line takes the place."""
    first = (await three_of_five.places(VACANCY))[0]
    base = {"event_id": uuid4(), "occurred_at": later(), "learner_id": first}
    event = {
        "revoked": CompletionRevoked(**base, course_id=uuid4()),
        "paused": LearnerPaused(**base),
        "withdrawn": make.withdrawn(**base),
        "erased": LearnerErased(**base),
    }[gone]
    await three_of_five.tell(event)
    await three_of_five.round()
    shortlist = (await three_of_five.shortlists())[VACANCY]
    on_it = {match.learner_id for match in (*shortlist.matches, *shortlist.reserves)}
    assert len(shortlist.matches) == 3
    assert first not in on_it
    assert await three_of_five.withdrawals() == []


async def test_who_comes_back_is_ranked_again(three_of_five: Scene) -> None:
    """A pause ends by an event, or by the calendar alone."""
    scene, (first, second, *_) = three_of_five, FIVE
    on_break = {"learner_id": first, "until": date(2026, 9, 10)}
    await scene.tell(
        LearnerPaused(event_id=uuid4(), occurred_at=later(), **on_break),
        LearnerPaused(event_id=uuid4(), occurred_at=later(), learner_id=second),
    )
    await scene.round()
    assert not {first, second} & set(await scene.places(VACANCY))
    await scene.tell(LearnerResumed(event_id=uuid4(), occurred_at=later(), learner_id=second))
    await scene.round()
    assert second in await scene.everybody(VACANCY)
    assert first not in await scene.everybody(VACANCY)
    scene.now += timedelta(days=9)
    await scene.round()
    assert first in await scene.everybody(VACANCY)


async def test_one_refusal_frees_exactly_one_place(three_of_five: Scene) -> None:
    """The others keep theirs, and the refused pair is never proposed again."""
    scene = three_of_five
    places = await scene.places(VACANCY)
    await scene.tell(happened.sent(VACANCY, *places))
    await scene.tell(happened.said(EmployerDeclined, places[1], VACANCY))
    await scene.round()
    now = await scene.places(VACANCY)
    assert len(now) == 3
    assert set(places) - set(now) == {places[1]}
    assert places[1] not in await scene.everybody(VACANCY)


async def test_a_learner_who_declines_is_not_asked_again(three_of_five: Scene) -> None:
    scene = three_of_five
    places = await scene.places(VACANCY)
    await scene.tell(
        happened.sent(VACANCY, *places), happened.said(LearnerDeclined, places[0], VACANCY)
    )
    await scene.round()
    assert places[0] not in await scene.everybody(VACANCY)
    assert len(await scene.places(VACANCY)) == 3


async def test_a_rejection_excludes_the_pair_alone(three_of_five: Scene) -> None:
    """The learner may be proposed elsewhere."""
    scene, other = three_of_five, uuid4()
    first = (await scene.places(VACANCY))[0]
    await scene.tell(happened.rejected(first, VACANCY), happened.pledge(other, interviews=1))
    await scene.round()
    assert first not in await scene.everybody(VACANCY)
    shortlists = await scene.shortlists()
    elsewhere = {m.learner_id for m in (*shortlists[other].matches, *shortlists[other].reserves)}
    assert first in elsewhere
