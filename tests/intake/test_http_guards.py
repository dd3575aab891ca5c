"""Who may call, how much they may send, and what happens when others are away."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.delivery.database import Sessions
from services.delivery.migrations import migrate
from services.embedded.postgres import Postgres
from services.intake.keys import KeyRing, digest, new_key
from tests.intake import look
from tests.intake.calling import LEARNER, app_on, binary, client_of
from tests.waiting import eventually


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


async def test_with_kafka_down_records_are_taken_and_wait(
    sessions: Sessions, intake_database: str
) -> None:
    app = app_on(intake_database)
    async with app.router.lifespan_context(app), client_of(app) as client:
        assert (await client.post("/v1/learners", json=LEARNER)).status_code == 202
        ready = await client.get("/readyz")
        assert ready.status_code == 200, ready.text

        async def read_through() -> dict[str, int] | None:
            waiting: dict[str, int] = (await client.get("/status")).json()["waiting"]
            # whoever comes before the skills of a new database are adopted is read once more
            return waiting if waiting["skills"] == 0 else None

        waiting = await eventually(read_through, what="the rereading")
        assert waiting == {"relay": 1, "due": 0, "skills": 0, "rate": 0}


async def test_with_postgresql_down_nothing_is_taken_until_it_is_back(open_folder: Path) -> None:
    server = Postgres(open_folder / "server")
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
