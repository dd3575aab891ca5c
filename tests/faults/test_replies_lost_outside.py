"""Lost replies at our edges: a request of a sender to intake, a letter to the mail server."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator

import pytest

from services.delivery.database import open_database
from services.embedded.mail import Mail
from services.embedded.postgres import Postgres
from services.notifier.smtp import SmtpMailer
from tests.faults.proxy.faults import HalfOpen, LoseReply
from tests.faults.proxy.proxy import POSTGRES, SMTP, Proxy
from tests.intake import look
from tests.intake.calling import LEARNER, app_on, client_of
from tests.notifier.scene import Scene, failures, open_scene, shortlist

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def to_database(postgres: Postgres) -> Iterator[Proxy]:
    with Proxy(("127.0.0.1", postgres.port), POSTGRES) as proxy:
        yield proxy


@pytest.fixture
def to_mail(mail: Mail) -> Iterator[Proxy]:
    with Proxy(("127.0.0.1", mail.smtp_port), SMTP) as proxy:
        yield proxy


@pytest.fixture
async def scene(database: str, to_mail: Proxy) -> AsyncIterator[Scene]:
    """A notifier whose letters go by SMTP through the proxy."""
    opened = open_scene(database, SmtpMailer(host="127.0.0.1", port=to_mail.port, timeout=2))
    yield opened
    await opened.close()


async def test_a_record_whose_commit_was_not_answered_is_taken_once_when_sent_again(
    postgres: Postgres, to_database: Proxy, database: str
) -> None:
    """The sender is told to come again, and then that nothing changed; one fact goes out."""
    url = database.replace(f":{postgres.port}/", f":{to_database.port}/")
    sessions = open_database(database, schema="intake")
    async with client_of(app_on(url)) as client:
        lost = to_database.arm(LoseReply(kind="COMMIT"))
        first = await client.post("/v1/learners", json=LEARNER)
        assert first.status_code == 503, first.text
        assert int(first.headers["retry-after"]) > 0
        assert "may or may not" in first.json()["detail"]
        assert lost.hits == 1
        again = await client.post("/v1/learners", json=LEARNER)
    assert (again.status_code, again.json()["verdict"]) == (202, "unchanged")
    assert await look.names(sessions) == ["LearnerEnrolled"]
    await sessions.kw["bind"].dispose()


@pytest.mark.parametrize("fault", [LoseReply(kind="."), HalfOpen(kind=".")])
async def test_a_letter_whose_final_dot_was_not_answered_is_parked_and_never_sent_again(
    scene: Scene, to_mail: Proxy, mail: Mail, fault: LoseReply | HalfOpen
) -> None:
    """It is in the sink once, whether the line broke or went silent; a person decides."""
    event = shortlist()
    await scene.know(event)
    await scene.hear(event)
    armed = to_mail.arm(fault)
    await scene.send_all()
    assert armed.hits == 1
    assert sorted((await scene.states()).values()) == ["sent", "unknown"]
    assert await failures(scene) == ["outcome-unknown"]
    scene.clock.move(minutes=60 * 24 * 9)
    await scene.send_all()
    sent = Counter(found["message_id"] for found in mail.messages())
    ours = {f"<{letter.letter_id}@example.org>" for letter in await scene.letters()}
    assert {message_id: sent[message_id] for message_id in ours} == dict.fromkeys(ours, 1)
