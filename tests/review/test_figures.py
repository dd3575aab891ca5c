"""The ledger of promises."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from schemas.interview import InterviewHeld
from services.review import decisions
from services.review.deciding import Who
from services.review.figures import Ledger, ledger, people, suppressed
from services.review.lapses import Lapses
from tests.review import make, states
from tests.review.world import Page, World

GOOD_FRIDAY = date(2026, 4, 3)
EASTER_TUESDAY = date(2026, 4, 7)
SENT: dict[str, Any] = {"decision": "sent", "approved_at": datetime(2026, 3, 1, tzinfo=UTC)}


def held(day: date) -> dict[str, Any]:
    """An interview that took place on *day*, recorded a week later."""
    at = datetime(day.year, day.month, day.day, 10, tzinfo=UTC)
    return SENT | {
        "interview": "held",
        "interview_at": at + timedelta(days=7),
        "starts_at": at,
    }


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (EASTER_TUESDAY, Ledger(promised=3, used=2, kept=1, pending=2)),
        (EASTER_TUESDAY + timedelta(days=1), Ledger(promised=3, used=2, kept=1, lapsed=2)),
    ],
)
def test_a_pledge_for_good_friday_lapses_after_the_tuesday(today: date, expected: Ledger) -> None:
    """What was held in time is kept, however late it was told of."""
    vacancy = states.vacancy(profile=make.profile(interviews=3, interview_by=GOOD_FRIDAY))
    matches = [states.match(**held(date(2026, 3, 20))), states.match(**SENT)]
    assert ledger(vacancy, matches, today=today) == expected


def test_an_interview_after_its_day_is_late_and_counts_as_lapsed() -> None:
    """The employer did hold it, and did not keep the promise."""
    vacancy = states.vacancy(profile=make.profile(interviews=1, interview_by=GOOD_FRIDAY))
    matches = [states.match(**held(date(2026, 4, 9)))]
    own = ledger(vacancy, matches, today=date(2026, 4, 20))
    assert (own.kept, own.lapsed, own.late) == (0, 1, 1)


def test_a_vacancy_that_closes_lapses_what_nobody_was_approved_for() -> None:
    """What is under way is still pending."""
    vacancy = states.vacancy(
        profile=make.profile(interviews=3, interview_by=GOOD_FRIDAY), closed_reason="filled"
    )
    own = ledger(vacancy, [states.match(**SENT)], today=date(2026, 3, 2))
    assert (own.promised, own.lapsed, own.pending) == (3, 2, 1)


def test_small_groups_of_people_are_not_told() -> None:
    """None is told, one to four are not."""
    assert [suppressed(count) for count in (0, 1, 4, 5)] == [
        "0",
        "fewer than 5",
        "fewer than 5",
        "5",
    ]


def test_each_learner_is_counted_once_at_the_furthest_step() -> None:
    """Two shortlists, one learner."""
    learner = uuid4()
    matches = [
        states.match(learner_id=learner),
        states.match(learner_id=learner, **held(date(2026, 3, 20))),
        *(states.match() for _ in range(5)),
    ]
    told = dict(people([], {uuid4(): matches}, today=date(2026, 3, 2)))
    assert told["On a shortlist, not decided"] == "5"
    assert told["Interview held"] == "fewer than 5"
    assert told["Ended without an interview so far"] == "0"


def sums(page: Page) -> dict[str, int]:
    """The figures at the head of the page."""
    terms = page.tree.xpath("//dl[@id='whole']//dt/text()")
    values = page.tree.xpath("//dl[@id='whole']//dd/text()")
    return dict(zip(terms, map(int, values), strict=True))


async def test_a_pledge_is_noted_as_lapsed_once_on_the_right_day(world: World) -> None:
    """The clock crosses Easter: nothing on the Tuesday, one entry on the Wednesday."""
    vacancy = uuid4()
    await world.take(make.pledged(vacancy, interviews=2, interview_by=GOOD_FRIDAY))
    lapses = Lapses(sessions=world.sessions, now=world.clock)
    world.clock.now = datetime(2026, 4, 7, 22, tzinfo=UTC)
    assert not await lapses.note()
    world.clock.now = datetime(2026, 4, 7, 23, 1, tzinfo=UTC)  # past midnight in England
    assert await lapses.note()
    world.clock.move(days=3)
    assert not await lapses.note()
    count = "select count(*) from decision where act = 'pledge-lapsed'"
    assert await world.scalar(count) == 1
    browser = await world.coordinator()
    assert sums(await browser.get("/figures"))["Lapsed"] == 2


async def test_the_page_equals_what_was_decided_and_held(world: World) -> None:
    """Promised four, used two, kept one."""
    vacancy, one, two = (uuid4() for _ in range(3))
    await world.take(make.pledged(vacancy, interviews=4), make.proposed(vacancy, [one, two]))
    ids = [make.match_id(vacancy, learner) for learner in (one, two)]
    await world.app.state.console.decisions.decide(
        Who(account="coordinator-1", id_hash=""),
        vacancy,
        2,
        lambda desk: decisions.approve(desk, ids, holding=timedelta(0)),
    )
    await world.sending.send_one()
    await world.take(make.answer(InterviewHeld, vacancy, one, at=make.later(days=2)))
    browser = await world.coordinator()
    page = await browser.get("/figures")
    expected = {"Promised": 4, "Kept": 1, "Lapsed": 0, "Pending": 3, "Used": 2, "Booked": 0}
    assert sums(page) == expected
    assert "Engineering and manufacturing" in page.words
    assert "January 2027" in page.words
