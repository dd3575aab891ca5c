"""Whatever happens to a market, a warm replica's round is as good as a cold one's."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from schemas.envelope import Event
from schemas.interview import EmployerDeclined, InterviewBooked, InterviewMissed, LearnerDeclined
from schemas.learner import LearnerErased, LearnerPaused
from schemas.vacancy import VacancyChanged, VacancyClosed
from services.matcher import archive
from services.matcher.drafts import By, Draft, draft
from services.matcher.market import Pair
from services.matcher.pool import Pool, Warm
from services.matcher.replay import recomputed
from tests import make
from tests.matcher import happened
from tests.matcher.happened import later
from tests.matcher.scene import MODEL, RULES, Scene
from tests.matcher.test_board import worth
from tests.matcher.test_replay import chain

HOME = "west-midlands"
SKILLS = ("python", "communication", "it", "number")


@dataclass
class History:
    """Random events about a market, and who and what is in it by now."""

    seed: int
    chance: random.Random = field(init=False)
    people: list[UUID] = field(default_factory=list)
    vacancies: list[UUID] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    def fresh(self) -> UUID:
        return UUID(int=self.chance.getrandbits(128), version=4)

    def some(self) -> tuple[str, ...]:
        return tuple(self.chance.sample(SKILLS, self.chance.randint(0, 3)))

    def outcode(self) -> str:
        return "CV1" if self.chance.random() < 0.1 else self.chance.choice(("B1", "B5", "DY1"))

    def arrival(self) -> list[Event]:
        self.people.append(self.fresh())
        facts = make.learner_profile(
            skills=self.some(),
            outcode=self.outcode(),
            shares_with_cluster=self.chance.random() < 0.7,
        )
        done = date(2026, 8, 28) - timedelta(days=self.chance.randrange(20))
        return [
            make.enrolled(learner_id=self.people[-1], learner=facts, occurred_at=later()),
            make.completed(learner_id=self.people[-1], completed_on=done, occurred_at=later()),
        ]

    def profile(self, number: int) -> dict[str, object]:
        return {
            "skills": self.some(),
            "outcode": self.outcode(),
            "interviews": self.chance.randint(0 if number % 3 else 1, 3) or 1,
            "cluster": "one" if number % 2 else None,
            "employer_id": UUID(int=number % 5, version=4),
            "joint_pledge": "shared" if number % 4 == 1 else None,
            "interview_by": date(2026, 12, 1),
            "starts_on": date(2027, 1, 11),
        }

    def promise(self) -> list[Event]:
        number = len(self.vacancies)
        self.vacancies.append(self.fresh())
        return [happened.pledge(self.vacancies[-1], **self.profile(number))]

    def change(self) -> list[Event]:
        number = self.chance.randrange(len(self.vacancies))
        facts = {"event_id": uuid4(), "occurred_at": later(), "vacancy_id": self.vacancies[number]}
        if self.chance.random() < 0.2:
            return [VacancyClosed(**facts, reason="filled")]
        return [VacancyChanged(**facts, vacancy=make.vacancy_profile(**self.profile(number)))]

    def about_somebody(self) -> list[Event]:
        who = self.chance.choice(self.people)
        facts = {"event_id": uuid4(), "occurred_at": later(), "learner_id": who}
        return [
            self.chance.choice(
                (
                    lambda: LearnerPaused(**facts),
                    lambda: make.resumed(**facts),
                    lambda: make.resumed(**facts),
                    lambda: make.withdrawn(**facts),
                    lambda: LearnerErased(**facts),
                )
            )()
        ]

    def decision(self, pairs: list[Pair]) -> list[Event]:
        if not pairs:
            return []
        who, at = self.chance.choice(pairs)
        acts: tuple[Callable[[], list[Event]], ...] = (
            lambda: [happened.approved(who, at)],
            lambda: [happened.approved(who, at), happened.held(who, at, None)],
            lambda: [happened.held(who, at, None)],
            lambda: [happened.held(who, at, date(2026, 9, 4))],
            lambda: [happened.rejected(who, at)],
            lambda: [happened.moved(who, at, 1)],
            lambda: [happened.moved(self.chance.choice(self.people), at, 1, instead_of=who)],
            lambda: [happened.sent(at, who)],
            lambda: [happened.sent(at, who), happened.said(EmployerDeclined, who, at)],
            lambda: [happened.sent(at, who), happened.said(LearnerDeclined, who, at)],
            lambda: [happened.said(InterviewBooked, who, at)],
            lambda: [
                happened.said(InterviewBooked, who, at),
                happened.said(InterviewMissed, who, at, by="learner"),
            ],
        )
        return self.chance.choice(acts)()

    def next(self, pairs: list[Pair]) -> list[Event]:
        events: list[Event] = []
        for _ in range(self.chance.randint(1, 3)):
            kind = self.chance.choices(range(5), (3, 1, 1, 1, 5))[0]
            events += (
                self.arrival,
                self.promise,
                self.change,
                self.about_somebody,
                lambda: self.decision(pairs),
            )[kind]()
        return events


async def cold(scene: Scene) -> Draft:
    """What a replica that has just started would make of the market."""
    pool = Pool(market=HOME)
    by = By(today=scene.now.date(), policy=scene.rounds.policy, model=MODEL, rules=RULES)
    async with scene.sessions() as session:
        await pool.catch_up(session)
    return draft(pool, by)


def assert_as_good(warm: Warm, counts: dict[str, object], fresh: Draft) -> None:
    made = fresh.made
    assert made
    here = warm.board.pairs() | warm.board.locks
    assert warm.board.locks == made.inputs.locks
    mine, best = (worth(made.inputs, each, made.outcome) for each in (here, made.outcome.allocated))
    assert mine == best
    ties = {"total_score", "unplaced", "shortlists", "withdrawn"}
    assert {k: v for k, v in counts.items() if k not in ties} == {
        k: v for k, v in fresh.counts.items() if k not in ties
    }
    if here == made.outcome.allocated:
        assert counts["unplaced"] == fresh.counts["unplaced"]
        lists = {row.vacancy_id: row for row in made.outcome.shortlists}
        mine_too = {row.vacancy_id: row for row in warm.listing.shortlists.values()}
        assert lists.keys() == mine_too.keys()
        for vacancy_id, row in lists.items():
            for kind in ("matches", "reserves"):
                ours = [
                    (m.learner_id, m.score, m.locked) for m in getattr(mine_too[vacancy_id], kind)
                ]
                assert ours == [(m.learner_id, m.score, m.locked) for m in getattr(row, kind)]


@pytest.mark.parametrize(("seed", "each"), [(1, 1), (2, 2), (16, 2), (56, 3)])
async def test_a_warm_replica_is_as_good_as_a_cold_one(scene: Scene, seed: int, each: int) -> None:
    """Through restarts, new days and everything people do; every round can be made again."""
    scene.rounds.policy = replace(scene.rounds.policy, interviews_each=each)
    history, pairs = History(seed), list[Pair]()
    for _ in range(12):
        await scene.tell(*history.arrival())
    for _ in range(6):
        await scene.tell(*history.promise())
    for turn in range(16):
        await scene.tell(*history.next(pairs))
        if turn % 7 == 5:
            scene.now += timedelta(days=1)
        if turn % 9 == 7:
            scene.rounds.pools.clear()
        fresh = await cold(scene)
        await scene.round()
        pool = scene.rounds.pools.get(HOME)
        if pool is None:
            continue  # nothing came since the restart
        warm = pool.warm
        assert warm
        rounds = await chain(scene, warm.round_id)
        assert_as_good(warm, rounds[-1].counts, fresh)
        pairs = sorted(warm.board.pairs() | warm.board.locks)
    again = recomputed(rounds, MODEL, RULES)
    assert archive.digest(again.said) == rounds[-1].outcome_digest
    assert again.made.outcome.allocated == {*pairs}
