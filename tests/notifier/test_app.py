"""The whole service on its own broker, database and mail sink."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from cryptography.fernet import Fernet
from fastapi import FastAPI
from pydantic import ValidationError

from schemas import CATALOGUE
from schemas.envelope import Event
from services.contacts.vault import Vault
from services.delivery.topics import create_topics, declared
from services.embedded.kafka import Kafka
from services.embedded.mail import Mail
from services.notifier import clock
from services.notifier.app import build_app
from services.notifier.settings import Settings
from tests import make
from tests.notifier import scene as scenes
from tests.notifier.scene import PUBLIC_URL, SECRET, Scene, learner_address, shortlist
from tests.waiting import eventually

KEY = Fernet.generate_key().decode()


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[str]:
    """A broker nobody else writes to."""
    server = Kafka(tmp_path / "kafka")
    bootstrap = server.start()
    await create_topics(bootstrap, declared(), single_node=True)
    yield bootstrap
    server.stop()


@pytest.fixture
def settings(database: str, broker: str, mail: Mail) -> Settings:
    return Settings(
        database_url=database,
        kafka_bootstrap=broker,
        valkey_url="redis://127.0.0.1:1/0",
        public_url=PUBLIC_URL,
        smtp_host="127.0.0.1",
        smtp_port=mail.smtp_port,
        mail_from="Placements <placements@example.org>",
        help_phone="0121 496 0100",
        link_secret=SECRET,
        contacts_keys=KEY,
    )


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[FastAPI]:
    built = build_app(settings)
    async with built.router.lifespan_context(built):
        yield built


async def published(bootstrap: str, event: Event) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        headers = [(name, value.encode()) for name, value in event.headers().items()]
        await producer.send_and_wait(
            event.topic, event.value(), key=event.key.encode(), headers=headers
        )


async def heard(bootstrap: str, *topics: str, count: int) -> list[Event]:
    consumer = AIOKafkaConsumer(
        *topics, bootstrap_servers=bootstrap, auto_offset_reset="earliest", group_id=None
    )
    found: list[Event] = []
    async with consumer, asyncio.timeout(15):
        while len(found) < count:
            record = await consumer.getone()
            kind = dict(record.headers)["ce_type"].decode()
            found.append(CATALOGUE[kind].of(record.value))
    return found


async def quiet(client: httpx.AsyncClient) -> bool:
    status = (await client.get("/status")).json()
    return not any(status["waiting"].values())


async def test_from_a_sent_shortlist_to_a_booked_interview(
    app: FastAPI,
    settings: Settings,
    broker: str,
    mail: Mail,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = clock.now()
    vacancy = make.vacancy_profile(interview_by=clock.add_working_days(now.date(), 20))
    event = shortlist(occurred_at=now, vacancy=vacancy)
    monkeypatch.setattr(scenes, "VAULT", Vault([KEY]))
    contacts: Scene = scenes.open_scene(str(settings.database_url))
    await contacts.know(event)
    await contacts.close()
    await published(broker, event)
    await published(broker, event)

    address = learner_address(event.matches[0].learner_id)
    firm = scenes.employer_address(event.vacancy.employer_id)

    def letters(to: str) -> list[dict[str, object]]:
        return [one for one in mail.messages() if one["to"] == [to]]

    async def both() -> bool:
        return bool(letters(address) and letters(firm))

    await eventually(both, what="the two letters")
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url=PUBLIC_URL, follow_redirects=True
    ) as client:
        assert (await client.get("/readyz")).json()["ready"] is True
        employers, learners = (letters(to)[0]["links"] for to in (firm, address))
        times = {"slot-1": "2099-09-10T10:00"}
        for link, answers in (
            (employers[0], times | {"answer-1": "yes"}),  # type: ignore[index]
            (learners[0], {"answer": "yes"}),  # type: ignore[index]
        ):
            assert (await client.post(link, data=answers)).status_code == 200

        async def invited() -> bool:
            return len(letters(address)) == 2 and len(letters(firm)) == 2 and await quiet(client)

        await eventually(invited, what="the two invitations")
        assert (await client.get("/docs")).status_code == 404
    for to in (address, firm):
        last = letters(to)[1]
        assert "METHOD:REQUEST" in str(last["attachments"])
    facts = await heard(broker, "p2a.interviews.v1", "p2a.letters.v1", count=7)
    assert sorted(type(fact).__name__ for fact in facts) == [
        "EmployerAccepted",
        "InterviewBooked",
        "LearnerAccepted",
        *["LetterSent"] * 4,
    ]


@pytest.mark.parametrize(
    ("name", "value"), [("link_secret", "short"), ("mail_from", "nobody"), ("letters_at_once", "0")]
)
def test_settings_that_cannot_work_are_refused(settings: Settings, name: str, value: str) -> None:
    given = settings.model_dump() | {name: value}
    with pytest.raises(ValidationError) as refused:
        Settings(**given)
    assert [fault["loc"] for fault in refused.value.errors()] == [(name,)]


def test_a_lease_too_short_for_the_mail_server_is_refused(settings: Settings) -> None:
    """It would end while the answer to the final dot may still come."""
    given = settings.model_dump() | {"lease": "PT1M", "smtp_timeout": "PT31S"}
    with pytest.raises(ValidationError, match="P2A_LEASE must be at least twice"):
        Settings(**given)
