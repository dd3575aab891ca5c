"""When a consumer takes the batch in hand, and when it leaves it to come again."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition

from services.delivery.broker import GRACE, open_broker
from services.delivery.consume import HEARTBEAT, consume
from services.delivery.consumer import Consumer
from services.delivery.dead import Halted
from services.delivery.settings import DeliverySettings
from tests.broker.rig import noted_on

PLACE = TopicPartition("topic", 0)
ANSWER_LIMIT_MS = 40_000  # aiokafka's own, for whoever waits until the others have drained


class Member:
    """Holds a batch in hand."""

    def __init__(self) -> None:
        self.in_hand = {PLACE: range(5, 8)}
        self.committed: dict[TopicPartition, int] = {}

    def settled(self) -> dict[TopicPartition, int]:
        ends = {tp: offsets.stop for tp, offsets in self.in_hand.items()}
        self.in_hand = {}
        return ends

    def assignment(self) -> set[TopicPartition]:
        return {PLACE}

    def pause(self, *_: TopicPartition) -> None:
        """Taken for done."""

    async def commit(self, offsets: dict[TopicPartition, int]) -> None:
        self.committed |= offsets


class Settling:
    """Batches that are settled, or fail, as told."""

    def __init__(self) -> None:
        self.effects = SimpleNamespace(group="g")
        self.tried = 0
        self.error: Exception | None = None
        self.meanwhile: Any = None

    async def settle(self, _: Any) -> None:
        self.tried += 1
        if self.meanwhile:
            self.meanwhile()
        if self.error:
            raise self.error


@pytest.fixture
def settling() -> Settling:
    return Settling()


@pytest.fixture
def member() -> Any:
    return Member()


@pytest.fixture
def consumer(settling: Any, member: Any) -> Consumer:
    broker: Any = SimpleNamespace(subscribers=[SimpleNamespace(consumer=member)])
    return Consumer(broker, settling, asyncio.Event())


async def test_what_is_settled_is_committed(consumer: Consumer, member: Any) -> None:
    """Up to its end."""
    await consumer.take([], member)
    assert (member.committed, member.in_hand) == ({PLACE: 8}, {})


async def test_what_was_given_up_while_it_was_settled_is_not_committed(
    consumer: Consumer, settling: Settling, member: Any
) -> None:
    """It comes again, to whoever has the partitions now."""
    settling.meanwhile = member.in_hand.clear
    await consumer.take([], member)
    assert (settling.tried, member.committed) == (1, {})


async def test_what_was_given_up_before_is_not_begun(
    consumer: Consumer, settling: Settling, member: Any
) -> None:
    """Another member may be at it."""
    member.in_hand.clear()
    await consumer.take([], member)
    assert settling.tried == 0


async def test_what_fails_stays_in_hand(
    consumer: Consumer, settling: Settling, member: Any
) -> None:
    """So that the next poll sets it back."""
    settling.error = ConnectionError()
    await consumer.take([], member)
    assert (member.committed, member.in_hand) == ({}, {PLACE: range(5, 8)})
    await consumer.standstill.stop()


async def test_a_halted_consumer_takes_nothing_and_keeps_its_reason(
    consumer: Consumer, settling: Settling, member: Any
) -> None:
    """A batch given out in the moment between an assignment and its pause."""
    settling.error = Halted("too many")
    await consumer.take([], member)
    settling.error = None
    await consumer.take([], member)
    assert (settling.tried, member.committed) == (1, {})
    assert "too many" in str(consumer.standstill.why)


async def test_a_rebalance_waits_for_the_slowest_member_to_drain() -> None:
    """It hears of it up to a heartbeat late; and whoever waits for it meanwhile has the time."""
    broker = open_broker(
        DeliverySettings(
            database_url="postgresql://nowhere/none",
            kafka_bootstrap="nowhere:1",
            valkey_url="redis://127.0.0.1:1/0",
        )
    )
    sessions: Any = None
    consume(broker, {noted_on("test.taking"): never}, group="g", sessions=sessions)
    given: Any = broker.subscribers[0]
    limit = given._connection_args["rebalance_timeout_ms"]
    assert given._connection_args["heartbeat_interval_ms"] == HEARTBEAT * 1000
    assert (GRACE + HEARTBEAT) * 1000 < limit < ANSWER_LIMIT_MS


async def never(*_: Any) -> None:
    raise AssertionError("no event comes")
