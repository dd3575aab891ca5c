"""The database locked, slow or cut off: a sender hears 503, and nothing is kept by halves."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from sqlalchemy import make_url, text

from services.delivery import database
from services.delivery.database import Sessions
from services.embedded.postgres import Postgres
from tests.faults.proxy.faults import LoseReply
from tests.faults.proxy.proxy import POSTGRES, Proxy
from tests.intake import look
from tests.intake.calling import LEARNER, app_on, binary, client_of
from tests.waiting import eventually

SLOW = """
do $do$ begin
    create function intake.slow() returns trigger as
        $$ begin perform pg_sleep(20); return new; end $$ language plpgsql;
    create trigger slow before insert on intake.outbox for each row execute function intake.slow();
end $do$
"""


async def kept(sessions: Sessions) -> int:
    """Rows in every table that taking a learner writes."""
    tables = ("intake.learner", "intake.outbox", "contacts.person", "contacts.term")
    async with sessions() as session:
        counts = [await session.scalar(text(f"select count(*) from {name}")) for name in tables]
    return sum(counts)


async def refused(sender: httpx.AsyncClient, words: str) -> None:
    """The record is not taken now, as a problem that says so."""
    answer = await sender.post("/v1/learners", json=LEARNER)
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/unavailable")
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["retry-after"]) > 0
    assert words in answer.json()["detail"]


async def taken_once(sender: httpx.AsyncClient, sessions: Sessions) -> None:
    """The same record again has one effect, and once more none."""
    answers = [await sender.post("/v1/learners", json=LEARNER) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert [answer.json()["verdict"] for answer in answers] == ["accepted", "unchanged"]
    assert await look.names(sessions) == ["LearnerEnrolled"]


@pytest.fixture
def name(intake_database: str) -> str:
    return make_url(intake_database).database or ""


@asynccontextmanager
async def calling(url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A sender, and an intake whose pool is closed afterwards."""
    app = app_on(url)
    async with app.router.lifespan_context(app), client_of(app) as sender:
        yield sender


async def test_a_lock_that_is_not_let_go_keeps_a_sender_waiting_only_so_long(
    postgres: Postgres, intake_database: str, name: str, sessions: Sessions,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(database, "LOCK_LIMIT", 0.2)
    async with calling(intake_database) as sender:
        with postgres.locked("intake.outbox", name):
            await refused(sender, "somebody else holds what this needs, so nothing was kept")
        assert await kept(sessions) == 0
        await taken_once(sender, sessions)


async def test_a_statement_that_does_not_end_is_given_up(
    intake_database: str, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "STATEMENT_LIMIT", 0.3)
    async with calling(intake_database) as sender:
        async with sessions.begin() as session:
            await session.execute(text(SLOW))
        try:
            await refused(sender, "nothing was kept")
        finally:
            async with sessions.begin() as session:
                await session.execute(text("drop trigger slow on intake.outbox"))
        assert await kept(sessions) == 0
        await taken_once(sender, sessions)


async def test_a_connection_cut_in_the_middle_keeps_nothing_by_halves(
    postgres: Postgres, intake_database: str, name: str, sessions: Sessions
) -> None:
    async with calling(intake_database) as sender:
        with postgres.locked("intake.outbox", name) as waiting:

            async def held_up() -> bool:
                return waiting() > 0

            asked = asyncio.create_task(refused(sender, "may or may not"))
            await eventually(held_up, what="the request in the middle of its transaction")
            assert postgres.cut_connections(name) > 0
            await asked
        assert await kept(sessions) == 0
        await taken_once(sender, sessions)


async def test_connections_cut_while_nobody_uses_them_are_not_noticed(
    postgres: Postgres, intake_database: str, name: str, sessions: Sessions
) -> None:
    async with calling(intake_database) as sender:
        await taken_once(sender, sessions)
        assert postgres.cut_connections(name) > 0
        answer = await sender.post("/v1/learners", json=LEARNER)
        assert (answer.status_code, answer.json()["verdict"]) == (202, "unchanged")


async def test_a_crowd_before_a_lock_is_sent_away_and_nobody_hangs(
    postgres: Postgres, intake_database: str, name: str, sessions: Sessions,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """More than there are connections: some wait for the lock, the others for a connection."""
    monkeypatch.setattr(database, "LOCK_LIMIT", 0.4)
    async with calling(intake_database) as sender:
        records = [LEARNER | {"reference": f"C{number}"} for number in range(60)]
        with postgres.locked("intake.outbox", name):
            answers = await asyncio.gather(*(sender.post("/v1/learners", json=r) for r in records))
        assert {answer.status_code for answer in answers} == {503}
        details = {answer.json()["detail"] for answer in answers}
        assert {words.rsplit(", ", 1)[1] for words in details} == {"so nothing was kept"}
        assert len(details) == 2
        assert await kept(sessions) == 0
        await taken_once(sender, sessions)


async def test_an_event_and_a_file_whose_commit_was_not_answered_are_taken_once(
    postgres: Postgres, intake_database: str, sessions: Sessions
) -> None:
    """Sent again, the event is a duplicate and the file's rows are unchanged."""
    rows = "ukprn,reference,as_of,given_name,family_name\n10099001,F1,2026-11-18,Ada,Sample\n"
    with Proxy(("127.0.0.1", postgres.port), POSTGRES) as proxy:
        url = intake_database.replace(f":{postgres.port}/", f":{proxy.port}/")
        async with client_of(app_on(url)) as sender:
            event = {"url": "/v1/events", "json": LEARNER, "headers": binary()}
            file = {"url": "/v1/files", "files": {"file": ("learners.csv", rows)}}
            for given in (event, file):
                lost = proxy.arm(LoseReply(kind="COMMIT"))
                answer = await sender.post(**given)
                assert (answer.status_code, lost.hits) == (503, 1)
                assert "may or may not" in answer.json()["detail"]
            again, filed = await sender.post(**event), await sender.post(**file)
    assert again.json()["duplicate"] is True
    assert [row["verdict"] for row in filed.json()["rows"]] == ["unchanged"]
    assert await look.names(sessions) == ["LearnerEnrolled"]
