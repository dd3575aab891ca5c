"""A sender that calls too often is asked to wait; without Valkey nobody is."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.delivery.database import Sessions
from services.embedded.valkey import Valkey
from services.intake.rate import PATIENCE, Rate
from tests.intake import look
from tests.intake.calling import LEARNER, app_on, client_of

NOON = 1_800_000_000.0


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    server = Valkey(tmp_path_factory.mktemp("valkey"))
    server.start()
    yield server
    server.stop()


async def test_each_holder_has_so_many_requests_a_minute(valkey: Valkey) -> None:
    now = NOON + 15
    rate = Rate(valkey.url, a_minute=2, clock=lambda: now)
    assert [await rate.wait_for("a") for _ in range(4)] == [0, 0, 45, 45]
    assert await rate.wait_for("b") == 0
    now += 45
    assert await rate.wait_for("a") == 0
    await rate.stop()


async def test_without_valkey_everything_is_allowed_and_it_is_asked_again(tmp_path: Path) -> None:
    server = Valkey(tmp_path)
    now = NOON
    rate = Rate(server.url, a_minute=1, clock=lambda: now)
    assert [await rate.wait_for("a") for _ in range(3)] == [0, 0, 0]
    server.start()
    assert [await rate.wait_for("a") for _ in range(3)] == [0, 0, 0], "it rests for a while"
    now += 6
    assert [await rate.wait_for("a") for _ in range(2)] == [0, 54]
    await rate.stop()
    server.stop()


async def test_a_frozen_valkey_holds_nobody_up(valkey: Valkey) -> None:
    """It takes connections and never answers: a few wait a moment, the others not at all."""
    now = NOON
    rate = Rate(valkey.url, a_minute=1, clock=lambda: now)
    assert await rate.wait_for("frozen") == 0
    valkey.pause()
    try:
        began = time.monotonic()
        assert set(await asyncio.gather(*(rate.wait_for("frozen") for _ in range(50)))) == {0}
        assert [await rate.wait_for("frozen") for _ in range(50)] == [0] * 50
        # 100 requests one after the other, each with all its patience, would be 20 s
        assert time.monotonic() - began < 50 * PATIENCE
        now += 6
        assert await rate.wait_for("frozen") == 0
    finally:
        valkey.resume()
    now += 6
    assert await rate.wait_for("frozen") > 0, "it counts again"
    await rate.stop()


async def test_records_are_taken_while_valkey_is_frozen(
    valkey: Valkey, sessions: Sessions, intake_database: str
) -> None:
    app = app_on(intake_database, valkey_url=valkey.url, intake_rate=1)
    valkey.pause()
    try:
        async with client_of(app) as sender:
            answers = [await sender.post("/v1/learners", json=LEARNER) for _ in range(3)]
    finally:
        valkey.resume()
    assert [answer.status_code for answer in answers] == [202] * 3
    assert len(await look.posted(sessions)) == 1


async def test_a_valkey_that_forgot_everything_counts_anew(valkey: Valkey) -> None:
    rate = Rate(valkey.url, a_minute=1, clock=lambda: NOON)
    assert [await rate.wait_for("flushed") for _ in range(2)] == [0, 60]
    valkey.flush()
    assert [await rate.wait_for("flushed") for _ in range(2)] == [0, 60]
    await rate.stop()


async def test_too_many_requests_are_a_problem_that_says_when(
    valkey: Valkey, sessions: Sessions, intake_database: str
) -> None:
    app = app_on(intake_database, valkey_url=valkey.url, intake_rate=1)
    async with client_of(app) as sender:
        # a new minute may begin between two requests, never between three
        answers = [await sender.post("/v1/learners", json=LEARNER) for _ in range(3)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused, [answer.status_code for answer in answers]
    assert refused[0].json()["type"] == "/problems/too-many"
    assert 0 < int(refused[0].headers["retry-after"]) <= 60
    assert len(await look.posted(sessions)) == 1
