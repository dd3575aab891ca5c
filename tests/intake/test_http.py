"""Intake over HTTP: what is taken, and what is refused by pointer."""

from typing import Any

import httpx
import pytest

from services.delivery.database import Sessions
from tests.intake import look, make
from tests.intake.calling import LEARNER
from tests.intake.make import PLEDGE, LearnerXml, advert, done, ilr


async def test_a_learner_is_taken_and_a_repeat_changes_nothing(
    client: httpx.AsyncClient, sessions: Sessions
) -> None:
    first = await client.post("/v1/learners", json=LEARNER)
    assert (first.status_code, first.json()["verdict"]) == (202, "accepted")
    (event,) = await look.posted(sessions)
    assert first.json()["id"] == str(event.event_id)
    again = await client.post("/v1/learners", json=LEARNER)
    assert (again.status_code, again.json()["verdict"]) == (202, "unchanged")
    assert len(await look.posted(sessions)) == 1


async def test_an_advert_with_its_pledge_beside_it_is_pledged(
    client: httpx.AsyncClient, sessions: Sessions
) -> None:
    answer = await client.post("/v1/vacancies", json=advert(pledge=PLEDGE))
    assert answer.json()["verdict"] == "accepted"
    assert answer.json()["wage"]["aged_21_up"] == "meets"
    assert await look.names(sessions) == ["VacancyPledged"]


async def test_a_pledge_sent_later_releases_the_draft(
    client: httpx.AsyncClient, sessions: Sessions
) -> None:
    held = await client.post("/v1/vacancies", json=advert())
    assert (held.status_code, held.json()["rule"]) == (202, "no-pledge")
    body = {"vacancy": "1000001", "as_of": "2026-11-18", **PLEDGE}
    for verdict in ("accepted", "unchanged"):
        assert (await client.post("/v1/pledges", json=body)).json()["verdict"] == verdict
    assert await look.names(sessions) == ["VacancyPledged"]


async def test_faults_are_named_by_pointer_and_never_repeat_a_value(
    client: httpx.AsyncClient,
) -> None:
    bad = LEARNER | {"ukprn": "Markerson", "date_of_birth": "Zebedee", "hours_to": 99}
    del bad["as_of"]
    answer = await client.post("/v1/learners", json=bad)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert {fault["pointer"]: fault["code"] for fault in problem["errors"]} == {
        "/ukprn": "wrong", "/date_of_birth": "wrong", "/as_of": "missing", "/hours_to": "wrong",
    }  # fmt: skip
    assert "Markerson" not in answer.text
    assert "Zebedee" not in answer.text
    page = await client.get(problem["type"])
    assert page.status_code == 200


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"title": "x"}, ""),
        (advert(startDate=None), "/startDate"),
        (advert(wage={"wageType": "Custom", "wageAmount": "lots"}), "/wage/wageAmount"),
        (advert(employerName=None), "/employerName"),
        ({"contractingParties": {"accountLegalEntityPublicHashedId": "A"}, "title": "x",
          "startDate": "2027-01-01"}, "/id"),
    ],
)  # fmt: skip
async def test_faulty_adverts_are_named_by_pointer(
    client: httpx.AsyncClient, body: dict[str, Any], pointer: str
) -> None:
    answer = await client.post("/v1/vacancies", json=body)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


async def test_broken_json_is_placed(client: httpx.AsyncClient) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await client.post("/v1/learners", content=b'{\n "ukprn": oops}', headers=headers)
    assert answer.status_code == 400
    assert "line 2, column 11" in answer.json()["detail"]


async def test_a_file_is_reported_row_by_row_and_a_dry_run_keeps_nothing(
    client: httpx.AsyncClient, sessions: Sessions
) -> None:
    content = ilr(LearnerXml(aims=[done()]), LearnerXml(ref="B", born=None))
    reports = [
        await client.post("/v1/files", files={"file": ("r.xml", content)}, params=params)
        for params in ({"dry_run": "true"}, {})
    ]
    assert reports[0].json()["rows"] == reports[1].json()["rows"]
    assert reports[1].json()["counts"]["accepted"] == 1
    assert [e.event_id for e in await look.posted(sessions)] != []
    assert len(await look.posted(sessions)) == 2


async def test_a_file_with_its_pledges_beside_it(
    client: httpx.AsyncClient, sessions: Sessions
) -> None:
    pledges = "vacancy,interviews,interview_by,as_of\n1000001,3,2027-01-15,2026-11-01\n"
    files = {"file": ("adverts.json", make.adverts(advert())), "pledges": ("p.csv", pledges)}
    answer = await client.post("/v1/files", files=files)
    assert [row["verdict"] for row in answer.json()["rows"]] == ["accepted", "accepted"]
    assert await look.names(sessions) == ["VacancyPledged"]


async def test_a_broken_file_is_placed_and_nothing_of_it_is_kept(
    client: httpx.AsyncClient, sessions: Sessions
) -> None:
    broken = ilr(LearnerXml(), LearnerXml(ref="B")).replace(b"</Message>", b"")
    answer = await client.post("/v1/files", files={"file": ("r.xml", broken)})
    assert answer.status_code == 400
    assert "line" in answer.json()["detail"]
    assert await look.posted(sessions) == []


async def test_tasks_are_listed_and_settled_by_a_person(
    client: httpx.AsyncClient, sessions: Sessions
) -> None:
    held = advert(wage={"wageType": "CompetitiveSalary"}, pledge=PLEDGE)
    about = (await client.post("/v1/vacancies", json=held)).json()["about"]
    (task,) = (await client.get("/v1/tasks", params={"open": "true"})).json()
    assert (task["kind"], task["about"]) == ("wage-cannot-tell", about)
    assert set(task) == {"task_id", "kind", "about", "words", "raised_at"}
    settled = {"account": "ana", "decision": "pass"}
    path = f"/v1/tasks/{task['task_id']}"
    assert (await client.post(path, json=settled)).json()["verdict"] == "accepted"
    assert await look.names(sessions) == ["VacancyPledged"]
    assert (await client.get("/v1/tasks")).json() == []
    assert (await client.post(path, json=settled)).status_code == 404


async def test_a_learner_is_forgotten_on_request(
    client: httpx.AsyncClient, sessions: Sessions
) -> None:
    await client.post("/v1/learners", json=LEARNER)
    wish = {name: LEARNER[name] for name in ("ukprn", "reference", "as_of")}
    assert (await client.post("/v1/erasures", json=wish)).json()["verdict"] == "accepted"
    assert await look.names(sessions) == ["LearnerErased"]
    again = await client.post("/v1/learners", json=LEARNER | {"as_of": "2026-12-24"})
    assert (again.json()["verdict"], again.json()["rule"]) == ("ignored", "erased")


async def test_the_api_describes_itself(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    assert {"/v1/learners", "/v1/vacancies", "/v1/events", "/v1/files", "/v1/tasks"} <= set(
        document["paths"]
    )
    body = document["components"]["schemas"]["LearnerBody"]["properties"]
    assert {"ukprn", "reference", "as_of"} <= set(body)
