"""The start-up check that nothing is set to lose events."""

from typing import Any

import pytest
from faststream import AckPolicy
from faststream.kafka import KafkaBroker

from schemas.learner import LearnerResumed
from services.delivery.broker import Broker, open_broker
from services.delivery.consume import consume
from services.delivery.database import open_database
from services.delivery.lossy import WouldLoseEvents, refuse_lossy
from services.delivery.settings import DeliverySettings

SETTINGS = DeliverySettings(
    database_url="postgresql+psycopg://postgres@127.0.0.1:1/p2a",
    kafka_bootstrap="127.0.0.1:1",
    valkey_url="redis://127.0.0.1:1/0",
)
SAFE: dict[str, Any] = {
    "batch": True, "group_id": "matcher", "ack_policy": AckPolicy.MANUAL,
    "auto_offset_reset": "earliest", "listener": "anything",
}  # fmt: skip


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"ack_policy": AckPolicy.ACK}, "MANUAL"),
        ({"ack_policy": AckPolicy.ACK_FIRST}, "MANUAL"),
        ({"auto_offset_reset": "latest"}, "auto_offset_reset"),
        ({"listener": None}, "listener"),
    ],
)
def test_a_lossy_subscriber_is_refused(options: dict[str, Any], named: str) -> None:
    """FastStream's own defaults among them."""
    broker = open_broker(SETTINGS)
    broker.subscriber("t", **(SAFE | options))
    with pytest.raises(WouldLoseEvents, match=named):
        refuse_lossy(broker)


def test_a_broker_that_hides_failures_or_does_not_wait_is_refused() -> None:
    """logger=None, and graceful_timeout=None, which means not to wait."""
    for options, named in (({"logger": None}, "logger"), ({"graceful_timeout": None}, "graceful")):
        broker: Any = KafkaBroker("127.0.0.1:1", **options)
        with pytest.raises(WouldLoseEvents, match=named):
            refuse_lossy(broker)


async def test_what_consume_makes_passes_and_is_made_once_a_broker() -> None:
    """A second one on the same broker would share its stop and its group."""
    sessions = open_database(str(SETTINGS.database_url), schema="matcher")
    broker: Broker = open_broker(SETTINGS)

    async def handler(events: Any, session: Any) -> None: ...

    consumer = consume(broker, {LearnerResumed: handler}, group="matcher", sessions=sessions)
    refuse_lossy(broker)
    with pytest.raises(WouldLoseEvents):
        consume(broker, {LearnerResumed: handler}, group="matcher", sessions=sessions)
    await consumer.stop()  # which may come before a start, when another part's start failed
    await sessions.kw["bind"].dispose()
