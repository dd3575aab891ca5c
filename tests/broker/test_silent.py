"""A broker that keeps its connections open and says nothing."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import structlog

from services.delivery import relay as relays
from services.delivery import sending
from services.delivery.producer import STOP_LIMIT, close_producer, open_producer
from services.delivery.relay import Relay
from tests.broker import brokers
from tests.broker.rig import LIMIT, Rig
from tests.broker.stream import Stream
from tests.waiting import eventually

log = structlog.get_logger()


@contextmanager
def frozen(server: brokers.Server) -> Iterator[None]:
    """The broker stands still meanwhile."""
    assert server.pid is not None
    os.kill(server.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server.pid, signal.SIGCONT)


async def test_a_producer_is_closed_in_bounded_time_and_sends_nothing_later(
    own_rig: Rig, own_broker: brokers.Server
) -> None:
    """What it holds while the broker is silent is dropped; nothing of it runs on."""
    producer = await open_producer(own_rig.bootstrap)
    await producer.send_and_wait(own_rig.topic, b"first", partition=0)
    with frozen(own_broker):
        held = await producer.send(own_rig.topic, b"held", partition=0)
        waiting = await producer.send(own_rig.topic, b"waiting", partition=1)
        await asyncio.sleep(0)  # let the sender take them
        began = time.monotonic()
        await close_producer(producer)
        assert time.monotonic() - began < STOP_LIMIT + 5
        for record in (held, waiting):
            assert not record.done()
        await eventually(lambda: nobody("Sender."), what="the end of its tasks")
    found = await own_rig.log()
    assert [record.value for record in found if record.partition == 1] == []


async def test_a_silent_broker_is_noticed_and_told_and_gone_on_with(
    own_rig: Rig, own_broker: brokers.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows wait, the producer is given up, and everything leaves when it speaks again."""
    monkeypatch.setattr(sending, "SEND_LIMIT", 2.0)
    monkeypatch.setattr(relays, "STALLED", 1.0)
    await noticed(own_rig, own_broker)


@pytest.mark.faults
@pytest.mark.timeout(240)
async def test_a_silent_broker_is_told_after_half_a_minute(
    own_rig: Rig, own_broker: brokers.Server
) -> None:
    """The same with the limits a service has."""
    seconds = await noticed(own_rig, own_broker)
    assert relays.STALLED - 1 < seconds < relays.STALLED + 15


async def noticed(rig: Rig, server: brokers.Server) -> float:
    """Seconds until the relay told of rows that wait for the frozen *server*."""
    relay, consumer = await rig.relay(), await rig.consumer()
    async with Stream.flowing(rig) as stream:
        await stream.recovery(limit=LIMIT)
        made = relay.tally.rebuilds
        with frozen(server):
            began = time.monotonic()
            await eventually(lambda: said(relay), limit=LIMIT + 60, what="the relay's trouble")
            told = time.monotonic() - began
            await eventually(lambda: given_up(relay), limit=LIMIT + 60, what="the producer's end")
            log.info("noticed", told=round(told, 1), given_up=round(time.monotonic() - began, 1))
            assert await relay.waiting() > 0
        log.info("recovered", seconds=round(await stream.recovery(limit=LIMIT + 60), 1))
        await eventually(lambda: well(relay), limit=LIMIT, what="readiness")
    await stream.judge()
    assert relay.tally.rebuilds > made, "the producer was never given up"
    assert (relay.tally.parked, consumer.batches.dead) == (0, 0)
    return told


async def test_a_relay_asked_to_stop_does_not_wait_for_a_silent_broker(
    own_rig: Rig, own_broker: brokers.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it had sent is sent again by the next, as after a death; the pod's grace is kept."""
    under_way, send = asyncio.Event(), sending.send

    async def never_answered(*given: Any) -> sending.Sent:
        under_way.set()
        with frozen(own_broker):
            return await send(*given)

    monkeypatch.setattr(relays, "LAST_TURN", 1.0)
    relay = await own_rig.relay()
    monkeypatch.setattr(sending, "send", never_answered)
    events = [own_rig.event() for _ in range(20)]
    await own_rig.post(*events)
    await under_way.wait()
    async with asyncio.timeout(sending.SEND_LIMIT / 2):
        await own_rig.stop(relay)
    assert relay.done == 0, "the broker did answer"
    monkeypatch.setattr(sending, "send", send)
    await own_rig.quiet(await own_rig.relay())
    ids = {dict(record.headers)["ce_id"].decode() for record in await own_rig.log()}
    assert {str(event.event_id) for event in events} <= ids


async def test_an_idle_relay_asked_to_stop_asks_the_broker_nothing_more(
    own_rig: Rig, own_broker: brokers.Server
) -> None:
    """It lets go of its lock at once."""
    relay = await own_rig.relay()
    await own_rig.post(own_rig.event())
    await own_rig.quiet(relay)
    before = relay.tally.looks
    await eventually(lambda: looked(relay, before), what="a look")
    with frozen(own_broker):
        async with asyncio.timeout(relays.LAST_TURN / 2):
            await own_rig.stop(relay)


async def looked(relay: Relay, before: int) -> bool:
    return relay.tally.looks > before


async def said(relay: Relay) -> bool:
    return "stands since" in (relay.trouble() or "")


async def given_up(relay: Relay) -> bool:
    return relay.failing > 0


async def well(relay: Relay) -> bool:
    return relay.trouble() is None


async def nobody(task: str) -> bool:
    return not any(task in repr(each.get_coro()) for each in asyncio.all_tasks())
