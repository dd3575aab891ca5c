"""Three nodes of Apache Kafka that replicate: what is lost with a leader, or with a majority."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator

import pytest
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from services.delivery import relay as relays
from services.delivery.consumer import Consumer
from services.delivery.relay import Relay
from services.delivery.topics import Topic, create_topics
from services.embedded.cluster import Cluster
from services.embedded.processes import ServerDidNotStart
from tests.broker.rig import Rig
from tests.broker.stream import Stream
from tests.waiting import eventually

LIMIT = 120.0

log = structlog.get_logger()
pytestmark = [pytest.mark.kafka, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Three nodes for every test here: each gives them back whole."""
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    try:
        cluster.start()
    except ServerDidNotStart as missing:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no cluster: {missing}")
    yield cluster
    cluster.kill()


@pytest.fixture
async def cluster(nodes: Cluster) -> AsyncIterator[Cluster]:
    """All three nodes running, before and after."""
    yield nodes
    for node in nodes.nodes:
        node.resume()
    await started(nodes)


@pytest.fixture
async def rig(cluster: Cluster, database: str) -> AsyncIterator[Rig]:
    async with Rig.opened(cluster.bootstrap, database, replicas=3) as made:
        yield made


async def test_a_leader_that_is_killed_takes_nothing_with_it(cluster: Cluster, rig: Rig) -> None:
    """Another leads, everything acknowledged is there, and the node comes back as a follower."""
    relay, consumer = await rig.relay(), await rig.consumer()
    async with Stream.flowing(rig) as stream:
        await stream.recovery()
        leads = await cluster.leader(rig.topic, 0)
        cluster.nodes[leads].kill()
        log.info("recovery", seconds=round(await stream.recovery(), 1))
        assert await cluster.leader(rig.topic, 0) not in {leads, -1}, "the fault did not happen"
        await started(cluster)
        await whole(rig)
    await stream.judge()
    assert nothing_set_aside(relay, consumer)


@pytest.mark.faults  # a reader gives a silent broker 40 s
async def test_a_leader_that_was_frozen_and_goes_on_is_one_no_more(
    cluster: Cluster, rig: Rig
) -> None:
    """Frozen past its session: the others lead on; thawed, it is fenced and follows."""
    relay, consumer = await rig.relay(), await rig.consumer()
    async with Stream.flowing(rig) as stream:
        await stream.recovery()
        leads = await cluster.leader(rig.topic, 0)
        cluster.nodes[leads].pause()
        others = ",".join(n.bootstrap for n in cluster.nodes if n is not cluster.nodes[leads])
        log.info("recovery", seconds=round(await stream.recovery(), 1))
        assert await elected(cluster, rig, others) != leads, "the fault did not happen"
        cluster.nodes[leads].resume()
        log.info("thawed", seconds=round(await stream.recovery(), 1))
        await whole(rig)
    await stream.judge()
    assert nothing_set_aside(relay, consumer)


async def test_without_a_majority_everything_waits_and_goes_on_by_itself(
    cluster: Cluster, rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two of three away: nothing is acknowledged, parked or buried, and it is said."""
    monkeypatch.setattr(relays, "STALLED", 5.0)
    # a record that is refused may stand in the log all the same
    probe = Topic(f"{rig.topic}.probe", 1, 3, {})
    await create_topics(rig.bootstrap, [probe])
    relay, consumer = await rig.relay(), await rig.consumer()
    async with Stream.flowing(rig) as stream:
        await stream.recovery()
        for node in cluster.nodes[:2]:
            node.kill()
        assert await refused(cluster.nodes[2].bootstrap, probe.name), "the fault did not happen"
        await eventually(lambda: said(relay), limit=LIMIT, what="the relay's trouble")
        sent, posted = relay.done, len(stream.events)
        await eventually(lambda: is_true(len(stream.events) > posted + 100), what="more rows")
        assert relay.done == sent
        assert await relay.waiting() >= 100
        began = time.monotonic()
        await started(cluster)
        log.info("nodes back", seconds=round(time.monotonic() - began, 1))
        log.info("recovery", seconds=round(await stream.recovery(), 1))
        await eventually(lambda: is_true(relay.trouble() is None), limit=LIMIT, what="readiness")
    await stream.judge()
    assert nothing_set_aside(relay, consumer)


async def test_nodes_restarted_one_after_the_other_are_hardly_noticed(
    cluster: Cluster, rig: Rig
) -> None:
    """As an upgrade does it: the next one when all replicas are in sync again."""
    relay, consumer = await rig.relay(), await rig.consumer()
    async with Stream.flowing(rig) as stream:
        await stream.recovery()
        led = []
        for node in cluster.nodes:
            led.append(await cluster.leader(rig.topic, 0))
            await asyncio.to_thread(node.stop)
            assert not node.running
            log.info("recovery", seconds=round(await stream.recovery(), 1))
            led.append(await cluster.leader(rig.topic, 0))
            await started(cluster)
            await whole(rig)
        assert len(set(led)) > 1, "the fault did not happen"
    await stream.judge()
    assert nothing_set_aside(relay, consumer)


async def started(cluster: Cluster) -> None:
    """Start what does not run; this thread does, for a child ends with the thread that made it."""
    for node in cluster.nodes:
        if not node.running:
            node.begin()
    for node in cluster.nodes:
        await asyncio.to_thread(node.wait_ready)


async def whole(rig: Rig) -> None:
    """Wait until three replicas of every partition are in sync."""

    async def look() -> bool:
        (found,) = await described(rig, rig.bootstrap)
        return all(len(each["isr"]) == 3 for each in found["partitions"])

    await eventually(look, limit=LIMIT, what="replicas in sync")


async def elected(cluster: Cluster, rig: Rig, bootstrap: str) -> int:
    """The index of the node that leads partition 0, asked of *bootstrap* alone."""
    (found,) = await described(rig, bootstrap)
    (leader,) = [each["leader"] for each in found["partitions"] if each["partition"] == 0]
    return [node.node for node in cluster.nodes].index(leader)


async def described(rig: Rig, bootstrap: str) -> list[dict[str, list[dict[str, object]]]]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        return await admin.describe_topics([rig.topic])
    finally:
        await admin.close()


async def refused(bootstrap: str, topic: str) -> bool:
    """Whether a record is not acknowledged there."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", request_timeout_ms=3_000)
    await producer.start()
    try:
        async with asyncio.timeout(20):
            await producer.send_and_wait(topic, b"{}", partition=0)
    except (KafkaError, TimeoutError):
        return True
    finally:
        await producer.stop()
    return False


async def said(relay: Relay) -> bool:
    return "stands since" in (relay.trouble() or "")


async def is_true(true: bool) -> bool:  # noqa: FBT001 - what is waited for
    return true


def nothing_set_aside(relay: Relay, consumer: Consumer) -> bool:
    """And nothing that was acknowledged was ever missing."""
    return (relay.tally.parked, relay.tally.heals, consumer.batches.dead) == (0, 0, 0)
