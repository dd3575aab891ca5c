"""The proxy itself, in front of real servers: nothing changes unless a fault is armed."""

from collections.abc import Iterator

import psycopg
import pytest

from services.embedded.mail import Mail
from services.embedded.postgres import Postgres
from tests.faults.proxy.faults import LoseReply, felt
from tests.faults.proxy.proxy import POSTGRES, SMTP, Proxy

SENDER = "placements@example.org"


@pytest.fixture
def database_proxy(postgres: Postgres) -> Iterator[Proxy]:
    with Proxy(("127.0.0.1", postgres.port), POSTGRES) as proxy:
        yield proxy


@pytest.fixture
def mail_proxy(mail: Mail) -> Iterator[Proxy]:
    with Proxy(("127.0.0.1", mail.smtp_port), SMTP) as proxy:
        yield proxy


def dsn(proxy: Proxy, database: str) -> str:
    """*database*'s address, through *proxy*."""
    name = database.rsplit("/", 1)[1]
    return f"postgresql://postgres@{proxy.address}/{name}"


def test_a_commit_whose_reply_is_lost_is_done_nevertheless(
    database_proxy: Proxy, database: str
) -> None:
    """Statements before it are answered, the client of the commit sees its line break."""
    with psycopg.connect(dsn(database_proxy, database)) as connection:
        connection.execute("create table seen (n int)")
    armed = database_proxy.arm(LoseReply(kind="COMMIT", times=1))
    connection = psycopg.connect(dsn(database_proxy, database))
    assert connection.execute("insert into seen values (1) returning n").fetchone() == (1,)
    with felt(armed), pytest.raises(psycopg.OperationalError):
        connection.commit()
    with psycopg.connect(dsn(database_proxy, database)) as again:
        assert again.execute("select count(*) from seen").fetchone() == (1,)
    assert armed.hits == 1
