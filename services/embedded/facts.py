"""What the topics say happened: read from their beginning to their end, for figures and checks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas import CATALOGUE
from schemas.decision import ShortlistSent
from schemas.envelope import Event
from schemas.interview import EmployerDeclined, LearnerDeclined
from schemas.match import MatchWithdrawn
from schemas.vacancy import VacancyChanged, VacancyPledged

DEAD = ".dead"


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it lies on a topic."""

    topic: str
    key: bytes
    value: bytes
    headers: Mapping[str, bytes]


async def records(bootstrap: str) -> list[Record]:
    """Every record of every topic there is, dead letters included."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        places = [
            TopicPartition(topic, partition)
            for topic in sorted(await consumer.topics())
            for partition in consumer.partitions_for_topic(topic) or ()
        ]
        ends = {place: end for place, end in (await consumer.end_offsets(places)).items() if end}
        consumer.assign(list(ends))
        found: list[Record] = []
        while any([await consumer.position(place) < end for place, end in ends.items()]):
            for batch in (await consumer.getmany(timeout_ms=200)).values():
                found += [
                    Record(one.topic, one.key or b"", one.value or b"", dict(one.headers))
                    for one in batch
                ]
        return found
    finally:
        await consumer.stop()


def events(found: Iterable[Record]) -> list[Event]:
    """The facts among *found*, each once, in the order of facts."""
    once: dict[UUID, Event] = {}
    for record in found:
        declared = CATALOGUE.get(record.headers.get("ce_type", b"").decode())
        if declared and not record.topic.endswith(DEAD):
            event = declared.of(record.value)
            once[event.event_id] = event
    return sorted(once.values(), key=lambda event: (event.occurred_at, event.event_id))


def exceeded(facts: Sequence[Event]) -> dict[UUID, tuple[int, int]]:
    """
    Vacancies on which more interviews were offered at one time than pledged.

    By vacancy the most offers that stood together, and the largest pledge it ever had.
    """
    pledged: dict[UUID, int] = defaultdict(int)
    standing: dict[UUID, set[UUID]] = defaultdict(set)
    most: dict[UUID, int] = defaultdict(int)
    for fact in facts:
        match fact:
            case VacancyPledged() | VacancyChanged():
                pledge = max(pledged[fact.vacancy_id], fact.vacancy.interviews)
                pledged[fact.vacancy_id] = pledge
            case ShortlistSent():
                standing[fact.vacancy_id] |= {match.match_id for match in fact.matches}
                most[fact.vacancy_id] = max(most[fact.vacancy_id], len(standing[fact.vacancy_id]))
            case EmployerDeclined() | LearnerDeclined() | MatchWithdrawn():
                standing[fact.vacancy_id].discard(fact.match_id)
    return {one: (most[one], pledged[one]) for one in most if most[one] > pledged[one]}
