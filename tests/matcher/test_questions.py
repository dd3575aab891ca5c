"""What review is told when it asks."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI

from schemas.learner import LearnerChanged
from services.matcher.answers import Answers
from services.matcher.questions import questions
from tests import make
from tests.matcher import happened
from tests.matcher.happened import later
from tests.matcher.scene import Scene

VACANCY = UUID(int=77, version=4)
PLACED, RESERVE, PAUSED, FAR = (UUID(int=number, version=4) for number in range(1, 5))


def client_of(scene: Scene) -> httpx.AsyncClient:
    app = FastAPI()
    answers = Answers(sessions=scene.sessions, rounds=scene.rounds)
    app.include_router(questions(scene.sessions, answers))
    transport = httpx.ASGITransport(app=app)
    return httpx.AsyncClient(transport=transport, base_url="http://matcher/v1")


@pytest.fixture
async def client(scene: Scene) -> AsyncIterator[httpx.AsyncClient]:
    """A matcher that knows four learners and one vacancy with a single interview."""
    await scene.tell(happened.pledge(VACANCY, interviews=1))
    await scene.tell(make.enrolled(learner_id=PLACED), make.enrolled(learner_id=PAUSED))
    await scene.tell(
        make.completed(learner_id=PLACED, completed_on=make.NOON.date().replace(day=1))
    )
    await scene.tell(*happened.completer(FAR, outcode="WV1", max_miles=5))
    await scene.tell(make.enrolled(learner_id=RESERVE))
    async with client_of(scene) as client:
        yield client


async def test_standings_and_their_reasons(scene: Scene, client: httpx.AsyncClient) -> None:
    """Placed, reserve, and absent with the rule, what was found and what is needed."""
    await scene.tell(make.completed(learner_id=RESERVE, completed_on=make.NOON.date()))
    await scene.tell(happened.approved(PLACED, VACANCY))
    await scene.round()
    said = {}
    for learner_id in (PLACED, RESERVE, PAUSED, FAR):
        answer = await client.get(f"/vacancies/{VACANCY}/learners/{learner_id}")
        assert answer.status_code == 200
        said[learner_id] = answer.json()
    assert (said[PLACED]["standing"], said[PLACED]["position"]) == ("placed", 1)
    assert (said[RESERVE]["standing"], said[RESERVE]["position"]) == ("reserve", 2)
    assert (said[PAUSED]["standing"], said[PAUSED]["rule"]) == ("absent", "completed")
    assert (said[FAR]["standing"], said[FAR]["rule"]) == ("absent", "travel-reach")
    assert said[FAR]["limit"]
    (shortlist,) = (await scene.shortlists()).values()
    for answer in said.values():
        assert answer["words"]
        assert answer["round_id"] == str(shortlist.round_id)
        assert answer["rules_version"] == shortlist.rules_version
        assert answer["model_version"] == shortlist.model_version


async def test_another_replica_answers_the_same(scene: Scene, client: httpx.AsyncClient) -> None:
    """It did not make the round, so it computes it again from what was kept."""
    await scene.round()
    address = f"/vacancies/{VACANCY}/learners/{FAR}"
    async with client_of(Scene(sessions=scene.sessions)) as other:
        assert (await other.get(address)).json() == (await client.get(address)).json()
        # a round without news is what questions are answered from next
        await scene.tell(make.enrolled())
        await scene.round()
        assert (await other.get(address)).json() == (await client.get(address)).json()


async def test_unknown_ids_are_not_found(scene: Scene, client: httpx.AsyncClient) -> None:
    await scene.round()
    for path in (f"/vacancies/{VACANCY}/learners/{uuid4()}",
                 f"/vacancies/{uuid4()}/learners/{FAR}", f"/rounds/{uuid4()}"):  # fmt: skip
        assert (await client.get(path)).status_code == 404
    assert (await client.get("/vacancies/x/learners/y")).status_code == 422


async def test_before_a_round_the_asker_is_told_to_come_again(
    scene: Scene, client: httpx.AsyncClient
) -> None:
    address = f"/vacancies/{VACANCY}/learners/{FAR}"
    early = await client.get(address)
    assert (early.status_code, early.headers["retry-after"]) == (503, "2")
    await scene.round()
    assert (await client.get(address)).status_code == 200
    newcomer = uuid4()
    await scene.tell(make.enrolled(learner_id=newcomer))
    late = await client.get(f"/vacancies/{VACANCY}/learners/{newcomer}")
    assert late.status_code == 503


async def test_a_learner_of_another_market_is_said_to_be_there(
    scene: Scene, client: httpx.AsyncClient
) -> None:
    moved = {"learner_id": PLACED, "learner": make.learner_profile(outcode="CV1")}
    await scene.tell(LearnerChanged(event_id=uuid4(), occurred_at=later(), **moved))
    await scene.round()
    answer = (await client.get(f"/vacancies/{VACANCY}/learners/{PLACED}")).json()
    assert (answer["standing"], answer["rule"]) == ("absent", "another-market")
    assert (answer["value"], answer["limit"]) == ("coventry", "west-midlands")


async def test_the_markets_add_up(scene: Scene, client: httpx.AsyncClient) -> None:
    """Nothing before the first round; then every completer is placed or has a reason."""
    (before,) = (await client.get("/markets")).json()
    assert (before["market"], before["learners"], before["unplaced"]) == ("west-midlands", 0, {})
    await scene.round()
    (market,) = (await client.get("/markets")).json()
    figures = {name: market[name] for name in ("learners", "completers", "vacancies",
                                               "pledged_places", "allocated")}  # fmt: skip
    assert figures == {"learners": 4, "completers": 2, "vacancies": 1, "pledged_places": 1,
                       "allocated": 1}  # fmt: skip
    assert sum(market["unplaced"].values()) == market["completers"] - market["allocated"]


async def test_a_round_tells_its_versions_and_digests(
    scene: Scene, client: httpx.AsyncClient
) -> None:
    await scene.round()
    (shortlist,) = (await scene.shortlists()).values()
    found = (await client.get(f"/rounds/{shortlist.round_id}")).json()
    assert found["rules_version"] == shortlist.rules_version
    assert found["counts"]["allocated"] == 1
    assert len(found["inputs_digest"]) == len(found["outcome_digest"]) == 64
    assert "inputs" not in found
    assert (found["base_id"], found["place"]) == (found["round_id"], 0)
    assert set(found["made_with"]) == {"release", "code", "solver", "numpy"}
    await scene.tell(*happened.completer())
    await scene.round()
    round_id = await scene.scalar("select round_id from market")
    step = (await client.get(f"/rounds/{round_id}")).json()
    assert (step["base_id"], step["place"]) == (found["round_id"], 1)
