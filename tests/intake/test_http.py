"""Intake over HTTP: what is taken, what is refused, and what happens when others are away."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.delivery.database import Sessions
from services.delivery.migrations import migrate
from services.embedded.postgres import Postgres
from services.intake.app import build_app
from services.intake.keys import KeyRing, digest, new_key
from services.intake.settings import Settings
from tests.intake import look, make
from tests.intake.make import PLEDGE, LearnerXml, advert, done, ilr

KEY = new_key("test")
LEARNER = {
    "ukprn": make.UKPRN, "reference": "L0001", "as_of": "2026-11-18T09:00:00Z",
    "given_name": "Zebedee", "family_name": "Markerson", "email": "zebedee@example.org",
    "date_of_birth": "2001-05-05", "programme": "p2a", "aim": "P2AWELD2",
    "started_on": "2026-06-01", "status": "continuing", "postcode": "B1 1AA",
    "something_new": {"nobody": "knows"},
}  # fmt: skip


def app_on(url: str, **settings: Any) -> FastAPI:
    return build_app(
        Settings.model_validate(
            {
                "database_url": url,
                "kafka_bootstrap": "127.0.0.1:9",
                "valkey_url": "redis://127.0.0.1:9",
                "contacts_keys": make.KEY,
                "intake_keys": f"provider={KEY.digest}",
                **settings,
            }
        )
    )


def client_of(app: FastAPI, key: str | None = KEY.key) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    transport = httpx.ASGITransport(app=app)
    return httpx.AsyncClient(transport=transport, base_url="http://intake", headers=headers)


@pytest.fixture
async def client(sessions: Sessions, intake_database: str) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app_on(intake_database)) as opened:
        yield opened


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


@pytest.mark.parametrize("key", [None, "p2a_test_wrong", ""])
async def test_nobody_comes_in_without_a_key(
    sessions: Sessions, intake_database: str, key: str | None
) -> None:
    async with client_of(app_on(intake_database), key) as stranger:
        for method, path in (("POST", "/v1/learners"), ("GET", "/v1/tasks"),
                             ("POST", "/v1/events"), ("POST", "/v1/files")):  # fmt: skip
            answer = await stranger.request(method, path, json=LEARNER)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"] == "Bearer"
    assert await look.posted(sessions) == []


def test_a_key_is_known_by_its_hash_and_two_may_live_side_by_side() -> None:
    one, two = new_key(), new_key()
    ring = KeyRing.of(f"a={one.digest}, a={digest(two.key)}")
    assert ring.holder(f"Bearer {one.key}") == ring.holder(f"bearer {two.key}") == "a"
    assert ring.holder(one.key) is None
    assert one.key not in repr(one)
    with pytest.raises(ValueError, match="P2A_INTAKE_KEYS"):
        KeyRing.of("a=plain")


def binary(**attributes: str) -> dict[str, str]:
    said = {"specversion": "1.0", "id": "e1", "source": "/provider", "time": "2026-11-18T09:00:00Z",
            "type": "p2a.LearnerRecorded.v1", **attributes}  # fmt: skip
    headers = {f"ce-{name}": value for name, value in said.items()}
    return headers | {"Content-Type": "application/json"}


async def test_a_cloud_event_in_binary_mode_is_taken_once(
    client: httpx.AsyncClient, sessions: Sessions
) -> None:
    for duplicate in (False, True):
        answer = await client.post("/v1/events", json=LEARNER, headers=binary())
        assert answer.status_code == 202
        assert (answer.json()["id"], answer.json()["duplicate"]) == ("e1", duplicate)
    # the same id of another source is another event
    other = await client.post("/v1/events", json=LEARNER, headers=binary(source="/other"))
    assert other.json()["duplicate"] is False
    assert await look.names(sessions) == ["LearnerEnrolled"]


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        ("p2a.LearnerRecorded.v1", LEARNER, ["LearnerEnrolled"]),
        ("p2a.VacancyRecorded.v1", advert(pledge=PLEDGE), ["VacancyPledged"]),
        ("p2a.InterviewsPledged.v1", {"vacancy": "1000001", **PLEDGE}, []),
        ("p2a.VacancyEnded.v1", {"vacancy": "VAC1000001", "reason": "Filled"}, []),
        ("p2a.ErasureRequested.v1", {"ukprn": make.UKPRN, "reference": "L0001"},
         ["LearnerErased"]),
    ],
)  # fmt: skip
async def test_each_type_of_cloud_event_is_taken_in_structured_mode(
    client: httpx.AsyncClient, sessions: Sessions, kind: str, data: dict[str, Any],
    expected: list[str],
) -> None:  # fmt: skip
    event = {"specversion": "1.0", "id": "e1", "source": "/s", "type": kind,
             "time": "2026-11-18T09:00:00Z", "datacontenttype": "application/json",
             "data": data}  # fmt: skip
    headers = {"Content-Type": "application/cloudevents+json"}
    answer = await client.post("/v1/events", content=json.dumps(event), headers=headers)
    assert answer.status_code == 202, answer.text
    assert await look.names(sessions) == expected


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"Content-Type": "application/json"}, b"{}", 400),
        ({"Content-Type": "application/cloudevents+json"}, b"{", 400),
        ({"Content-Type": "application/cloudevents-batch+json"}, b"[]", 415),
        (binary(type="p2a.Nonsense.v1"), b"{}", 422),
        (binary(), b"[]", 422),
        (binary(), b"not json", 422),
        (binary(time="yesterday"), b"{}", 400),
    ],
)
async def test_what_is_no_event_is_refused(
    client: httpx.AsyncClient, headers: dict[str, str], body: bytes, status: int
) -> None:
    answer = await client.post("/v1/events", content=body, headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_refused_event_may_come_again_corrected(
    client: httpx.AsyncClient, sessions: Sessions
) -> None:
    bad = await client.post("/v1/events", json={"ukprn": "1"}, headers=binary())
    good = await client.post("/v1/events", json=LEARNER, headers=binary())
    assert (bad.status_code, good.status_code) == (422, 202)
    assert await look.names(sessions) == ["LearnerEnrolled"]


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


async def test_a_huge_body_is_refused_unread(sessions: Sessions, intake_database: str) -> None:
    async with client_of(app_on(intake_database, intake_most_bytes=2048)) as small:
        body = json.dumps(LEARNER | {"something_new": "x" * 5000})
        for path in ("/v1/learners", "/v1/events"):
            answer = await small.post(path, content=body, headers=binary())
            assert answer.status_code == 413
            assert answer.headers["content-type"] == "application/problem+json"
        stretched = await small.post("/v1/learners", content=_chunks(), headers=binary())
        assert stretched.status_code == 413
        assert stretched.headers["content-type"] == "application/problem+json"
    assert await look.posted(sessions) == []


async def _chunks() -> AsyncIterator[bytes]:
    for _ in range(10):
        yield b" " * 1024


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


async def test_with_kafka_down_records_are_taken_and_wait(
    sessions: Sessions, intake_database: str
) -> None:
    app = app_on(intake_database)
    async with app.router.lifespan_context(app), client_of(app) as client:
        assert (await client.post("/v1/learners", json=LEARNER)).status_code == 202
        ready = await client.get("/readyz")
        assert ready.status_code == 200, ready.text
        status = (await client.get("/status")).json()
        assert status["waiting"] == {"relay": 1, "due": 0}


async def test_with_postgresql_down_nothing_is_taken_until_it_is_back(tmp_path: Path) -> None:
    for parent in (tmp_path, *tmp_path.parents[:3]):
        parent.chmod(0o755)  # the server's own account must be able to reach its data
    server = Postgres(tmp_path / "server")
    url = server.start()
    try:
        migrate(url)
        async with client_of(app_on(url)) as client:
            assert (await client.post("/v1/learners", json=LEARNER)).status_code == 202
            server.stop()
            away = await client.post("/v1/learners", json=LEARNER | {"reference": "L2"})
            assert away.status_code == 503
            assert int(away.headers["retry-after"]) > 0
            assert away.headers["content-type"] == "application/problem+json"
            server.start()
            back = await client.post("/v1/learners", json=LEARNER | {"reference": "L2"})
            assert (back.status_code, back.json()["verdict"]) == (202, "accepted")
    finally:
        server.stop()


async def test_the_api_describes_itself(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    assert {"/v1/learners", "/v1/vacancies", "/v1/events", "/v1/files", "/v1/tasks"} <= set(
        document["paths"]
    )
    body = document["components"]["schemas"]["LearnerBody"]["properties"]
    assert {"ukprn", "reference", "as_of"} <= set(body)
