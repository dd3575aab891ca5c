"""The market in memory: what it reads, and that it equals one read from scratch."""

from uuid import uuid4

import pytest

from schemas.learner import LearnerChanged, LearnerErased
from services.delivery.database import Sessions
from services.matcher import pool_store
from services.matcher.market import Policy
from services.matcher.pool import Pool
from tests import make
from tests.matcher import happened
from tests.matcher.happened import later
from tests.matcher.scene import Scene

MARKET = "west-midlands"


async def caught_up(sessions: Sessions, pool: Pool) -> Pool:
    async with sessions() as session:
        await pool.catch_up(session)
    return pool


async def test_only_what_changed_is_read(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """A warm pool reads one learner after one learner changed."""
    events = [event for _ in range(5) for event in happened.completer()]
    vacancy_id = uuid4()
    await scene.tell(*events, happened.pledge(vacancy_id))
    pool = await caught_up(scene.sessions, Pool(market=MARKET))
    read: list[int] = []
    for name in ("learners", "vacancies", "matches"):
        original = getattr(pool_store, name)

        async def counted(*arguments, original=original):
            rows = await original(*arguments)
            read.append(len(rows))
            return rows

        monkeypatch.setattr(pool_store, name, counted)
    await scene.tell(make.completed(learner_id=events[0].learner_id, occurred_at=later()))
    await caught_up(scene.sessions, pool)
    assert read == [1, 0, 0]
    read.clear()
    await scene.tell(happened.approved(events[0].learner_id, vacancy_id))
    await caught_up(scene.sessions, pool)
    assert read == [0, 0, 1]
    read.clear()
    await caught_up(scene.sessions, pool)
    assert read == [0, 0, 0]


async def test_a_warm_pool_equals_a_cold_one(scene: Scene) -> None:
    """After arrivals, changes, moves to another market, decisions, erasure and rounds."""
    warm = Pool(market=MARKET)
    vacancies = [uuid4() for _ in range(3)]
    people = [happened.completer() for _ in range(6)]
    ids = [events[0].learner_id for events in people]
    away = make.learner_profile(outcode="CV1")
    steps = [
        [event for events in people[:4] for event in events],
        [happened.pledge(vacancy_id) for vacancy_id in vacancies],
        [happened.approved(ids[0], vacancies[0]), happened.rejected(ids[1], vacancies[0])],
        [*people[4], *people[5]],
        [LearnerChanged(event_id=uuid4(), occurred_at=later(), learner_id=ids[2], learner=away)],
        [LearnerErased(event_id=uuid4(), occurred_at=later(), learner_id=ids[0])],
        [
            make.pledged(
                vacancy_id=vacancies[1],
                occurred_at=later(),
                vacancy=make.vacancy_profile(outcode="CV2"),
            )
        ],
    ]
    for step in steps:
        await scene.tell(*step)
        await scene.round()
        await caught_up(scene.sessions, warm)
        cold = await caught_up(scene.sessions, Pool(market=MARKET))
        today = scene.now.date()
        assert warm.inputs(today, Policy()) == cold.inputs(today, Policy())
        ours = await caught_up(scene.sessions, scene.rounds.pools[MARKET])
        assert ours.inputs(today, Policy()) == cold.inputs(today, Policy())
    assert set(warm.learners) == {ids[1], *ids[3:]}
    assert set(warm.vacancies) == {vacancies[0], vacancies[2]}
