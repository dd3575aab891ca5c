"""Joint pledges: one pool of interviews over several vacancies, never exceeded."""

from collections import Counter
from dataclasses import replace
from uuid import UUID, uuid4

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from schemas.interview import EmployerAccepted, EmployerDeclined, InterviewMissed, LearnerDeclined
from schemas.vacancy import VacancyChanged
from services.delivery.database import Sessions
from services.matcher.market import Policy
from services.matcher.pledges import places, pledged, pledges_of
from services.matcher.prior import fitted
from services.matcher.proposal import propose
from services.matcher.rules import Rules
from tests import make
from tests.matcher import happened
from tests.matcher.cohorts import learner, round_of, vacancy
from tests.matcher.scene import Scene

MODEL, RULES = fitted(), Rules.load()
THREE = [UUID(int=number, version=4) for number in (71, 72, 73)]


def test_the_best_vacancy_speaks_for_its_pledge_and_the_first_where_equal() -> None:
    """Rows of learners may be any."""
    rows = [vacancy(i, joint_pledge="hub" if i in {1, 3} else None) for i in range(4)]
    joint = pledges_of(rows)
    assert (joint.of.tolist(), joint.first.tolist()) == ([0, 1, 2, 1], [0, 1, 2])
    values = np.array([[1, 5, 2, 7], [1, 6, 2, 6], [-1, -1, 9, -1]], dtype=np.int16)
    merged = joint.merged(values)
    assert (merged.tolist(), merged.dtype) == ([[1, 7, 2], [1, 6, 2], [-1, -1, 9]], np.int16)
    assert joint.merged(values[1:2]).tolist() == [[1, 6, 2]]
    learners, pledges = np.array([0, 1, 2]), np.array([1, 1, 2])
    assert joint.chosen(values, learners, pledges).tolist() == [3, 1, 2]


def test_without_a_joint_pledge_nothing_is_copied() -> None:
    values = np.zeros((2, 3), dtype=np.int16)
    assert pledges_of([vacancy(i) for i in range(3)]).merged(values) is values


def test_where_members_disagree_the_smallest_number_counts() -> None:
    rows = [
        vacancy(1, interviews=10, joint_pledge="hub"),
        vacancy(2, interviews=4, joint_pledge="hub", outcode="CV1"),
        vacancy(3, interviews=2),
    ]
    assert pledged(rows, pledges_of(rows)).tolist() == [4, 4, 2]
    assert places(rows) == 6


def test_a_learner_has_one_interview_of_a_pledge_where_they_fit_best() -> None:
    """Two are allowed each, and three are left in the pool."""
    one, other = learner(1, skills=("it",)), learner(2)
    rows = [
        vacancy(1, interviews=5, joint_pledge="hub"),
        vacancy(2, interviews=5, joint_pledge="hub", skills=("it",)),
    ]
    two_each = Policy(interviews_each=2)
    outcome = propose(round_of([one, other], rows, policy=two_each), MODEL, RULES)
    assert outcome.allocated == {
        (one.learner_id, rows[1].vacancy_id),
        (other.learner_id, rows[0].vacancy_id),
    }
    kept = round_of(
        [one], rows, policy=two_each, locks=frozenset({(one.learner_id, rows[0].vacancy_id)})
    )
    assert propose(kept, MODEL, RULES).allocated == kept.locks


def test_a_lock_on_one_member_uses_up_the_pool_of_all() -> None:
    """Nobody else can be placed, and the reserve of the other member is told why."""
    people = [learner(1), learner(2)]
    rows = [vacancy(i, interviews=1, joint_pledge="hub") for i in (1, 2)]
    locks = frozenset({(people[0].learner_id, rows[0].vacancy_id)})
    outcome = propose(round_of(people, rows, locks=locks), MODEL, RULES)
    assert (outcome.allocated, outcome.proof.optimal) == (locks, True)
    assert outcome.unplaced[people[1].learner_id].reason == "scarce"
    barriers = {row.barrier for shortlist in outcome.shortlists for row in shortlist.reserves}
    assert barriers == {"Every interview pledged here has an approved match"}
    apart = [replace(row, profile=row.profile.model_copy(update={"joint_pledge": None}))
             for row in rows]  # fmt: skip
    assert len(propose(round_of(people, apart, locks=locks), MODEL, RULES).allocated) == 2


ACTS = ("approve", "employer", "learner", "yes", "missed", "reject", "move", "join", "leave")


@pytest.mark.timeout(120)  # some forty rounds, each with its transactions
@given(acts=st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 99)), max_size=8))
@settings(
    max_examples=5,
    deadline=None,
    # the database is emptied before each run
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_ten_over_three_members_are_never_exceeded(
    sessions: Sessions, acts: list[tuple[str, int]]
) -> None:
    """Whatever is approved, declined, missed or reordered; all ten are given out while needed."""
    async with sessions.begin() as session:
        await session.execute(
            text("truncate market, learner, vacancy, match, round, shortlist, outbox")
        )
    scene = Scene(sessions=sessions)
    for vacancy_id in THREE:
        await scene.tell(happened.pledge(vacancy_id, interviews=10, joint_pledge="hub"))
    for number in range(14):
        await scene.tell(*happened.completer(UUID(int=100 + number, version=4)))
    await scene.round()
    assert await counted(scene) == 10
    for act, which in acts:
        listed = await given_out(scene)
        who, where = listed[which % len(listed)] if listed else (uuid4(), THREE[0])
        if act == "join":
            await scene.tell(*happened.completer())
        elif act == "leave":
            await scene.tell(make.withdrawn(learner_id=who, occurred_at=happened.later()))
        else:
            await scene.tell(told(act, who, where))
        await scene.round()
        assert await counted(scene) <= 10


def told(act: str, who: UUID, where: UUID):
    """What a person says of the match."""
    answers = {
        "employer": EmployerDeclined,
        "learner": LearnerDeclined,
        "yes": EmployerAccepted,
        "missed": InterviewMissed,
    }
    if act in answers:
        return happened.said(answers[act], who, where)
    if act == "move":
        return happened.moved(who, where, to=1)
    return {"approve": happened.approved, "reject": happened.rejected}[act](who, where)


async def given_out(scene: Scene) -> list[tuple[UUID, UUID]]:
    """The places of the three, as learner and vacancy."""
    lists = await scene.shortlists()
    return [(match.learner_id, where) for where in THREE for match in lists[where].matches]


async def counted(scene: Scene) -> int:
    """How many they are together; nobody has two of them."""
    people = Counter(who for who, _ in await given_out(scene))
    assert max(people.values(), default=0) <= 1
    return people.total()


@pytest.mark.parametrize("smaller", [4, 9])
async def test_a_member_that_states_less_makes_the_pool_smaller(scene: Scene, smaller: int) -> None:
    for vacancy_id in THREE:
        await scene.tell(happened.pledge(vacancy_id, interviews=10, joint_pledge="hub"))
    for _ in range(12):
        await scene.tell(*happened.completer())
    await scene.round()
    assert await counted(scene) == 10
    facts = make.vacancy_profile(interviews=smaller, joint_pledge="hub")
    at = happened.later()
    await scene.tell(
        VacancyChanged(event_id=uuid4(), occurred_at=at, vacancy_id=THREE[1], vacancy=facts)
    )
    await scene.round()
    assert await counted(scene) == smaller
