"""The proxy in front of real servers: what was armed happens, and nothing else."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from services.embedded.mail import Mail
from services.embedded.postgres import Postgres
from services.notifier.mailer import MailerUnavailable, OutcomeUnknown
from services.notifier.smtp import SmtpMailer
from tests.faults.proxy.faults import DelayReply, HalfOpen, LoseReply, Reset, Way, felt
from tests.faults.proxy.framing import Unreadable
from tests.faults.proxy.postgres import PostgresFraming
from tests.faults.proxy.proxy import POSTGRES, SMTP, Proxy
from tests.waiting import until

pytestmark = pytest.mark.timeout(60)

SENDER = "placements@example.org"
SILENCE = 0.3  # how long a line must say nothing to count as dead; it never does


@pytest.fixture
def to_database(postgres: Postgres) -> Iterator[Proxy]:
    with Proxy(("127.0.0.1", postgres.port), POSTGRES) as proxy:
        yield proxy


@pytest.fixture
def to_mail(mail: Mail) -> Iterator[Proxy]:
    with Proxy(("127.0.0.1", mail.smtp_port), SMTP) as proxy:
        yield proxy


@pytest.fixture
def seen(to_database: Proxy, database: str) -> str:
    """The address, through the proxy, of a database with a table."""
    url = f"postgresql://postgres@{to_database.address}/{database.rsplit('/', 1)[1]}"
    with psycopg.connect(url) as connection:
        connection.execute("create table seen (n int)")
    return url


def count(url: str) -> int:
    with psycopg.connect(url) as connection:
        (found,) = connection.execute("select count(*) from seen").fetchone() or (-1,)
    return int(found)


def test_a_commit_whose_reply_is_lost_is_done_nevertheless(to_database: Proxy, seen: str) -> None:
    """Statements before it are answered; whoever commits sees the line break, as often as armed."""
    lost = to_database.arm(LoseReply(kind="COMMIT", times=2))
    for _ in range(2):
        connection = psycopg.connect(seen)
        inserted = connection.execute("insert into seen values (1) returning n")
        assert inserted.fetchone() == (1,)
        with pytest.raises(psycopg.OperationalError):
            connection.commit()
    assert count(seen) == 2
    assert lost.hits == 2


def test_a_commit_in_an_extended_query_is_known_too(to_database: Proxy, seen: str) -> None:
    connection = psycopg.connect(seen, autocommit=True)
    connection.execute("begin")
    with felt(to_database.arm(LoseReply(kind="COMMIT"))), pytest.raises(psycopg.OperationalError):
        connection.execute("commit", binary=True, prepare=True)


def test_the_replies_that_are_spared_pass(to_database: Proxy, seen: str) -> None:
    lost = to_database.arm(LoseReply(kind="COMMIT", spared=2))
    connection = psycopg.connect(seen)
    for _ in range(2):
        connection.execute("insert into seen values (1)")
        connection.commit()
    assert lost.hits == 0
    connection.execute("insert into seen values (1)")
    with felt(lost), pytest.raises(psycopg.OperationalError):
        connection.commit()


def test_a_late_reply_comes_whole_and_other_lines_do_not_wait(
    to_database: Proxy, seen: str
) -> None:
    slow, quick = psycopg.connect(seen), psycopg.connect(seen)
    slow.execute("insert into seen values (1)")
    late = to_database.arm(DelayReply(kind="COMMIT", seconds=SILENCE))
    began = time.monotonic()
    slow.commit()
    assert time.monotonic() - began >= SILENCE
    quick.execute("select 1")
    quick.commit()
    assert late.hits == 1
    slow.close()
    quick.close()


def test_a_cleared_fault_is_over(to_database: Proxy, seen: str) -> None:
    lost = to_database.arm(LoseReply(kind="COMMIT", times=9))
    to_database.clear()
    assert (count(seen), lost.hits) == (0, 0)


def test_large_answers_and_questions_come_as_they_went(to_database: Proxy, seen: str) -> None:
    """Far above what a socket holds: each side is read only as fast as the other takes it."""
    text = uuid4().hex * 500_000
    with psycopg.connect(seen) as connection:
        found = connection.execute("select %s::text, generate_series(1, 2)", (text,)).fetchall()
    assert found == [(text, 1), (text, 2)]


def test_a_half_open_line_may_still_speak_one_way(to_database: Proxy, seen: str) -> None:
    """What the client asks is swallowed; what the server says by itself arrives."""
    hearing = psycopg.connect(seen, autocommit=True)
    hearing.execute("listen news")
    muted = to_database.arm(HalfOpen(way=Way.ASKED))
    hearing.pgconn.send_query(b"insert into seen values (1)")
    with psycopg.connect(seen, autocommit=True) as other:  # a later line is as it should be
        other.execute("notify news, 'heard'")
    assert until(lambda: note(hearing), what="the notification") == b"heard"
    assert count(seen) == 0
    assert muted.hits == 1
    hearing.close()


def test_a_half_open_line_says_nothing_and_stays_open(to_mail: Proxy) -> None:
    """Old ones, and while it lasts new ones; a cleared proxy has only good new lines."""
    with speaking(to_mail) as old:
        muted = to_mail.arm(HalfOpen(newcomers=True))
        old.sendall(b"NOOP\r\n")
        assert silent(old)
        with speaking(to_mail, greeted=False) as young:
            assert silent(young)
        assert muted.hits == 2
        to_mail.clear()
        with speaking(to_mail) as later:
            later.sendall(b"NOOP\r\n")
            assert later.recv(1000).startswith(b"250")
        old.sendall(b"NOOP\r\n")
        assert silent(old)


def test_every_line_is_reset_at_once(to_mail: Proxy) -> None:
    with speaking(to_mail) as one, speaking(to_mail) as two:
        reset = to_mail.arm(Reset())
        for line in (one, two):
            with pytest.raises(ConnectionResetError):
                line.recv(1000)
        assert reset.hits == 2


def test_a_reset_instead_of_a_reply(to_mail: Proxy) -> None:
    with speaking(to_mail) as line, felt(to_mail.arm(Reset(kind="NOOP"))):
        line.sendall(b"NOOP\r\n")
        with pytest.raises(ConnectionResetError):
            line.recv(1000)


@pytest.mark.parametrize(
    ("kind", "outcome", "letters"),
    [
        ("CONNECT", MailerUnavailable, 0),
        ("EHLO", MailerUnavailable, 0),
        ("MAIL", MailerUnavailable, 0),
        ("RCPT", MailerUnavailable, 0),
        ("DATA", MailerUnavailable, 0),
        (".", OutcomeUnknown, 1),
    ],
)
async def test_the_mail_servers_reply_to_each_step_can_be_lost(
    to_mail: Proxy, mail: Mail, kind: str, outcome: type[Exception], letters: int
) -> None:
    """Only with the final dot has the letter left."""
    to = f"{uuid4().hex[:12]}@example.org"
    mailer = SmtpMailer(host="127.0.0.1", port=to_mail.port, timeout=10)
    with felt(to_mail.arm(LoseReply(kind=kind))), pytest.raises(outcome):
        await mailer.send(letter(to), sender=SENDER, to=to)
    assert sum(to in found["to"] for found in mail.messages()) == letters
    await mailer.send(letter(to), sender=SENDER, to=to)
    assert sum(to in found["to"] for found in mail.messages()) == letters + 1


def test_a_server_that_comes_back_is_found_behind_the_same_address(tmp_path: Path) -> None:
    server = Mail(tmp_path)
    server.start()
    try:
        with Proxy(("127.0.0.1", server.smtp_port), SMTP) as proxy:
            with speaking(proxy) as line:
                server.kill()
                assert line.recv(1000) == b""
            with pytest.raises(ConnectionResetError), speaking(proxy, greeted=False) as line:
                line.recv(1000)
            server.start()
            with speaking(proxy):
                pass
    finally:
        server.stop()


def test_what_the_proxy_does_not_understand_fails_the_test(mail: Mail) -> None:
    """A mail server's greeting is no PostgreSQL: nothing could be concluded from such a run."""
    proxy = Proxy(("127.0.0.1", mail.smtp_port), POSTGRES)
    proxy.start()
    with pytest.raises(ConnectionResetError), speaking(proxy, greeted=False) as line:
        line.recv(1000)
    with pytest.raises(Unreadable, match="speaks before"):
        proxy.stop()


def test_a_server_that_takes_to_encryption_is_not_understood_either() -> None:
    framing = PostgresFraming()
    framing.asked(bytes.fromhex("0000000804d2162f"))
    with pytest.raises(Unreadable, match="encryption"):
        framing.answered(b"S")


def note(hearing: psycopg.Connection) -> bytes | None:
    hearing.pgconn.consume_input()
    found = hearing.pgconn.notifies()
    return found.extra if found else None


def letter(to: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = SENDER, to, "Hello"
    message.set_content("A line.\n.\n..dots\n")
    return message


@contextmanager
def speaking(proxy: Proxy, *, greeted: bool = True) -> Iterator[socket.socket]:
    """A line to a mail server."""
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=10) as line:
        if greeted:
            assert line.recv(1000).startswith(b"220")
        yield line


def silent(line: socket.socket) -> bool:
    """Whether it stays open without a word."""
    line.settimeout(SILENCE)
    try:
        line.recv(1000)
    except TimeoutError:
        return True
    return False
