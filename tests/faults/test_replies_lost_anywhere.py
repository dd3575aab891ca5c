"""A reply of every kind lost, at the start and amid work: each event takes effect once."""

import pytest

from tests.faults.proxied import Proxied
from tests.faults.proxy.faults import Armed, LoseReply
from tests.waiting import eventually

pytestmark = [pytest.mark.timeout(180), pytest.mark.faults]

LIMIT = 120.0
KAFKA = (
    "ApiVersions", "Metadata", "FindCoordinator", "JoinGroup", "SyncGroup", "OffsetFetch",
    "ListOffsets", "Fetch", "OffsetCommit", "Heartbeat", "InitProducerId", "Produce",
)  # fmt: skip
AGAIN_AND_AGAIN = ("Fetch", "OffsetCommit", "Heartbeat", "ListOffsets", "Produce")
POSTGRES = ("BEGIN", "SELECT", "LISTEN", "INSERT", "UPDATE", "COMMIT")


@pytest.mark.parametrize(("kinds", "spared"), [(KAFKA, 0), (AGAIN_AND_AGAIN, 2)])
async def test_a_reply_of_the_broker_of_every_kind(
    proxied: Proxied, kinds: tuple[str, ...], spared: int
) -> None:
    armed = [proxied.arm_kafka(LoseReply(kind=kind, spared=spared)) for kind in kinds]
    await works_through(proxied, armed)


@pytest.mark.parametrize("spared", [0, 2])
async def test_a_reply_of_the_database_of_every_kind(proxied: Proxied, spared: int) -> None:
    """Each loses the relay its lock, or the consumer its transaction."""
    armed = [
        proxied.database.arm(LoseReply(kind=kind, spared=0 if kind == "LISTEN" else spared))
        for kind in POSTGRES
    ]
    await works_through(proxied, armed)


async def works_through(proxied: Proxied, armed: list[Armed]) -> None:
    """Post and wait until every fault was felt; then all is once in effect and nothing waits."""
    relay, consumer = await proxied.rig.relay(), await proxied.rig.consumer()
    events = []

    async def all_felt() -> bool:
        more = [proxied.direct.event() for _ in range(5)]
        await proxied.direct.post(*more)
        events.extend(more)
        await proxied.direct.all_had(more, limit=LIMIT)
        return all(one.hits for one in armed)

    await eventually(all_felt, limit=LIMIT, what=f"every one of {armed}")
    await proxied.rig.quiet(relay, consumer, limit=LIMIT)
    had = await proxied.direct.had()
    assert had == dict.fromkeys((event.event_id for event in events), 1)
    assert sum((await proxied.direct.committed()).values()) == len(await proxied.direct.log())
    assert (consumer.batches.dead, consumer.trouble(), relay.trouble()) == (0, None, None)
