"""PostgreSQL without room: nothing is buried, nothing half taken, and with room all goes on."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import psycopg
import pytest

from services.delivery.consumer import Consumer
from services.delivery.database import open_database
from services.embedded.disk import DiskNotMade, SmallDisk
from services.embedded.postgres import Postgres
from tests import databases
from tests.broker.rig import NotedEvent, Rig, frame
from tests.embedded.folders import reachable
from tests.intake import look
from tests.intake.calling import LEARNER, app_on, client_of
from tests.waiting import eventually

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]

MEBIBYTES = 256
# far more than the pages at hand have room for
EVENTS, NOTE = 200, "x" * 1000


@dataclass
class Full:
    """A rig and an intake on a PostgreSQL whose disk can be filled."""

    server: Postgres
    disk: SmallDisk
    rig: Rig
    sender: httpx.AsyncClient

    async def arrive(self) -> Sequence[NotedEvent]:
        """Events that take more room than there is, once the disk is full."""
        events = [self.rig.event(note=NOTE) for _ in range(EVENTS)]
        await self.rig.send(*((event.value(), frame(event)) for event in events))
        return events

    async def hand_in(self, number: int) -> httpx.Response:
        record = LEARNER | {"reference": f"F{number:04}", "address": [NOTE] * 5}
        return await self.sender.post("/v1/learners", json=record)

    def alone(self, statement: str) -> None:
        with psycopg.connect(
            self.server.dsn(databases.TEMPLATE).replace("+psycopg", ""), autocommit=True
        ) as connection:
            connection.execute(statement.encode())


@pytest.fixture
def disk() -> Iterator[SmallDisk]:
    with ExitStack() as stack:
        folder = stack.enter_context(reachable()) / "disk"
        try:
            made = stack.enter_context(SmallDisk(folder, mebibytes=MEBIBYTES))
        except DiskNotMade as why:
            pytest.skip(f"no small disk can be mounted on {folder}: {why}")
        yield made


@pytest.fixture
async def full(bootstrap: str, disk: SmallDisk) -> AsyncIterator[Full]:
    server = Postgres(disk.folder.parent / "server", data=disk.folder / "data")
    try:
        url = databases.prepared(server).dsn(databases.TEMPLATE)
        app = app_on(url, intake_rate=100_000)
        async with (
            Rig.opened(bootstrap, url) as rig,
            app.router.lifespan_context(app),
            client_of(app) as sender,
        ):
            yield Full(server, disk, rig, sender)
            disk.free()
    finally:
        server.stop()


async def test_a_full_disk_buries_nothing_and_refuses_senders_in_words(full: Full) -> None:
    consumer = await full.rig.consumer()
    early = await full.arrive()
    await full.rig.all_had(early)
    assert full.disk.fill() > 0
    late = await full.arrive()
    await out(consumer)
    assert "DiskFull" in (consumer.trouble() or "")
    answers = [await full.hand_in(number) for number in range(60)]
    refused = [n for n, answer in enumerate(answers) if answer.status_code == 503]
    assert refused, "the disk was full and every record was taken"
    assert {answer.status_code for answer in answers} <= {202, 503}
    detail = answers[refused[-1]].json()["detail"]
    assert detail == "the database's disk is full, so nothing was kept"

    full.disk.free()
    await everything_once(full, consumer, early, late)
    again = [await full.hand_in(number) for number in range(60)]
    verdicts = [answer.json()["verdict"] for answer in again]
    expected = ["accepted" if number in refused else "unchanged" for number in range(60)]
    assert verdicts == expected
    sessions = open_database(full.rig.database, schema="intake")
    assert len(await look.posted(sessions)) == 60
    await sessions.kw["bind"].dispose()


async def test_a_disk_so_full_that_postgresql_falls_is_survived(full: Full) -> None:
    """Without room for its log it ends in panic; with room, and started again, all goes on."""
    consumer = await full.rig.consumer()
    early = await full.arrive()
    await full.rig.all_had(early)
    assert (await full.hand_in(1)).status_code == 202
    full.disk.fill()
    fell = False
    for _ in range(40):
        try:
            full.alone("select pg_logical_emit_message(false, 'f', 'f'), pg_switch_wal()")
        except psycopg.OperationalError:
            fell = True
            break
    assert fell
    assert "PANIC" in (full.server.folder / "postgres.log").read_text()
    late = await full.arrive()
    await out(consumer)
    away = await full.hand_in(2)
    assert away.status_code == 503

    full.disk.free()
    if full.server.pid is None:
        full.server.start()
    await everything_once(full, consumer, early, late)
    verdicts = [(await full.hand_in(number)).json()["verdict"] for number in (1, 2)]
    assert verdicts == ["unchanged", "accepted"]


async def out(consumer: Consumer) -> None:
    before = consumer.standstill.outages

    async def again() -> bool:
        return consumer.standstill.outages >= before + 2

    await eventually(again, limit=60, what="the second try in the outage")


async def everything_once(full: Full, consumer: Consumer, *groups: Sequence[Any]) -> None:
    events = [event for group in groups for event in group]
    assert set((await full.rig.all_had(events, limit=90)).values()) == {1}
    await full.rig.quiet(consumer, limit=60)
    assert (consumer.trouble(), consumer.batches.dead) == (None, 0)
