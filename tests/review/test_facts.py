"""Facts from the other services: in any order, and again."""

import random
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from schemas.envelope import Event
from schemas.interview import (
    EmployerAccepted,
    EmployerDeclined,
    InterviewBooked,
    InterviewHeld,
    LearnerAccepted,
    LearnerDeclined,
    OutcomeRecorded,
)
from schemas.letter import LetterBounced, LetterFailed, LetterSent
from services.review import decisions
from services.review.deciding import Who
from tests.review import make
from tests.review.world import World

WHO = Who(account="coordinator-1", id_hash="")


def a_day() -> tuple[UUID, list[Event]]:
    """What the other services say of one vacancy in a day."""
    vacancy, one, two, three = (uuid4() for _ in range(4))
    pledge = make.pledged(vacancy)
    letter = uuid4()
    at = [make.later(minutes=n) for n in range(20)]
    return vacancy, [
        pledge,
        make.changed(pledge, at=at[1], interviews=3),
        make.closed(vacancy, at=at[2]),
        make.pledged(vacancy, at=at[3], interviews=4),
        make.proposed(vacancy, [one, two], [three], version=1, at=at[4]),
        make.proposed(vacancy, [two, one], [], version=2, at=at[5]),
        make.answer(EmployerAccepted, vacancy, one, at=at[6]),
        make.answer(EmployerDeclined, vacancy, one, at=at[7], reason="position-filled"),
        make.answer(LearnerDeclined, vacancy, two, at=at[8], reason="other-plans"),
        make.answer(LearnerAccepted, vacancy, two, at=at[9]),
        make.answer(InterviewBooked, vacancy, two, at=at[10], starts_at=make.later(days=2)),
        make.answer(InterviewHeld, vacancy, two, at=at[11]),
        make.answer(OutcomeRecorded, vacancy, two, at=at[12], outcome="offer"),
        make.withdrawn(vacancy, three, at=at[13]),
        make.lettered(LetterFailed, vacancy, at=at[14], letter_id=letter, reason="unknown"),
        make.lettered(LetterSent, vacancy, at=at[15], letter_id=letter),
    ]


async def state(world: World) -> dict[str, list[dict[str, Any]]]:
    """Every table of facts, as it stands; how often it changed is not part of it."""
    queries = {
        "vacancy": "select * from vacancy order by vacancy_id",
        "match": "select * from match order by match_id",
        "letter": "select * from letter order by letter_id",
        "happening": "select * from happening order by event_id",
    }
    found = {}
    async with world.sessions() as session:
        for name, query in queries.items():
            rows = (await session.execute(text(query))).mappings()
            found[name] = [{k: v for k, v in row.items() if k != "version"} for row in rows]
        await session.execute(text("truncate vacancy, match, letter, happening, screen cascade"))
        await session.commit()
    return found


@pytest.mark.parametrize("seed", range(6))
async def test_any_order_and_repetition_ends_in_the_same_state(world: World, seed: int) -> None:
    """The day in order once, then shuffled and doubled: not a column differs."""
    _, events = a_day()
    await world.take(*events)
    expected = await state(world)
    shuffled = events * 2
    random.Random(seed).shuffle(shuffled)
    await world.take(*shuffled)
    assert await state(world) == expected


async def test_a_later_pledge_opens_a_closed_vacancy_again(world: World) -> None:
    """Approving is possible on it then, and not before."""
    vacancy, learner = uuid4(), uuid4()
    console = world.app.state.console
    await world.take(
        make.pledged(vacancy),
        make.closed(vacancy, at=make.later(minutes=1)),
        make.proposed(vacancy, [learner]),
    )
    browser = await world.coordinator()
    assert "takes nobody more" in (await browser.get(f"/shortlists/{vacancy}")).words
    await world.take(make.pledged(vacancy, at=make.later(minutes=2)))
    version = await world.scalar("select version from vacancy")
    await console.decisions.decide(
        WHO,
        vacancy,
        version,
        lambda desk: decisions.approve(
            desk, [make.match_id(vacancy, learner)], holding=timedelta(0)
        ),
    )
    assert len(await world.posted("MatchApproved")) == 1


async def test_a_round_that_changes_nothing_to_see_leaves_the_version(world: World) -> None:
    """Scores drift with every round; nobody's screen goes stale for that."""
    vacancy, learner = uuid4(), uuid4()
    await world.take(make.pledged(vacancy), make.proposed(vacancy, [learner]))
    before = await world.scalar("select version from vacancy")
    match = make.match(vacancy, learner, 1, score=1234, locked=True)
    await world.take(make.proposed(vacancy, [], version=2, matches=(match,)))
    assert await world.scalar("select shortlist_version from vacancy") == 2
    assert await world.scalar("select version from vacancy") == before
    await world.take(make.proposed(vacancy, [uuid4()], version=3))
    assert await world.scalar("select version from vacancy") == before + 1


async def test_a_pledge_that_shrinks_frees_what_has_not_been_sent(world: World) -> None:
    """Two approved, one interview left: the lower one is proposed again, by the service."""
    vacancy, one, two = (uuid4() for _ in range(3))
    pledge = make.pledged(vacancy)
    await world.take(pledge, make.proposed(vacancy, [one, two]))
    ids = [make.match_id(vacancy, learner) for learner in (one, two)]
    await world.app.state.console.decisions.decide(
        WHO, vacancy, 2, lambda desk: decisions.approve(desk, ids, holding=timedelta(minutes=15))
    )
    await world.take(make.changed(pledge, at=make.later(minutes=1), interviews=1))
    (freed,) = await world.posted("MatchHeld")
    assert (freed.learner_id, freed.reason, freed.until) == (two, "pledge-shrunk", None)
    assert freed.coordinator == "service:review"
    world.clock.move(minutes=20)
    assert await world.sending.send_one()
    (sent,) = await world.posted("ShortlistSent")
    assert [match.learner_id for match in sent.matches] == [one]


async def test_a_vacancy_that_closes_in_the_window_sends_nothing(world: World) -> None:
    """The window ends without letters."""
    vacancy, one = uuid4(), uuid4()
    await world.take(make.pledged(vacancy), make.proposed(vacancy, [one]))
    ids = [make.match_id(vacancy, one)]
    await world.app.state.console.decisions.decide(
        WHO, vacancy, 2, lambda desk: decisions.approve(desk, ids, holding=timedelta(minutes=15))
    )
    await world.take(make.closed(vacancy, at=make.later(minutes=1)))
    world.clock.move(minutes=20)
    assert await world.sending.send_one()
    assert await world.posted("ShortlistSent") == []
    assert await world.sending.waiting() == 0


async def test_what_was_not_sent_is_to_review_when_its_vacancy_opens_again(world: World) -> None:
    """No match stays approved without a day on which it goes."""
    vacancy, one = uuid4(), uuid4()
    await world.take(make.pledged(vacancy), make.proposed(vacancy, [one]))
    ids = [make.match_id(vacancy, one)]
    console = world.app.state.console
    await console.decisions.decide(
        WHO, vacancy, 2, lambda desk: decisions.approve(desk, ids, holding=timedelta(minutes=15))
    )
    await world.take(make.closed(vacancy, at=make.later(minutes=1)))
    world.clock.move(minutes=20)
    assert await world.sending.send_one()
    (freed,) = await world.posted("MatchHeld")
    assert (freed.reason, freed.until, freed.coordinator) == (
        "vacancy-closed", None, "service:review",
    )  # fmt: skip
    await world.take(make.pledged(vacancy, at=make.later(minutes=15)))
    version = await world.scalar("select version from vacancy")
    await console.decisions.decide(
        WHO, vacancy, version, lambda desk: decisions.approve(desk, ids, holding=timedelta(0))
    )
    world.clock.move(minutes=1)
    assert await world.sending.send_one()
    assert len(await world.posted("ShortlistSent")) == 1


async def test_a_letter_that_came_back_is_work_until_somebody_settles_it(world: World) -> None:
    """The reason is asked, the log keeps it, and the row goes."""
    vacancy = uuid4()
    bounced = make.lettered(LetterBounced, vacancy, at=make.MONDAY, reason="address-refused")
    await world.take(make.pledged(vacancy), bounced)
    browser = await world.coordinator()
    assert "Letter to the learner came back" in (await browser.get("/")).words
    page = await browser.get(f"/letters/{bounced.letter_id}")
    refused = await browser.send(page)
    assert refused.status == 422
    assert "Choose what you did" in refused.words
    after = await browser.send(refused, reason="rang")
    assert "came back" not in after.words
    assert "I rang them" in (await browser.get("/log")).words


async def test_interviews_pledged_for_a_day_far_off_are_no_work(world: World) -> None:
    """A vacancy nobody is proposed for yet needs nobody."""
    await world.take(make.pledged(uuid4(), interview_by=date(2027, 6, 1)))
    browser = await world.coordinator()
    assert "Nothing needs you" in (await browser.get("/")).words


async def test_that_a_peer_employer_declined_is_for_coordinators_alone(world: World) -> None:
    """It is on the shortlist and on the match's page, and not in what is sent."""
    vacancy, one = uuid4(), uuid4()
    said = "Another employer declined; the learner agreed to be offered here"
    line = make.match(vacancy, one, 1, handed_over=said)
    shortlist = make.proposed(vacancy, [one]).model_copy(update={"matches": (line,)})
    await world.take(make.pledged(vacancy), shortlist)
    browser = await world.coordinator()
    at = f"/shortlists/{vacancy}"
    assert said in (await browser.get(at)).words
    assert said in (await browser.get(f"{at}/matches/{line.match_id}")).words
    await world.app.state.console.decisions.decide(
        WHO,
        vacancy,
        2,
        lambda desk: decisions.approve(desk, [line.match_id], holding=timedelta(0)),
    )
    assert await world.sending.send_one()
    (sent,) = await world.posted("ShortlistSent")
    assert [match.handed_over for match in sent.matches] == [None]
