"""The work list: what, why, what otherwise, by when."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.review.state import VacancyState
from services.review.work import GROUPS, Habits, by_group, vacancy_row
from tests.review import make, states
from tests.review.world import World

HABITS = Habits(warning_days=5, waiting_days=10)
SENT: dict[str, Any] = {
    "decision": "sent",
    "approved_at": make.MONDAY,
    "sent_at": make.MONDAY,
    "decided_at": make.MONDAY,
}
YES = {"employer": "accepted", "employer_at": make.later(minutes=1)}
BOOKED = {"interview": "booked", "interview_at": make.later(minutes=1)}
OLD = date(2026, 10, 1)
SOON = date(2026, 11, 27)


def vacancy(*, by: date = date(2027, 1, 29), **changes: Any) -> VacancyState:
    return states.vacancy(profile=make.profile(interviews=1, interview_by=by), **changes)


@pytest.mark.parametrize(
    ("at", "facts", "group"),
    [
        (vacancy(by=SOON), {}, "lapsing"),
        (vacancy(by=SOON), SENT | BOOKED, None),
        (vacancy(by=date(2026, 12, 1)), {}, "review"),
        (vacancy(by=date(2026, 11, 20)), {}, "review"),
        (vacancy(), {"waiting_since": OLD}, "waiting"),
        (vacancy(), {}, "review"),
        (vacancy(closed_reason="filled"), {}, None),
        (vacancy(), {"decision": "held", "held_until": SOON}, "held"),
        (vacancy(), {"decision": "held", "held_until": date(2026, 11, 20)}, "review"),
        (vacancy(), SENT, "employer"),
        (vacancy(), SENT | YES, "learner"),
        (vacancy(decided_at=make.MONDAY), SENT | BOOKED, "done"),
        (vacancy(decided_at=make.later(days=-8)), SENT | BOOKED, None),
        (
            vacancy(),
            {"decision": "approved", "approved_at": make.MONDAY}
            | {"withdrawn_reason": "learner-paused", "withdrawn_at": make.later(minutes=1)},
            "held",
        ),
    ],
)
def test_a_vacancy_is_in_the_most_urgent_group_it_belongs_to(
    at: VacancyState, facts: dict[str, Any], group: str | None
) -> None:
    """Once, or not at all."""
    row = vacancy_row(at, [states.match(**facts)], now=make.later(minutes=2), habits=HABITS)
    assert (row.group if row else None) == group


def test_a_row_says_why_what_otherwise_and_by_when() -> None:
    """A promise for Christmas falls due on the working day after it."""
    christmas = vacancy(by=date(2026, 12, 25))
    now = make.MONDAY + timedelta(days=28)
    row = vacancy_row(christmas, [states.match()], now=now, habits=HABITS)
    assert row is not None
    assert row.why == ("1 of 1 promised interview not yet booked", "1 learner to review")
    assert row.otherwise == "1 promised interview will count as lapsed"
    assert row.due == date(2026, 12, 29)
    assert row.untouched


def test_groups_come_by_urgency_and_rows_by_their_day() -> None:
    """No group is left out, so that a page can say that one is empty."""
    rows = [
        vacancy_row(vacancy(by=by), [states.match()], now=make.MONDAY, habits=HABITS)
        for by in (date(2026, 11, 27), date(2026, 11, 25))
    ]
    groups = by_group([*rows, None])
    assert [key for key, _, _ in groups] == [key for key, _ in GROUPS]
    assert [row.due for row in groups[0][2]] == [date(2026, 11, 25), date(2026, 11, 27)]


async def test_intakes_checks_are_on_the_list_and_can_be_settled(world: World) -> None:
    """The coordinator's opaque account goes along; the log keeps the decision."""
    task = uuid4()
    world.services.tasks.append(
        {
            "task_id": task,
            "kind": "discriminatory-words",
            "about": uuid4(),
            "words": 'The advert says "young and energetic".',
            "raised_at": make.MONDAY,
        }
    )
    browser = await world.coordinator()
    work = await browser.get("/")
    assert "Words in an advert that may discriminate" in work.words
    page = await browser.get(f"/checks/{task}")
    assert (await browser.send(page)).status == 422
    await browser.send(page, decision="pass")
    (settled,) = world.services.settled
    assert settled["decision"] == "pass"
    assert settled["account"].startswith("coordinator-")
    assert "Record checked" in (await browser.get("/log")).words
    assert (await browser.get(f"/checks/{task}")).status == 404


async def test_the_list_works_while_intake_is_away(world: World) -> None:
    """It says what is missing, and settles nothing."""
    vacancy_id = uuid4()
    await world.take(make.pledged(vacancy_id), make.proposed(vacancy_id, [uuid4()]))
    world.services.away = True
    browser = await world.coordinator()
    work = await browser.get("/")
    assert work.status == 200
    assert "intake gives no answer" in work.words
    assert "1 thing needs you" in work.words
    assert "Intake gives no answer" in (await browser.get(f"/checks/{uuid4()}")).words


async def test_not_looked_at_goes_once_somebody_has_looked(world: World) -> None:
    """Who looked first is kept."""
    vacancy_id: UUID = uuid4()
    await world.take(make.pledged(vacancy_id), make.proposed(vacancy_id, [uuid4()]))
    browser = await world.coordinator()
    assert "Not looked at" in (await browser.get("/")).words
    await browser.get(f"/shortlists/{vacancy_id}")
    assert "Not looked at" not in (await browser.get("/")).words


async def test_a_long_group_is_cut_and_can_be_opened(world: World) -> None:
    """Fifty rows, then how many there are."""
    ids = [uuid4() for _ in range(52)]
    async with world.sessions.begin() as session:
        await world.records.on_vacancy_pledged([make.pledged(v) for v in ids], session)
        proposed = [make.proposed(v, [uuid4()]) for v in ids]
        await world.records.on_shortlist_proposed(proposed, session)
    browser = await world.coordinator()
    work = await browser.get("/")
    assert "52 things need you" in work.words
    assert len(work.tree.xpath("//li[contains(@class, 'p2a-row')]")) == 50
    assert "Show all 52" in work.words
    whole = await browser.get("/", group="review")
    assert len(whole.tree.xpath("//li[contains(@class, 'p2a-row')]")) == 52
