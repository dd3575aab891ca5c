"""Reading the topics back, every record and every fact."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid5

from aiokafka import AIOKafkaProducer

from schemas.decision import ShortlistSent
from schemas.envelope import Event
from schemas.interview import EmployerDeclined
from schemas.match import Match
from schemas.vacancy import VacancyPledged, VacancyProfile, Wage, WageVerdict
from services.delivery.topics import create_topics, declared
from services.embedded import facts
from services.embedded.kafka import Kafka

VACANCY = UUID(int=7)
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
PROFILE = VacancyProfile(
    employer_id=UUID(int=8),
    title="Welder apprentice",
    interviews=2,
    interview_by=date(2026, 12, 1),
    starts_on=date(2027, 1, 11),
    wage=Wage(aged_18_to_20=WageVerdict.MEETS, aged_21_up=WageVerdict.MEETS),
)


def match(number: int) -> Match:
    learner = UUID(int=number)
    return Match(
        match_id=uuid5(VACANCY, str(learner)),
        learner_id=learner,
        position=number,
        score=5000,
        waiting_since=date(2026, 10, 1),
    )


def pledged() -> VacancyPledged:
    return VacancyPledged(
        event_id=UUID(int=20), occurred_at=NOON, vacancy_id=VACANCY, vacancy=PROFILE
    )


def sent(minute: int, *numbers: int) -> ShortlistSent:
    return ShortlistSent(
        event_id=UUID(int=100 + minute),
        occurred_at=NOON + timedelta(minutes=minute),
        vacancy_id=VACANCY,
        shortlist_version=1,
        coordinator="coordinator-1",
        vacancy=PROFILE,
        matches=tuple(match(number) for number in numbers),
    )


def declined(minute: int, number: int) -> EmployerDeclined:
    return EmployerDeclined(
        event_id=UUID(int=100 + minute),
        occurred_at=NOON + timedelta(minutes=minute),
        vacancy_id=VACANCY,
        match_id=match(number).match_id,
        learner_id=UUID(int=number),
        reason="skills",
    )


async def test_every_record_of_every_topic_is_read(tmp_path: Path) -> None:
    kafka = Kafka(tmp_path / "kafka")
    kafka.start()
    try:
        await create_topics(kafka.bootstrap, declared(), single_node=True)
        said: list[Event] = [pledged(), sent(1, 1), declined(2, 1)]
        producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap)
        await producer.start()
        for event in [*said, said[0]]:
            headers = [(name, value.encode()) for name, value in event.headers().items()]
            await producer.send_and_wait(
                event.topic, event.value(), key=event.key.encode(), headers=headers
            )
        await producer.send_and_wait("p2a.matches.v1.review.dead", b"{}")
        await producer.stop()
        found = await facts.records(kafka.bootstrap)
    finally:
        kafka.stop()
    assert len(found) == 5
    assert facts.events(found) == said
    assert [record.topic for record in found if record.topic.endswith(facts.DEAD)] == [
        "p2a.matches.v1.review.dead"
    ]
