"""The proxy before Kafka: addresses stay those of the proxies, and a lost reply is exactly that."""

from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.coordination import FindCoordinatorResponse_v0, FindCoordinatorResponse_v1
from aiokafka.protocol.metadata import MetadataResponse_v0, MetadataResponse_v1, MetadataResponse_v5
from aiokafka.protocol.types import (
    CompactArray,
    CompactString,
    Int16,
    Int32,
    Schema,
    String,
    TaggedFields,
)

from tests.faults.proxied import Proxied
from tests.faults.proxy.addresses import readdressed
from tests.faults.proxy.faults import LoseReply
from tests.faults.proxy.framing import Unreadable
from tests.faults.proxy.kafka import KafkaFraming

pytestmark = pytest.mark.timeout(120)

OURS = {9092: 41001, 9093: 41002}
HERE = "127.0.0.1"


async def test_what_goes_through_the_proxy_takes_effect_once(proxied: Proxied) -> None:
    """Relay, consumer and group coordinator all stay on the proxies' side."""
    rig = proxied.rig
    relay, consumer = await rig.relay(), await rig.consumer()
    events = [rig.event(str(n)) for n in range(300)]
    await rig.post(*events)
    assert set((await rig.all_had(events)).values()) == {1}
    await rig.quiet(relay, consumer)
    assert sum((await proxied.direct.committed()).values()) == 300
    assert relay.trouble() is consumer.trouble() is None


async def test_clients_learn_only_the_proxys_address(proxied: Proxied) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=proxied.rig.bootstrap)
    await admin.start()
    try:
        brokers = {broker.port for broker in admin._client.cluster.brokers()}
        await admin.find_coordinator(proxied.rig.group)
        coordinators = {broker.port for broker in admin._client.cluster.brokers()}
    finally:
        await admin.close()
    assert brokers == coordinators == {proxy.port for proxy in proxied.kafka}


@pytest.mark.parametrize(("idempotent", "copies"), [(False, 4), (True, 1)])
async def test_three_lost_replies_double_a_record_only_without_idempotence(
    proxied: Proxied, *, idempotent: bool, copies: int
) -> None:
    """The fault bites: a producer that is not ours leaves three records too many."""
    lost = proxied.arm_kafka(LoseReply(kind="Produce", times=3))
    producer = AIOKafkaProducer(
        bootstrap_servers=proxied.rig.bootstrap, enable_idempotence=idempotent, acks="all"
    )
    await producer.start()
    await producer.send_and_wait(proxied.rig.topic, b"once", partition=0)
    await producer.stop()
    assert lost.hits == 3
    assert Counter(record.value for record in await proxied.direct.log()) == {b"once": copies}


@pytest.mark.parametrize("cuts", [[], [3], [4, 9], [20, 21], [1, 2, 3, 40]])
def test_frames_are_known_however_they_are_cut(cuts: list[int]) -> None:
    """Requests in one order, replies in another, in pieces that end anywhere."""
    framing = KafkaFraming(OURS)
    produce, fetch = (7).to_bytes(4, "big") + b"done", (8).to_bytes(4, "big") + b"found"
    framing.asked(asked(0, 7, b"records") + asked(1, 8, b""))
    stream = sized(fetch) + sized(produce)
    pieces = [
        piece
        for start, end in pairwise([0, *cuts, len(stream)])
        for piece in framing.answered(stream[start:end])
    ]
    assert pieces == [(sized(fetch), "Fetch"), (sized(produce), "Produce")]


def test_a_reply_to_nothing_is_refused() -> None:
    with pytest.raises(Unreadable, match="request 5"):
        KafkaFraming(OURS).answered(sized((5).to_bytes(4, "big")))


BROKERS = [(1, "broker-one.example.org", 9092, "rack"), (2, "b", 9093, None)]
MOVED = [(1, HERE, 41001, "rack"), (2, HERE, 41002, None)]
TOPICS = [(0, "t", False, [(0, 0, 1, [1, 2], [1], [2])])]


@pytest.mark.parametrize(
    ("version", "schema", "before", "after"),
    [
        (0, MetadataResponse_v0, ([b[:3] for b in BROKERS], []), ([b[:3] for b in MOVED], [])),
        (1, MetadataResponse_v1, (BROKERS, 1, []), (MOVED, 1, [])),
        (5, MetadataResponse_v5, (7, BROKERS, "c", 1, TOPICS), (7, MOVED, "c", 1, TOPICS)),
    ],
)
def test_metadata_names_the_proxies(version: int, schema: Any, before: Any, after: Any) -> None:
    body = schema(*before).encode()
    assert readdressed("Metadata", version, body, OURS) == schema(*after).encode()


@pytest.mark.parametrize(
    ("version", "schema", "before", "after"),
    [
        (0, FindCoordinatorResponse_v0, (0, 1, "one", 9092), (0, 1, HERE, 41001)),
        (1, FindCoordinatorResponse_v1, (0, 0, "", 2, "b", 9093), (0, 0, "", 2, HERE, 41002)),
        (1, FindCoordinatorResponse_v1, (0, 15, None, -1, "", -1), (0, 15, None, -1, "", -1)),
    ],
)
def test_a_coordinator_is_named_by_its_proxy(
    version: int, schema: Any, before: Any, after: Any
) -> None:
    """If there is none, there is nothing to replace."""
    body = schema(*before).encode()
    assert readdressed("FindCoordinator", version, body, OURS) == schema(*after).encode()


COMPACT_BROKERS = Schema(
    ("header", TaggedFields),
    ("throttle", Int32),
    (
        "brokers",
        CompactArray(
            ("node", Int32),
            ("host", CompactString("utf-8")),
            ("port", Int32),
            ("rack", CompactString("utf-8")),
            ("tags", TaggedFields),
        ),
    ),
    ("rest", String("utf-8")),
)
COMPACT_COORDINATORS = Schema(
    ("header", TaggedFields),
    ("throttle", Int32),
    (
        "coordinators",
        CompactArray(
            ("key", CompactString("utf-8")),
            ("node", Int32),
            ("host", CompactString("utf-8")),
            ("port", Int32),
            ("error", Int16),
            ("words", CompactString("utf-8")),
            ("tags", TaggedFields),
        ),
    ),
    ("rest", String("utf-8")),
)


def test_newer_versions_of_metadata_too() -> None:
    """Compact strings, tags that nobody knows, a name longer than one byte of length tells."""
    long = [(1, "h" * 300, 9092, "rack", {}), (2, "b", 9093, None, {1: b"tag"})]
    moved = [(1, HERE, 41001, "rack", {}), (2, HERE, 41002, None, {1: b"tag"})]
    before = COMPACT_BROKERS.encode(({}, 7, long, "rest"))
    assert readdressed("Metadata", 9, before, OURS) == COMPACT_BROKERS.encode(
        ({}, 7, moved, "rest")
    )


def test_newer_versions_of_coordinators_too() -> None:
    before = COMPACT_COORDINATORS.encode(({}, 0, [("g", 1, "one", 9092, 0, None, {})], "rest"))
    after = COMPACT_COORDINATORS.encode(({}, 0, [("g", 1, HERE, 41001, 0, None, {})], "rest"))
    assert readdressed("FindCoordinator", 4, before, OURS) == after


def test_a_broker_without_a_proxy_is_refused() -> None:
    """A client would go past us, and the faults meant for it would never happen."""
    body = MetadataResponse_v1([(3, "b", 9094, None)], 1, []).encode()
    with pytest.raises(Unreadable, match="9094"):
        readdressed("Metadata", 1, body, OURS)


def test_a_version_nobody_has_tried_is_refused() -> None:
    with pytest.raises(Unreadable, match="version 99"):
        readdressed("Metadata", 99, b"", OURS)


def asked(api: int, correlation: int, body: bytes) -> bytes:
    return sized(
        api.to_bytes(2, "big") + (3).to_bytes(2, "big") + correlation.to_bytes(4, "big") + body
    )


def sized(frame: bytes) -> bytes:
    return len(frame).to_bytes(4, "big") + frame
