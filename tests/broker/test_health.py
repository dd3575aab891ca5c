"""When a consumer says that it is not well, and in what words."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from services.delivery import lag
from services.delivery.consumer import Consumer
from tests.broker import brokers
from tests.broker.rig import Rig, frame
from tests.waiting import eventually


async def test_a_broker_that_is_away_is_said_to_be(
    own_rig: Rig, own_broker: brokers.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing fails while there is nothing to do, yet it is not ready; back again, it is."""
    monkeypatch.setattr(lag, "EVERY", 0.1)
    monkeypatch.setattr(lag, "SILENCE_LIMIT", 1.0)
    # Kafka answers behind a fetch it holds for 500 ms, twice until what is committed is known
    monkeypatch.setattr(lag, "COUNT_LIMIT", 3.0)
    consumer = await own_rig.consumer()
    await own_rig.quiet(consumer)
    await asyncio.to_thread(own_broker.stop)
    await eventually(lambda: says(consumer, "Kafka has not answered"), what="the trouble")
    await asyncio.to_thread(own_broker.start)
    await eventually(lambda: says(consumer, None), what="its end", limit=60)


async def test_a_group_that_does_not_settle_is_a_trouble(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Partitions given up and none given for long."""
    consumer = await rig.consumer()
    await rig.quiet(consumer)
    await consumer.on_partitions_revoked(set())
    assert consumer.trouble() is None
    monkeypatch.setattr("services.delivery.health.REBALANCE_LIMIT", 0.0)
    assert "no partitions" in str(consumer.trouble())
    await consumer.on_partitions_assigned(set())
    assert consumer.trouble() is None


async def test_an_outage_is_over_for_who_no_longer_has_what_it_was_about(rig: Rig) -> None:
    """Else a member left without partitions would never be ready again."""
    consumer = await rig.consumer()
    await rig.quiet(consumer)
    member: Any = consumer.member()
    consumer.standstill.wait_out(member, ConnectionError())
    assert "outage" in str(consumer.trouble())
    await consumer.on_partitions_revoked(member.assignment())
    await consumer.on_partitions_assigned(set())
    assert consumer.trouble() is None


@pytest.mark.parametrize(
    ("limit", "words"),
    [("lag.WAIT_LIMIT", "1 records wait, and none was settled"), ("health.POLL_LIMIT", "no poll")],
)
async def test_a_handler_that_does_not_come_back_is_a_trouble(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, limit: str, words: str
) -> None:
    """Nothing fails, nothing moves, nothing more is asked for: each is said after its time."""
    monkeypatch.setattr(lag, "EVERY", 0.1)
    monkeypatch.setattr(f"services.delivery.{limit}", 1.0)
    released = asyncio.Event()
    write = rig.effects()

    async def stuck(events: Sequence[Any], session: AsyncSession) -> None:
        await released.wait()
        await write(events, session)

    event = rig.event()
    await rig.send((event.value(), frame(event)))
    consumer = await rig.consumer(stuck)
    await eventually(lambda: says(consumer, words), what="the trouble")
    released.set()
    await rig.all_had([event])
    await eventually(lambda: says(consumer, None), what="its end")


async def says(consumer: Consumer, words: str | None) -> bool:
    trouble = consumer.trouble()
    return trouble is None if words is None else words in (trouble or "")
