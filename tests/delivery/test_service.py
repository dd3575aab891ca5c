"""A service's parts, and what it says of itself."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import ClassVar

import httpx
import pytest
from fastapi import FastAPI

from services.delivery.database import Sessions, open_database
from services.delivery.service import open_service


@dataclass
class FakePart:
    """A part that keeps when it was started and stopped."""

    name: str
    why: str | None = None
    due: int = 0
    done: int = 0
    fails: bool = False
    story: ClassVar[list[str]] = []
    started: bool = field(default=False)

    async def start(self) -> None:
        if self.fails:
            raise LookupError(self.name)
        self.story.append(f"+{self.name}")

    async def stop(self) -> None:
        self.story.append(f"-{self.name}")

    def trouble(self) -> str | None:
        return self.why

    async def waiting(self) -> int:
        return self.due


@pytest.fixture
async def sessions(database: str) -> AsyncIterator[Sessions]:
    """The matcher's."""
    FakePart.story.clear()
    made = open_database(database, schema="matcher")
    yield made
    await made.kw["bind"].dispose()


async def answer(app: FastAPI, path: str) -> httpx.Response:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://matcher") as client:
        return await client.get(path)


async def test_parts_start_in_order_and_stop_in_reverse(sessions: Sessions) -> None:
    """While the application is up they run."""
    app = open_service("matcher", parts=[FakePart("relay"), FakePart("rounds")], sessions=sessions)
    async with app.router.lifespan_context(app):
        assert FakePart.story == ["+relay", "+rounds"]
    assert FakePart.story == ["+relay", "+rounds", "-rounds", "-relay"]


async def test_a_part_that_cannot_start_stops_the_others(sessions: Sessions) -> None:
    """Nothing is left running behind a failed start."""
    parts = [FakePart("relay"), FakePart("rounds", fails=True)]
    app = open_service("matcher", parts=parts, sessions=sessions)
    with pytest.raises(LookupError):
        async with app.router.lifespan_context(app):
            pass
    assert FakePart.story[-1] == "-relay"


async def test_it_says_what_waits_and_what_is_done(sessions: Sessions) -> None:
    """`/status` by part."""
    parts = [FakePart("relay", due=2, done=7), FakePart("rounds")]
    app = open_service("matcher", parts=parts, sessions=sessions)
    assert (await answer(app, "/status")).json() == {
        "service": "matcher",
        "waiting": {"relay": 2, "rounds": 0},
        "done": {"relay": 7, "rounds": 0},
        "troubles": {},
    }


async def test_it_is_ready_until_a_part_or_the_database_is_not(sessions: Sessions) -> None:
    """503 with the reason by part; alive all the while."""
    part = FakePart("consumer")
    app = open_service("matcher", parts=[part], sessions=sessions)
    assert (await answer(app, "/readyz")).status_code == 200
    part.why = "halted"
    refused = await answer(app, "/readyz")
    assert (refused.status_code, refused.json()["troubles"]) == (503, {"consumer": "halted"})
    assert (await answer(app, "/livez")).status_code == 200


async def test_a_part_it_can_do_without_is_told_and_does_not_hold_it(sessions: Sessions) -> None:
    """Intake takes records while Kafka is away, and says that they do not leave."""
    parts = [FakePart("relay", why="stands"), FakePart("due")]
    app = open_service("intake", parts=parts, sessions=sessions, ready_without={"relay"})
    ready = await answer(app, "/readyz")
    assert (ready.status_code, ready.json()["ready"]) == (200, True)
    assert ready.json()["troubles"] == {"relay": "stands"}
    assert (await answer(app, "/status")).json()["troubles"] == {"relay": "stands"}
    parts[1].why = "failed"
    assert (await answer(app, "/readyz")).status_code == 503


async def test_without_its_database_it_is_alive_and_not_ready() -> None:
    """The reason is a class, not an address."""
    away = open_database("postgresql+psycopg://postgres@127.0.0.1:1/p2a", schema="matcher")
    app = open_service("matcher", parts=[], sessions=away)
    refused = await answer(app, "/readyz")
    assert refused.status_code == 503
    assert refused.json()["troubles"] == {"database": "OperationalError"}
    await away.kw["bind"].dispose()
