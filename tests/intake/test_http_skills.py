"""The skills over HTTP, as the console asks and answers."""

import httpx

from services.delivery.database import Sessions
from services.intake.ingest import ingest
from tests.intake.calling import app_on, client_of
from tests.intake.make import PLEDGE, advert, adverts, desks, source


async def test_words_wait_with_their_nearest_skills_and_an_answer_takes_them_off(
    client: httpx.AsyncClient, sessions: Sessions
) -> None:
    posted = advert(skills=["Weldng", "Patience"], pledge=PLEDGE)
    await ingest(sessions, desks(), [source(adverts(posted), "a.json")])
    (word,) = (await client.get("/v1/skills/words")).json()
    assert (word["word"], word["times"], word["sources"]) == ("weldng", 1, {"advert": 1})
    assert word["suggestions"][0]["key"] == "welding"
    before = (await client.get("/v1/skills")).json()
    said = {"word": "weldng", "skill": "welding", "account": "coordinator-1"}
    answer = await client.post("/v1/skills/words", json=said)
    assert (answer.status_code, answer.json()["version"] != before["version"]) == (202, True)
    after = (await client.get("/v1/skills")).json()
    assert after["version"] == answer.json()["version"]
    assert {"key": "physical-fitness", "label": "Physical fitness", "used": False} in after[
        "skills"
    ]


async def test_a_decision_that_makes_no_sense_is_a_problem(client: httpx.AsyncClient) -> None:
    said = {"word": "weldng", "skill": "flying", "account": "coordinator-1"}
    answer = await client.post("/v1/skills/words", json=said)
    assert (answer.status_code, "no skill flying" in answer.json()["detail"]) == (422, True)


async def test_nobody_reads_words_without_a_key(sessions: Sessions, intake_database: str) -> None:
    async with client_of(app_on(intake_database), key=None) as stranger:
        assert (await stranger.get("/v1/skills/words")).status_code == 401
