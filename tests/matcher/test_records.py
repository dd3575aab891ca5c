"""What the handlers keep, and which markets they say have changed."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import text

from schemas.envelope import Event
from schemas.learner import LearnerChanged, LearnerErased, LearnerWithdrawn
from schemas.vacancy import VacancyClosed
from services.delivery.database import Sessions
from services.matcher import pool_store
from tests import make
from tests.matcher import happened
from tests.matcher.happened import later
from tests.matcher.scene import Scene


async def revisions(sessions: Sessions) -> dict[str, int]:
    async with sessions() as session:
        rows = await session.execute(text("select market, revision from market"))
        return {row.market: row.revision for row in rows}


async def learners(scene: Scene, market: str = "west-midlands") -> list[Any]:
    async with scene.sessions() as session:
        return await pool_store.learners(session, market, 0)


async def changes(scene: Scene, *events: Event) -> bool:
    """Whether the events change anything a round would see."""
    before = await revisions(scene.sessions)
    await scene.tell(*events)
    return await revisions(scene.sessions) != before


async def test_the_newest_fact_wins_whatever_comes_first(scene: Scene) -> None:
    """Within one group the later fact stands, within a batch and across batches."""
    learner_id = uuid4()
    enrolled = make.enrolled(learner_id=learner_id)
    first = make.completed(learner_id=learner_id, completed_on=date(2026, 8, 1))
    last = make.completed(learner_id=learner_id, completed_on=date(2026, 8, 2), occurred_at=later())
    assert await changes(scene, enrolled, last, first)
    assert [row.completed_on for row in await learners(scene)] == [date(2026, 8, 2)]
    assert not await changes(scene, first)
    assert not await changes(scene, last)
    assert [row.completed_on for row in await learners(scene)] == [date(2026, 8, 2)]


async def test_equal_times_are_ordered_by_event(scene: Scene) -> None:
    learner_id = uuid4()
    both = sorted(
        (make.completed(learner_id=learner_id, completed_on=date(2026, 8, day)) for day in (1, 2)),
        key=lambda event: event.event_id,
    )
    await scene.tell(make.enrolled(learner_id=learner_id), both[1])
    assert not await changes(scene, both[0])
    assert [row.completed_on for row in await learners(scene)] == [both[1].completed_on]


async def test_a_fact_may_come_before_its_learner(scene: Scene) -> None:
    """A completion waits in the row for the enrolment that makes the learner known."""
    learner_id = uuid4()
    assert not await changes(scene, make.completed(learner_id=learner_id))
    assert await learners(scene) == []
    assert await changes(scene, make.enrolled(learner_id=learner_id))
    assert [row.completed_on for row in await learners(scene)] == [date(2026, 8, 28)]


async def test_a_later_enrolment_brings_a_withdrawn_learner_back(scene: Scene) -> None:
    learner_id = uuid4()
    left = make.withdrawn(learner_id=learner_id, occurred_at=later())
    await scene.tell(make.enrolled(learner_id=learner_id), left)
    assert [row.withdrawn for row in await learners(scene)] == [True]
    await scene.tell(make.enrolled(learner_id=learner_id, occurred_at=later()))
    assert [row.withdrawn for row in await learners(scene)] == [False]
    assert not await changes(scene, left)


async def test_a_change_does_not_bring_a_withdrawn_learner_back(scene: Scene) -> None:
    learner_id = uuid4()
    await scene.tell(
        make.enrolled(learner_id=learner_id),
        LearnerWithdrawn(event_id=uuid4(), occurred_at=later(), learner_id=learner_id),
        LearnerChanged(
            event_id=uuid4(),
            occurred_at=later(),
            learner_id=learner_id,
            learner=make.learner_profile(outcode="B9"),
        ),
    )
    (row,) = await learners(scene)
    assert (row.profile.outcode, row.withdrawn) == ("B9", True)


async def test_a_later_pledge_opens_a_closed_vacancy(scene: Scene) -> None:
    vacancy_id = uuid4()
    closed = VacancyClosed(
        event_id=uuid4(), occurred_at=later(), vacancy_id=vacancy_id, reason="filled"
    )
    for events, expected in (
        ([closed, happened.pledge(vacancy_id)], "filled"),
        ([make.pledged(vacancy_id=vacancy_id, occurred_at=later())], None),
    ):
        await scene.tell(*events)
        async with scene.sessions() as session:
            (row,) = await pool_store.vacancies(session, "west-midlands", 0)
        assert row.closed == expected


async def test_who_moves_changes_both_markets(scene: Scene) -> None:
    """The market somebody left must notice as well as the one they came to."""
    learner_id = uuid4()
    await scene.tell(make.enrolled(learner_id=learner_id))
    before = await revisions(scene.sessions)
    moved = LearnerChanged(
        event_id=uuid4(),
        occurred_at=later(),
        learner_id=learner_id,
        learner=make.learner_profile(outcode="CV1"),
    )
    await scene.tell(moved)
    after = await revisions(scene.sessions)
    assert after["west-midlands"] > before["west-midlands"]
    assert after["coventry"] > 0
    assert await learners(scene) == []
    assert len(await learners(scene, "coventry")) == 1


async def test_an_erased_learner_leaves_an_empty_row_for_ever(scene: Scene) -> None:
    """Nothing but the id stays, and no late or later fact fills the row again."""
    learner_id = uuid4()
    events = happened.completer(learner_id)
    erased = LearnerErased(
        event_id=uuid4(), occurred_at=make.NOON - timedelta(days=1), learner_id=learner_id
    )
    await scene.tell(*events)
    assert await changes(scene, erased)
    await scene.tell(*happened.completer(learner_id), make.withdrawn(learner_id=learner_id))
    async with scene.sessions() as session:
        row = (await session.execute(text("select * from learner"))).mappings().one()
    left = {name for name, value in row.items() if value not in {None, 0}}
    assert left == {"learner_id", "erased"}
    assert await learners(scene) == []


async def test_a_decision_may_come_before_its_vacancy(scene: Scene) -> None:
    """A round sees it as soon as the vacancy is there."""
    vacancy_id, learner_id = uuid4(), uuid4()
    assert not await changes(scene, happened.approved(learner_id, vacancy_id))
    assert await changes(scene, happened.pledge(vacancy_id))
    async with scene.sessions() as session:
        (match,) = await pool_store.matches(session, "west-midlands", 0)
    assert (match.learner_id, match.decision) == (learner_id, "approved")


async def test_the_matcher_keeps_nothing_that_is_never_scored(scene: Scene) -> None:
    """No column and no profile key can hold a protected fact: there is nothing to score."""
    await scene.tell(make.enrolled())
    async with scene.sessions() as session:
        columns = await session.scalars(
            text("select column_name from information_schema.columns where table_schema='matcher'")
        )
        keys = await session.scalars(text("select jsonb_object_keys(profile) from learner"))
        names = {*columns, *keys}
    never = ("sex", "ethnic", "disab", "support", "care", "offend", "benefit", "bursar", "name",
             "email", "phone", "postcode", "uln", "address", "fitness", "imd")  # fmt: skip
    assert not [name for name in names if any(word == part for word in never
                                              for part in name.split("_"))]  # fmt: skip
