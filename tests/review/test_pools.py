"""Joint pledges in the console: one pool, counted once, never exceeded."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from services.review import decisions
from services.review.deciding import Who
from services.review.desk import PledgeFull
from services.review.figures import Ledger, ledger, totals
from services.review.lapses import Lapses
from services.review.pools import room, shares
from tests.review import make, states
from tests.review.test_figures import held
from tests.review.world import World

WHO = Who(account="coordinator-1", id_hash="")
TODAY = date(2026, 12, 1)
EARLY, LATE = date(2026, 12, 11), date(2026, 12, 18)
SENT = {"decision": "sent", "approved_at": make.MONDAY}


def members(*stated: int):
    days = (LATE, EARLY, EARLY)
    return [
        states.vacancy(
            vacancy_id=UUID(int=number),
            profile=make.profile(interviews=many, interview_by=day, joint_pledge="hub"),
        )
        for number, (many, day) in enumerate(zip(stated, days, strict=False), start=1)
    ]


def used(vacancy, many: int, **facts):
    return [states.match(vacancy_id=vacancy.vacancy_id, **SENT | facts) for _ in range(many)]


def test_a_pool_leaves_what_the_others_have_not_used() -> None:
    """Holds count; the smallest number stated is the pool."""
    first, other, third = found = members(10, 8, 10)
    hold = {"decision": "held", "held_until": LATE}
    matches = {
        other.vacancy_id: used(other, 3),
        third.vacancy_id: used(third, 2) + used(third, 1, **hold),
    }
    assert room(first.vacancy_id, found, matches, today=TODAY) == 2
    assert room(other.vacancy_id, found, matches, today=TODAY) == 5
    assert room(first.vacancy_id, members(10, 4, 10), matches, today=TODAY) == 0


def test_shares_are_what_was_used_and_the_rest_is_owed_by_the_last_day() -> None:
    last, other, third = found = members(10, 10, 10)
    matches = {other.vacancy_id: used(other, 3), last.vacancy_id: used(last, 1)}
    own = shares([*found, states.vacancy()], matches, today=TODAY)
    assert own == {last.vacancy_id: 7, other.vacancy_id: 3, third.vacancy_id: 0}
    shut = replace(last, closed_reason="filled")
    assert shares([shut, other, third], matches, today=TODAY)[third.vacancy_id] == 6


def test_the_ledger_counts_a_pool_once() -> None:
    """Ten promised between three; two kept by one, one under way at another."""
    last, other, third = found = members(10, 10, 10)
    matches = {other.vacancy_id: used(other, 2, **held(EARLY)), third.vacancy_id: used(third, 1)}
    ((_, whole),) = totals(found, matches, today=date(2026, 12, 14), by=lambda _: "all")
    assert whole == Ledger(promised=10, used=3, kept=2, lapsed=1, pending=7)
    after = totals(found, matches, today=date(2026, 12, 21), by=lambda _: "all")
    assert after[0][1] == Ledger(promised=10, used=3, kept=2, lapsed=8)
    assert ledger(last, (), today=TODAY, share=7).promised == 7


async def proposed(world: World, *, interviews: int, each: int) -> dict[UUID, list[UUID]]:
    """Three members, each with as many learners on places as if the pool were its own."""
    listed = {uuid4(): [uuid4() for _ in range(each)] for _ in range(3)}
    for vacancy_id, learners in listed.items():
        profile = make.profile(interviews=interviews, joint_pledge="hub")
        await world.take(
            make.pledged(vacancy_id, interviews=interviews, joint_pledge="hub"),
            make.proposed(vacancy_id, learners, vacancy=profile),
        )
    return listed


async def approve(world: World, vacancy_id: UUID, learners: list[UUID]) -> None:
    ids = [make.match_id(vacancy_id, learner) for learner in learners]
    version = await world.scalar("select version from vacancy where vacancy_id = :v", v=vacancy_id)
    await world.app.state.console.decisions.decide(
        WHO, vacancy_id, version, lambda desk: decisions.approve(desk, ids, holding=timedelta(0))
    )


async def test_no_more_is_approved_on_all_members_than_the_pool(world: World) -> None:
    """Though each list was proposed before the others were decided on."""
    listed = await proposed(world, interviews=10, each=5)
    one, two, three = listed
    await approve(world, one, listed[one])
    await approve(world, two, listed[two][:4])
    with pytest.raises(PledgeFull, match="The joint pledge leaves this vacancy 1 interview: 0 "):
        await approve(world, three, listed[three][:2])
    await approve(world, three, listed[three][:1])
    with pytest.raises(PledgeFull):
        await approve(world, two, listed[two][4:])
    page = await (await world.coordinator()).get(f"/shortlists/{two}")
    assert "10 interviews on 3 vacancies together, 6 of them taken on the others" in page.words


async def test_a_pool_that_shrinks_frees_what_another_member_approved(world: World) -> None:
    listed = await proposed(world, interviews=4, each=2)
    one, two, _ = listed
    await approve(world, one, listed[one])
    smaller = make.profile(interviews=1, joint_pledge="hub")
    pledge = make.pledged(two).model_copy(update={"vacancy": smaller})
    await world.take(make.changed(pledge, at=make.later(minutes=1)))
    (freed,) = await world.posted("MatchHeld")
    assert (freed.vacancy_id, freed.learner_id) == (one, listed[one][1])
    assert freed.reason == "pledge-shrunk"


async def test_a_joint_pledge_lapses_once_with_its_last_day(world: World) -> None:
    for day in (EARLY, LATE):
        facts = {"interviews": 3, "interview_by": day, "joint_pledge": "hub"}
        await world.take(make.pledged(uuid4(), **facts))
    lapses = Lapses(sessions=world.sessions, now=world.clock)
    lapsed = "select coalesce(sum(lapsed_count), 0) from vacancy"
    for day, many in ((15, 0), (22, 3)):
        world.clock.now = datetime(2026, 12, day, 12, tzinfo=UTC)
        assert await lapses.note()
        assert await world.scalar(lapsed) == many
