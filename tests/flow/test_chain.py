"""The whole chain in processes of its own: from two records to a booked interview."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import httpx
import psycopg
import pytest
import redis
from aiokafka import AIOKafkaProducer
from typer.testing import CliRunner

from schemas.envelope import Event
from schemas.interview import InterviewBooked
from schemas.learner import LearnerEnrolled
from services.audit.judge import findings, verdicts
from services.cli.app import app
from services.embedded import facts
from services.embedded.supervisor import SERVICES, Supervisor
from tests.embedded.everything import everything
from tests.flow.breaches import BREACHES, Breach, broken
from tests.flow.story import (
    EMPLOYER_EMAIL,
    LEARNER_EMAIL,
    MARKERS,
    OF_THE_LEARNER,
    Played,
)
from tests.privacy import assert_nobody_in
from tests.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

PATIENCE = {"P2A_REVIEW_HOLDING": "PT0S", "P2A_RETRY_UNIT": "PT0.2S"}


@pytest.fixture(scope="module")
def supervisor() -> Iterator[Supervisor]:
    with everything(PATIENCE) as whole:
        yield whole


@pytest.fixture(scope="module")
def played(supervisor: Supervisor) -> Played:
    """The story up to the booking; each step is what the tests below look at."""
    story = Played(supervisor, datetime.now(UTC).date())
    # the carrier's own words come back with the address in them, once
    refusal = f"451 4.2.1 <{EMPLOYER_EMAIL}> is busy, Ottoline Brackwater"
    supervisor.mail.fail(EMPLOYER_EMAIL, refusal)
    taken = story.hand_in()
    assert [answer.status_code for answer in taken] == [202, 202, 422]
    assert assert_nobody_in("a problem", [taken[2].content], MARKERS) > 0
    assert story.approve() == 1
    assert story.answer() == {"employer_accepted": 1, "learner_accepted": 1}
    return story


def test_both_sides_get_a_booked_interview(played: Played) -> None:
    found = facts.events(asyncio.run(facts.records(played.supervisor.kafka.bootstrap)))
    booked = [event for event in found if isinstance(event, InterviewBooked)]
    assert len(booked) == 1
    ledger = played.ledger()
    assert (ledger["Interviews pledged"], ledger["Booked"]) == ("1", "1")


def test_the_audit_has_nothing_to_say(played: Played) -> None:
    history = asyncio.run(played.history())
    assert findings(history) == []
    assert sum(1 for verdict in verdicts(history) if sum(verdict.looked.values())) == 11
    assert len(history.posted) == len(history.records) > 10


@pytest.mark.parametrize("breach", BREACHES, ids=lambda breach: breach.invariant)
def test_the_audit_finds_what_is_broken_by_hand(played: Played, breach: Breach) -> None:
    with broken(played.supervisor.postgres.dsn(), breach):
        found = findings(asyncio.run(played.history()))
    assert breach.invariant in {finding.invariant for finding in found}


def test_p2a_audit_tells_an_operator(played: Played) -> None:
    servers = played.supervisor
    given = {"P2A_DATABASE_URL": servers.postgres.dsn(),
             "P2A_KAFKA_BOOTSTRAP": servers.kafka.bootstrap}  # fmt: skip
    well = CliRunner().invoke(app, ["audit", "--settle", "0.1"], env=given)
    assert (well.exit_code, well.stderr) == (0, "")
    assert well.stdout.endswith("0 lost, 0 doubled, 0 wrong; 0 on their way\n")
    with broken(servers.postgres.dsn(), BREACHES[0]):
        ill = CliRunner().invoke(app, ["audit", "--json"], env=given)
    assert ill.exit_code == 1
    found = {one["name"]: one["findings"] for one in json.loads(ill.stdout)}
    assert "p2a replay" in found["effects"][0]["do"]
    away = CliRunner().invoke(app, ["audit"], env=given | {"P2A_KAFKA_BOOTSTRAP": "127.0.0.1:1"})
    assert away.exit_code == 2
    assert "refused" in away.stderr


def test_each_side_gets_its_letters_once_and_an_invitation(played: Played) -> None:
    mails = played.supervisor.mail.messages()
    to = [(mail["to"], bool(mail["attachments"])) for mail in mails]
    assert sorted(to) == sorted(
        (address, invited)
        for address in ([EMPLOYER_EMAIL], [LEARNER_EMAIL])
        for invited in (False, True)
    )
    ids = [mail["message_id"] for mail in mails]
    assert len(set(ids)) == len(ids)
    first = next(m for m in mails if m["to"] == [EMPLOYER_EMAIL] and not m["attachments"])
    letter = [first["subject"], first["text"], first["html"]]
    assert assert_nobody_in("the shortlist letter", letter, OF_THE_LEARNER) > 1000


def test_no_name_is_on_any_topic(played: Played) -> None:
    records = asyncio.run(facts.records(played.supervisor.kafka.bootstrap))
    assert len(records) > 10
    for record in records:
        parts = (record.key, record.value, *record.headers, *record.headers.values())
        assert assert_nobody_in(record.topic, parts, MARKERS) > 0


def test_no_name_is_in_any_log(played: Played) -> None:
    logs = played.supervisor.logs()
    assert {f"{name}.log" for name in SERVICES} < {log.name for log in logs}
    for log in logs:
        assert assert_nobody_in(log.name, [log.read_bytes()], MARKERS) or log.name == "mail.log"
    retried = (played.supervisor.folder / "notifier.log").read_text()
    assert "MailerUnavailable" in retried or "451" in retried, "the refusal was never met"


def test_no_name_is_in_any_status_or_address(played: Played) -> None:
    with httpx.Client(timeout=10) as client:
        answers = [
            client.get(f"{played.supervisor.url(name)}{path}")
            for name in SERVICES
            for path in ("/livez", "/readyz", "/status", "/metrics")
        ]
        answers.append(client.get(f"{played.supervisor.url('matcher')}/v1/markets"))
    assert all(answer.is_success for answer in answers if answer.request.url.path != "/metrics")
    assert assert_nobody_in("a status", [answer.content for answer in answers], MARKERS) > 0
    played.ledger()
    links = [link for mail in played.supervisor.mail.messages() for link in mail["links"]]
    assert len(links) >= 4
    assert played.urls
    assert assert_nobody_in("an address", (*links, *played.urls), MARKERS) > 0


def test_no_name_is_kept_outside_contacts(played: Played) -> None:
    """Not in any column of any table, text or bytes; and contacts hold it only sealed."""
    address = played.supervisor.postgres.dsn().replace("+psycopg", "")
    with psycopg.connect(address) as connection:
        tables = connection.execute(
            "select format('%I.%I', schemaname, tablename) from pg_tables"
            " where schemaname not in ('pg_catalog', 'information_schema')"
        ).fetchall()
        assert len(tables) > 20
        for (table,) in tables:
            rows = connection.execute(f"select to_jsonb(t) from {table} t".encode()).fetchall()
            assert_nobody_in(table, [part for (row,) in rows for part in _texts(row)], MARKERS)


def test_no_name_is_in_valkey(played: Played) -> None:
    with redis.Redis.from_url(played.supervisor.valkey.url) as client:
        kept = [part for key in client.scan_iter() for part in (key, client.dump(key) or b"")]
    assert_nobody_in("Valkey", kept, MARKERS)


def test_a_dead_letter_and_its_log_quote_nothing(played: Played) -> None:
    """The last one, for it leaves an unreadable record behind."""
    bootstrap, name = played.supervisor.kafka.bootstrap, "Zwillikin"
    wrong = json.dumps({"learner_id": name, "learner": {"outcode": name}}).encode()
    asyncio.run(_send(bootstrap, LearnerEnrolled, wrong))
    dead = until(
        lambda: [r for r in asyncio.run(facts.records(bootstrap)) if r.topic.endswith(facts.DEAD)],
        what="the dead letter",
    )
    assert [letter.value for letter in dead] == [wrong]
    said = [part for letter in dead for part in (letter.key, *letter.headers.values())]
    assert assert_nobody_in("a dead letter's headers", said, [name]) > 100
    logs = [log.read_bytes() for log in played.supervisor.logs()]
    assert assert_nobody_in("a log", logs, [name]) > 1000


async def _send(bootstrap: str, kind: type[Event], value: bytes) -> None:
    headers = [("ce_type", kind.ce_type()), ("ce_source", kind.source()), ("ce_id", str(uuid4()))]
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        await producer.send_and_wait(
            kind.topic, value, key=b"1", headers=[(n, v.encode()) for n, v in headers]
        )


def _texts(row: dict[str, object]) -> Iterator[bytes]:
    for value in row.values():
        text = str(value)
        yield text.encode()
        if text.startswith("\\x"):
            yield bytes.fromhex(text[2:])
