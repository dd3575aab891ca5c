"""Places that people keep, free or end."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from schemas.interview import (
    EmployerAccepted,
    EmployerDeclined,
    InterviewBooked,
    InterviewHeld,
    InterviewMissed,
    LearnerAccepted,
)
from schemas.learner import (
    LearnerErased,
    LearnerEvent,
    LearnerWithdrawn,
)
from schemas.match import MatchWithdrawn
from schemas.vacancy import VacancyClosed
from tests import make
from tests.matcher import happened
from tests.matcher.happened import later
from tests.matcher.scene import FIVE, VACANCY, Scene


async def test_a_hold_keeps_the_place_until_its_last_day(scene: Scene) -> None:
    """Then the place is anybody's again: here the learner who has waited longer."""
    held, waited = FIVE[:2]
    await scene.tell(*happened.completer(held), happened.pledge(VACANCY, interviews=1))
    await scene.tell(happened.held(held, VACANCY, date(2026, 9, 5)))
    await scene.tell(make.enrolled(learner_id=waited))
    await scene.tell(make.completed(learner_id=waited, completed_on=date(2026, 6, 1)))
    await scene.round()
    assert await scene.places(VACANCY) == [held]
    scene.now += timedelta(days=3)
    await scene.round()
    assert await scene.places(VACANCY) == [held]
    scene.now += timedelta(days=1)
    await scene.round()
    assert await scene.places(VACANCY) == [waited]


async def test_an_undone_hold_is_a_proposal_again(scene: Scene) -> None:
    held, waited = FIVE[:2]
    await scene.tell(*happened.completer(held), happened.pledge(VACANCY, interviews=1))
    await scene.tell(happened.held(held, VACANCY, date(2026, 9, 30)))
    await scene.tell(happened.held(held, VACANCY, None))
    await scene.tell(make.enrolled(learner_id=waited))
    await scene.tell(make.completed(learner_id=waited, completed_on=date(2026, 6, 1)))
    await scene.round()
    assert await scene.places(VACANCY) == [waited]


async def test_a_reserve_moved_to_a_place_keeps_it(three_of_five: Scene) -> None:
    """Who had the place loses it, and nobody else does."""
    scene = three_of_five
    shortlist = (await scene.shortlists())[VACANCY]
    places = [match.learner_id for match in shortlist.matches]
    reserve = shortlist.reserves[0].learner_id
    await scene.tell(happened.moved(reserve, VACANCY, 2, instead_of=places[1]))
    await scene.round()
    now = await scene.places(VACANCY)
    assert set(now) == {places[0], reserve, places[2]}
    assert now[1] == reserve


async def test_a_missed_interview_frees_the_place_and_not_the_pair(scene: Scene) -> None:
    await scene.tell(*happened.completer(FIVE[0]), happened.pledge(VACANCY, interviews=1))
    await scene.tell(happened.sent(VACANCY, FIVE[0]))
    await scene.tell(happened.said(InterviewBooked, FIVE[0], VACANCY))
    await scene.round()
    assert (await scene.shortlists())[VACANCY].matches[0].locked
    await scene.tell(happened.said(InterviewMissed, FIVE[0], VACANCY))
    await scene.tell(*happened.completer(FIVE[1]))
    await scene.round()
    assert await scene.everybody(VACANCY) == set(FIVE[:2])
    assert not any(match.locked for match in (await scene.shortlists())[VACANCY].matches)


async def test_a_missed_interview_is_news_though_the_list_stays(scene: Scene) -> None:
    """Or nobody would be asked whether to invite the learner again, and the place stay empty."""
    await scene.tell(*happened.completer(FIVE[0]), happened.pledge(VACANCY, interviews=1))
    await scene.round()
    await scene.tell(happened.sent(VACANCY, FIVE[0]))
    await scene.tell(happened.said(InterviewBooked, FIVE[0], VACANCY))
    await scene.round()
    assert len(await scene.said()) == 1
    for count in (2, 3):
        missed = happened.said(InterviewMissed, FIVE[0], VACANCY)
        await scene.tell(missed)
        await scene.round()
        assert len(await scene.said()) == count
        again = (await scene.shortlists())[VACANCY]
        assert [match.learner_id for match in again.matches] == [FIVE[0]]
        assert again.occurred_at > missed.occurred_at


async def test_a_round_is_later_than_what_it_knows_whatever_the_clocks_say(
    three_of_five: Scene,
) -> None:
    """Else a withdrawal would lose against the approval it ends."""
    scene = three_of_five
    (first, *_) = await scene.places(VACANCY)
    ahead = scene.now + timedelta(minutes=5)
    approval = happened.approved(first, VACANCY).model_copy(update={"occurred_at": ahead})
    await scene.tell(approval, make.withdrawn(learner_id=first, occurred_at=later()))
    await scene.round()
    (withdrawn,) = [one for one in await scene.said() if isinstance(one, MatchWithdrawn)]
    assert withdrawn.occurred_at > ahead
    await scene.tell(make.enrolled())
    await scene.round()
    assert len(await scene.withdrawals()) == 1


async def test_a_pledge_is_never_exceeded(three_of_five: Scene) -> None:
    """Five learners go through every answer; never more than three places are live."""
    scene = three_of_five
    dead: set[UUID] = set()
    for kind in (EmployerAccepted, LearnerAccepted, EmployerDeclined, InterviewMissed) * 2:
        places = await scene.places(VACANCY)
        live = [learner_id for learner_id in places if learner_id not in dead]
        assert len(places) <= 3
        if not live:
            break
        await scene.tell(happened.approved(live[0], VACANCY), happened.sent(VACANCY, live[0]))
        await scene.tell(happened.said(kind, live[-1], VACANCY))
        if kind is EmployerDeclined:
            dead.add(live[-1])
        await scene.round()
        assert len(await scene.places(VACANCY)) <= 3
        assert not dead & set(await scene.places(VACANCY))


async def test_a_smaller_pledge_gives_no_new_place(three_of_five: Scene) -> None:
    """Locked matches above a pledge that shrank stay; nobody joins them."""
    scene = three_of_five
    places = await scene.places(VACANCY)
    await scene.tell(*(happened.approved(learner_id, VACANCY) for learner_id in places[:2]))
    await scene.tell(
        make.pledged(
            vacancy_id=VACANCY,
            occurred_at=later(),
            vacancy=make.vacancy_profile(interviews=1),
        )
    )
    await scene.round()
    assert set(await scene.places(VACANCY)) == set(places[:2])


@pytest.mark.parametrize(("decided", "reasons"), [("approved", ["vacancy-closed"]), ("sent", [])])
async def test_a_closing_ends_what_was_not_sent(
    three_of_five: Scene, decided: str, reasons: list[str]
) -> None:
    scene = three_of_five
    (first, *_) = await scene.places(VACANCY)
    await scene.tell(happened.approved(first, VACANCY))
    if decided == "sent":
        await scene.tell(happened.sent(VACANCY, first))
    await scene.tell(
        VacancyClosed(event_id=uuid4(), occurred_at=later(), vacancy_id=VACANCY, reason="filled")
    )
    await scene.round()
    assert await scene.withdrawals() == [(first, reason) for reason in reasons]


@pytest.mark.parametrize(
    ("leave", "reason"),
    [(LearnerWithdrawn, "learner-withdrawn"), (LearnerErased, "learner-erased")],
)
async def test_a_locked_match_ends_with_its_learner(
    three_of_five: Scene, leave: type[LearnerEvent], reason: str
) -> None:
    """It is said once, and the place is filled anew; a held interview used its place up."""
    scene = three_of_five
    kept, gone, third = await scene.places(VACANCY)
    await scene.tell(happened.sent(VACANCY, kept, gone))
    await scene.tell(happened.said(InterviewHeld, kept, VACANCY))
    for learner_id in (kept, gone):
        await scene.tell(leave(event_id=uuid4(), occurred_at=later(), learner_id=learner_id))
    await scene.round()
    assert await scene.withdrawals() == [(gone, reason)]
    others = set(await scene.places(VACANCY)) - {kept}
    assert len(others) == 2
    assert third in others
    assert gone not in others
    await scene.tell(make.enrolled())
    await scene.round()
    assert len(await scene.withdrawals()) == 1


@pytest.mark.parametrize(("booked", "given_up"), [(0, []), (1, [(FIVE[0], "learner-withdrawn")])])
async def test_a_learner_who_leaves_after_the_interview_has_had_it(
    scene: Scene, booked: int, given_up: list[tuple[UUID, str]]
) -> None:
    """Somebody taken on leaves the scheme before the employer says how it went."""
    await scene.tell(*happened.completer(FIVE[0]), happened.pledge(VACANCY, interviews=1))
    await scene.tell(*happened.completer(FIVE[1]), happened.sent(VACANCY, FIVE[0]))
    starts_at = scene.now + timedelta(days=booked)
    await scene.tell(happened.said(InterviewBooked, FIVE[0], VACANCY, starts_at=starts_at))
    await scene.tell(make.withdrawn(learner_id=FIVE[0], occurred_at=later()))
    await scene.round()
    assert await scene.withdrawals() == given_up
    assert (FIVE[1] in await scene.places(VACANCY)) is bool(given_up)


async def test_a_withdrawal_alone_makes_no_second_round(three_of_five: Scene) -> None:
    scene = three_of_five
    (first, *_) = await scene.places(VACANCY)
    await scene.tell(
        happened.approved(first, VACANCY), make.withdrawn(learner_id=first, occurred_at=later())
    )
    assert await scene.rounds.tick()
    assert len(await scene.withdrawals()) == 1
    assert not await scene.rounds.tick()
    assert await scene.rounds.waiting() == 0


async def test_a_vacancy_that_opens_again_is_news(three_of_five: Scene) -> None:
    """Its first shortlist after a closing is published, even if it is the old one."""
    scene = three_of_five
    closed = VacancyClosed(
        event_id=uuid4(), occurred_at=later(), vacancy_id=VACANCY, reason="filled"
    )
    await scene.tell(closed)
    await scene.round()
    async with scene.sessions() as session:
        profile = await session.scalar(text("select profile from vacancy"))
    again = make.vacancy_profile(**profile)
    await scene.tell(make.pledged(vacancy_id=VACANCY, occurred_at=later(), vacancy=again))
    await scene.round()
    shortlist = (await scene.shortlists())[VACANCY]
    assert (shortlist.shortlist_version, len(shortlist.matches)) == (2, 3)
