"""What a replica keeps of a market's last round is never ahead of what is published."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from schemas.learner import LearnerErased
from schemas.vacancy import VacancyChanged, VacancyProfile
from services.matcher.pool import Pool
from services.matcher.rounds import Rounds
from tests import make
from tests.matcher import happened
from tests.matcher.happened import later
from tests.matcher.scene import FIVE, VACANCY, Scene
from tests.matcher.test_replay import chain

HOME = "west-midlands"


class Interrupted(Exception):
    """The replica stopped between computing a round and publishing it."""


async def computed_alone(rounds: Rounds) -> None:
    async with rounds.claimed() as claimed:
        assert claimed
        await rounds.draft(claimed)
        raise Interrupted


async def interrupted(rounds: Rounds) -> None:
    with pytest.raises(Interrupted):
        await computed_alone(rounds)


def moved_to(profile: VacancyProfile) -> VacancyChanged:
    """`VACANCY` as it is now, perhaps in another market."""
    facts = {"event_id": uuid4(), "occurred_at": later()}
    return VacancyChanged(**facts, vacancy_id=VACANCY, vacancy=profile)


async def last_round(scene: Scene, market: str = HOME) -> UUID:
    found = await scene.scalar("select round_id from market where market = :m", m=market)
    assert isinstance(found, UUID)
    return found


def pool_of(scene: Scene) -> Pool:
    return scene.rounds.pools[HOME]


async def test_a_round_that_was_not_published_answers_no_question(three_of_five: Scene) -> None:
    """Nor does it pass for the one before; the next round is a whole one and says it all."""
    scene, newcomer = three_of_five, uuid4()
    await scene.tell(make.enrolled())
    await scene.round()
    last = await last_round(scene)
    await scene.tell(happened.rejected((await scene.places(VACANCY))[0], VACANCY))
    await interrupted(scene.rounds)
    made = await asyncio.to_thread(pool_of(scene).made, last)
    assert made is None or not made.inputs.excluded
    await scene.tell(*happened.completer(newcomer))
    assert await scene.taken_over()
    rounds = await chain(scene, await last_round(scene))
    assert [each.place for each in rounds] == [0]
    warm = pool_of(scene).warm
    assert warm
    assert {learner for learner, _ in warm.board.pairs()} == set(await scene.places(VACANCY))


async def test_what_left_while_rounds_were_interrupted_is_forgotten(three_of_five: Scene) -> None:
    """Facts about a vacancy that moved away do not stop the rounds of the market it left."""
    scene, other = three_of_five, uuid4()
    await scene.tell(happened.pledge(other))
    await scene.round()
    await scene.tell(happened.approved((await scene.places(VACANCY))[0], VACANCY))
    await interrupted(scene.rounds)
    elsewhere = make.vacancy_profile(outcode="CV1", interviews=3)
    await scene.tell(moved_to(elsewhere))
    pool = pool_of(scene)
    for _ in range(2):
        async with scene.sessions() as session:
            await pool.catch_up(session)
        pool.verdicts(scene.now.date())
    assert set(pool.vacancies) == {other}


async def test_a_vacancy_that_moved_in_goes_on_with_its_versions(scene: Scene) -> None:
    """Its next shortlist is not its first again, or nobody would look at it."""
    there = {"outcode": "CV1"}
    people = [happened.completer(**there) for _ in range(4)]
    await scene.tell(*(event for events in people for event in events))
    await scene.tell(happened.pledge(uuid4(), interviews=3, **there))
    await scene.tell(*happened.completer(), happened.pledge(VACANCY, interviews=1))
    await scene.round()
    assert (await scene.shortlists())[VACANCY].shortlist_version == 1
    moved = make.vacancy_profile(interviews=1, **there)
    await scene.tell(moved_to(moved))
    await scene.round()
    shortlist = (await scene.shortlists())[VACANCY]
    assert (shortlist.market, shortlist.shortlist_version) == ("coventry", 2)
    assert [each.place for each in await chain(scene, await last_round(scene, "coventry"))] == [
        0,
        1,
    ]


async def test_who_lost_a_place_before_they_were_known_does_not_get_it(scene: Scene) -> None:
    """A coordinator's decision may be read before the record of whom it was about."""
    late = uuid4()
    for learner_id in FIVE:
        await scene.tell(*happened.completer(learner_id))
    await scene.tell(happened.pledge(VACANCY, interviews=9))
    await scene.round()
    await scene.tell(happened.moved(FIVE[0], VACANCY, 1, instead_of=late))
    await scene.round()
    await scene.tell(*happened.completer(late))
    await scene.round()
    assert len(await chain(scene, await last_round(scene))) == 3
    assert await scene.everybody(VACANCY) == {*FIVE}


async def test_after_somebody_is_forgotten_every_market_begins_a_chain(scene: Scene) -> None:
    """Nothing that is kept goes on from a round whose inputs were dropped."""
    gone = uuid4()
    await scene.tell(*happened.completer(gone), happened.pledge(uuid4()))
    await scene.tell(*happened.completer(outcode="CV1"), happened.pledge(VACANCY, outcode="CV1"))
    await scene.round()
    await scene.tell(LearnerErased(event_id=uuid4(), occurred_at=later(), learner_id=gone))
    await scene.tell(*happened.completer(outcode="CV1"))
    await scene.round()
    rounds = await chain(scene, await last_round(scene, "coventry"))
    assert [each.place for each in rounds] == [0]
    assert rounds[0].inputs


async def test_rules_that_are_taken_back_make_a_round_of_their_own(three_of_five: Scene) -> None:
    """On a day without a change: the first rules' round is not made twice under one id."""
    scene, first = three_of_five, three_of_five.rounds.rules
    for rules in (replace(first, version="2027-01"), first):
        scene.rounds.rules = rules
        await scene.round()
    assert await scene.scalar("select count(distinct round_id) from round") == 3


@asynccontextmanager
async def held(scene: Scene) -> AsyncIterator[tuple[Pool, "asyncio.Task[object]"]]:
    """A market whose lock a thread has, and its next round, which waits for it."""
    await scene.round()
    await scene.tell(*happened.completer())
    pool = pool_of(scene)
    with pool.lock:
        yield pool, asyncio.create_task(scene.round())


async def test_a_question_that_is_being_answered_does_not_stop_the_service(
    three_of_five: Scene,
) -> None:
    """A thread has the market's lock: the next round waits for it, everything else goes on."""
    scene = three_of_five
    async with held(scene) as (pool, waiting):
        for _ in range(20):
            await asyncio.wait_for(asyncio.sleep(0.005), timeout=1)
        assert not waiting.done()
    await asyncio.wait_for(waiting, timeout=20)
    assert pool.warm
    assert len(pool.warm.board.learners) == len(pool.learners)


async def test_a_round_given_up_while_it_waits_leaves_the_market_free(three_of_five: Scene) -> None:
    scene = three_of_five
    async with held(scene) as (pool, waiting):
        await asyncio.sleep(0.1)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    assert not pool.lock.locked()
    await scene.round()
    assert pool.warm
