"""Nobody waits for ever for PostgreSQL."""

import os
import socket
from collections.abc import AsyncIterator, Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from services.delivery import database as subject
from services.delivery.database import Sessions, open_database
from services.delivery.failures import Fault, fault
from services.embedded.postgres import Postgres
from tests.faults.proxy.faults import HalfOpen
from tests.faults.proxy.proxy import POSTGRES, Proxy


@pytest.fixture
def proxy(postgres: Postgres) -> Iterator[Proxy]:
    with Proxy(("127.0.0.1", postgres.port), POSTGRES) as before_it:
        yield before_it


@pytest.fixture
async def sessions(
    postgres: Postgres, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Sessions]:
    monkeypatch.setattr(subject, "ANSWER_LIMIT", 0.3)
    monkeypatch.setattr(subject, "CONNECT_LIMIT", 2)
    url = postgres.dsn().replace(f":{postgres.port}/", f":{proxy.port}/")
    opened = open_database(url, schema="matcher")
    yield opened
    await opened.kw["bind"].dispose()


async def works(sessions: Sessions) -> bool:
    async with sessions() as session:
        return bool(await session.scalar(text("select true")))


async def test_a_statement_above_the_limit_is_cancelled_and_the_session_goes_on(
    sessions: Sessions,
) -> None:
    async with sessions() as session:
        with pytest.raises(OperationalError, match="no answer") as raised:
            await session.execute(text("select pg_sleep(60)"))
        await session.rollback()
        running = text("select count(*) from pg_stat_activity where query like 'select pg_sleep%'"
                       " and state = 'active' and pid <> pg_backend_pid()")  # fmt: skip
        assert await session.scalar(running) == 0
    assert fault(raised.value) is Fault.OUTAGE


@pytest.mark.faults  # psycopg takes 5 s of its own to give a line up
async def test_a_line_that_is_silently_dead_is_given_up(sessions: Sessions, proxy: Proxy) -> None:
    """In a transaction: an outage. Idle in the pool: whoever takes it gets another line."""
    assert await works(sessions)
    async with sessions() as session:
        await session.execute(text("select 1"))
        in_use = proxy.arm(HalfOpen())
        with pytest.raises(OperationalError) as raised:
            await session.execute(text("select 1"))
    assert fault(raised.value) is Fault.OUTAGE
    assert await works(sessions)
    idle = proxy.arm(HalfOpen())
    assert await works(sessions)
    assert (in_use.hits, idle.hits) == (1, 1)


@pytest.mark.faults  # as above
async def test_a_server_that_accepts_and_says_nothing_is_away(
    sessions: Sessions, proxy: Proxy
) -> None:
    """Until it speaks again."""
    silent = proxy.arm(HalfOpen(newcomers=True))
    with pytest.raises(OperationalError) as raised:
        await works(sessions)
    assert fault(raised.value) is Fault.OUTAGE
    assert silent.hits == 1
    proxy.clear()
    assert await works(sessions)


async def test_a_peer_that_vanished_is_noticed_by_both_sides(sessions: Sessions) -> None:
    """What no proxy can show, for its own machine answers: the keepalives are asked for."""
    async with sessions() as session:
        raw = await (await session.connection()).get_raw_connection()
        assert raw.driver_connection is not None
        with socket.socket(fileno=os.dup(raw.driver_connection.fileno())) as ours:
            assert ours.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
            assert ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == subject.IDLE
            limit = ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
        assert limit == subject.UNACKNOWLEDGED_MS
        theirs = [
            await session.scalar(text(f"show {name}"))
            for name in ("tcp_keepalives_idle", "tcp_user_timeout", "search_path")
        ]
    assert theirs == [str(subject.IDLE), str(subject.UNACKNOWLEDGED_MS), "matcher"]
