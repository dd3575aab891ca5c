"""The matcher as it runs: events from a broker in, shortlists onto a broker out."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from schemas import CATALOGUE
from schemas.envelope import Event
from schemas.match import ShortlistProposed
from services.matcher.app import build_app, listening
from services.matcher.markets import Markets
from services.matcher.settings import Settings
from tests.matcher import happened

READ_ELSEWHERE = {"ShortlistProposed", "MatchWithdrawn"}  # its own words
NOT_FOR_IT = {"LetterSent", "LetterFailed", "LetterBounced"}


def test_every_fact_about_the_market_is_heard() -> None:
    heard = {kind.__name__ for kind in listening(Markets(default="rest"))}
    assert heard == {kind.__name__ for kind in CATALOGUE.values()} - READ_ELSEWHERE - NOT_FOR_IT


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    app = build_app(settings)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://matcher") as client:
            yield client


async def publish(bootstrap: str, *events: Event) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        for event in events:
            headers = [(name, value.encode()) for name, value in event.headers().items()]
            await producer.send_and_wait(
                event.topic, event.value(), key=event.key.encode(), headers=headers
            )


async def quiet(client: httpx.AsyncClient, *, rounds: int) -> dict[str, Any]:
    """The status once nothing waits and at least so many *rounds* were made."""
    end, before = time.monotonic() + 20, None
    while time.monotonic() < end:
        status = (await client.get("/status")).json()
        waits = any(status["waiting"].values()) or status["done"]["rounds"] < rounds
        if not waits and status == before:
            return status
        before = status
        await asyncio.sleep(0.3)
    raise AssertionError(f"never quiet: {before}")


async def proposals(bootstrap: str, vacancy_id: UUID) -> list[ShortlistProposed]:
    """What the topic has for the vacancy."""
    consumer = AIOKafkaConsumer(
        ShortlistProposed.topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest"
    )
    found: list[ShortlistProposed] = []
    async with consumer:
        ends = await consumer.end_offsets(consumer.assignment())
        while any([await consumer.position(tp) < end for tp, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                found += [ShortlistProposed.of(r.value) for r in records
                          if r.key.decode() == str(vacancy_id)]  # fmt: skip
    return found


@pytest.mark.timeout(60)
async def test_facts_in_shortlists_out(database: str, kafka: str) -> None:
    """A restart finds everything where it was, and repeats nothing."""
    settings = Settings(
        database_url=database, kafka_bootstrap=kafka, valkey_url="redis://127.0.0.1:1/0"
    )
    vacancy_id, learner_id = uuid4(), uuid4()
    soon = date.today() + timedelta(days=60)  # noqa: DTZ011 - the service's own clock is real
    pledge = happened.pledge(vacancy_id, interview_by=soon, starts_on=soon)
    async with running(settings) as client:
        await publish(kafka, pledge, *happened.completer(learner_id))
        await quiet(client, rounds=1)
        (market,) = (await client.get("/v1/markets")).json()
        assert market["allocated"] >= 1
        answer = await client.get(f"/v1/vacancies/{vacancy_id}/learners/{learner_id}")
        assert answer.json()["standing"] == "placed"
    async with running(settings) as client:
        await quiet(client, rounds=0)
    (*_, shortlist) = said = await proposals(kafka, vacancy_id)
    assert [match.learner_id for match in shortlist.matches] == [learner_id]
    assert [event.shortlist_version for event in said] == list(range(1, len(said) + 1))
