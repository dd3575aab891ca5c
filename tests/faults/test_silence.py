"""Lines that stay open and say nothing, and replies that come too late: all recovers by itself."""

import pytest

from services.delivery import database
from services.delivery.consumer import Consumer
from services.delivery.relay import Relay
from services.delivery.service import database_trouble
from tests.broker.rig import NotedEvent, frame
from tests.faults.proxied import Proxied
from tests.faults.proxy.faults import DelayReply, Fault, HalfOpen, Way
from tests.intake.calling import LEARNER, app_on, client_of
from tests.waiting import eventually

pytestmark = [pytest.mark.timeout(240), pytest.mark.faults]

LIMIT = 120.0
TOO_LATE = 12.0  # above the 10 s that a Produce and a commit of offsets wait


@pytest.fixture
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database's silence is noticed sooner; psycopg's own 10 s come on top all the same."""
    monkeypatch.setattr(database, "ANSWER_LIMIT", 2.0)
    monkeypatch.setattr(database, "CONNECT_LIMIT", 2)


@pytest.mark.usefixtures("quickly")
@pytest.mark.parametrize("way", [Way.BOTH, Way.ASKED, Way.ANSWERED])
async def test_silently_dead_lines_to_the_database_are_replaced(proxied: Proxied, way: Way) -> None:
    """The relay's own, where its lock is, and those in the consumer's pool."""
    relay, consumer, early = await at_work(proxied)
    dead = proxied.database.arm(HalfOpen(way=way))
    late = await events_past_the_proxies(proxied)
    await all_once(proxied, early + late, relay, consumer)
    assert dead.hits >= 2


@pytest.mark.usefixtures("quickly")
async def test_a_database_that_says_nothing_is_an_outage_and_no_more(proxied: Proxied) -> None:
    """Not ready while it lasts, nothing buried; when it speaks again the rest takes effect."""
    relay, consumer, early = await at_work(proxied)
    mute = proxied.database.arm(HalfOpen(newcomers=True))
    late = [proxied.direct.event() for _ in range(20)]
    await proxied.direct.send(*((event.value(), frame(event)) for event in late))
    late += await events_past_the_proxies(proxied)

    async def outage() -> bool:
        return "outage" in (consumer.trouble() or "")

    await eventually(outage, limit=LIMIT, what="the consumer's trouble")
    assert await database_trouble(proxied.rig.reading)
    assert mute.hits >= 2
    proxied.database.clear()
    await all_once(proxied, early + late, relay, consumer)
    assert await database_trouble(proxied.rig.reading) is None


@pytest.mark.usefixtures("quickly")
@pytest.mark.parametrize(
    "fault", [HalfOpen(kind="COMMIT", times=2), DelayReply(kind="COMMIT", seconds=4, times=2)]
)
async def test_a_commit_never_answered_in_time_is_asked_for_again(
    proxied: Proxied, fault: Fault
) -> None:
    """It took effect the first time; the inbox says so the second time."""
    relay, consumer, early = await at_work(proxied)
    armed = proxied.database.arm(fault)
    late = await events_past_the_proxies(proxied)
    await all_once(proxied, early + late, relay, consumer)
    assert armed.hits == 2
    assert consumer.batches.repeats > 0


@pytest.mark.usefixtures("quickly")
async def test_intake_answers_though_the_database_does_not(
    proxied: Proxied,
) -> None:
    """A sender is told to come again instead of waiting, and then is served."""
    async with client_of(app_on(proxied.rig.database)) as client:
        assert (await client.post("/v1/learners", json=LEARNER)).status_code == 202
        mute = proxied.database.arm(HalfOpen(newcomers=True))
        assert (await client.post("/v1/learners", json=LEARNER)).status_code == 503
        assert mute.hits >= 1
        proxied.database.clear()
        answer = await client.post("/v1/learners", json=LEARNER)
    assert (answer.status_code, answer.json()["verdict"]) == (202, "unchanged")


async def test_silently_dead_lines_to_the_broker_are_replaced(proxied: Proxied) -> None:
    """A request is given up after aiokafka's 40 s; one of our producer after 10 s."""
    relay, consumer, early = await at_work(proxied)
    dead = proxied.arm_kafka(HalfOpen())
    late = await events_past_the_proxies(proxied)
    await all_once(proxied, early + late, relay, consumer)
    assert dead.hits >= 2


async def test_a_broker_that_says_nothing_makes_us_unready_and_is_waited_for(
    proxied: Proxied,
) -> None:
    relay, consumer, early = await at_work(proxied)
    mute = proxied.arm_kafka(HalfOpen(newcomers=True))
    late = await events_past_the_proxies(proxied)

    async def unready() -> bool:
        return bool(relay.trouble() and consumer.trouble())

    await eventually(unready, limit=LIMIT, what="trouble in both parts")
    assert mute.hits >= 3
    proxied.kafka[0].clear()
    await all_once(proxied, early + late, relay, consumer)


@pytest.mark.parametrize("kind", ["Produce", "OffsetCommit"])
async def test_a_reply_of_the_broker_too_late_to_be_waited_for_doubles_nothing(
    proxied: Proxied, kind: str
) -> None:
    """Given up and asked again: the log has each record once, and the offsets are committed."""
    relay, consumer, early = await at_work(proxied)
    late_reply = proxied.arm_kafka(DelayReply(kind=kind, seconds=TOO_LATE))
    late = await events_past_the_proxies(proxied)
    await all_once(proxied, early + late, relay, consumer)
    assert late_reply.hits == 1
    assert len(await proxied.direct.log()) == len(early + late)


async def at_work(proxied: Proxied) -> tuple[Relay, Consumer, list[NotedEvent]]:
    """A relay and a consumer that have done something, so that their lines stand."""
    relay, consumer = await proxied.rig.relay(), await proxied.rig.consumer()
    events = await events_past_the_proxies(proxied)
    await proxied.direct.all_had(events, limit=LIMIT)
    await proxied.rig.quiet(relay, consumer, limit=LIMIT)
    return relay, consumer, events


async def events_past_the_proxies(proxied: Proxied) -> list[NotedEvent]:
    events = [proxied.direct.event() for _ in range(20)]
    await proxied.direct.post(*events)
    return events


async def all_once(
    proxied: Proxied, events: list[NotedEvent], relay: Relay, consumer: Consumer
) -> None:
    """Without any restart all take effect, once, and nobody complains any more."""
    await proxied.direct.all_had(events, limit=LIMIT)
    await proxied.rig.quiet(relay, consumer, limit=LIMIT)
    assert await proxied.direct.had() == dict.fromkeys((event.event_id for event in events), 1)
    assert sum((await proxied.direct.committed()).values()) == len(await proxied.direct.log())

    async def well() -> bool:
        return consumer.trouble() is None and relay.trouble() is None

    await eventually(well, limit=LIMIT, what="readiness")
    assert consumer.batches.dead == 0
