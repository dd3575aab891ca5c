"""A member whose own tasks of aiokafka's die, and how it leaves."""

import asyncio
from typing import Any

import pytest

from services.delivery import lag
from services.delivery.consumer import Consumer
from tests.broker.rig import Rig, frame
from tests.waiting import eventually


async def test_a_member_whose_coordination_died_joins_again(rig: Rig) -> None:
    """Else it would be unready until somebody restarts it, and its process alive."""
    consumer = await rig.consumer()
    await rig.quiet(consumer)
    member: Any = consumer.member()
    member._coordinator._maybe_do_autocommit = broken
    member._coordinator.request_rejoin()
    await eventually(lambda: another(consumer, member), limit=60, what="another member")
    event = rig.event()
    await rig.send((event.value(), frame(event)))
    assert set((await rig.all_had([event], limit=60)).values()) == {1}
    await rig.quiet(consumer, limit=60)
    assert consumer.trouble() is None


async def test_a_member_whose_fetching_died_joins_again(rig: Rig) -> None:
    """It would poll for ever and be given nothing."""
    consumer = await rig.consumer()
    await rig.quiet(consumer)
    member: Any = consumer.member()
    member._fetcher._get_actions_per_node = broken
    event = rig.event()
    await rig.send((event.value(), frame(event)))
    assert set((await rig.all_had([event], limit=60)).values()) == {1}
    assert consumer.member() is not member


async def test_leaving_goes_to_its_end_though_coordination_dies_of_it(rig: Rig) -> None:
    """Connections are closed and nothing is raised: the service's other parts are to stop, too."""
    consumer = await rig.consumer()
    await rig.quiet(consumer)
    member: Any = consumer.member()
    member._coordinator._maybe_do_last_autocommit = broken
    await rig.stop(consumer)
    assert consumer.member() is None
    assert not [conn for conn in member._client._conns.values() if conn.connected()]
    assert not [task for task in asyncio.all_tasks() if "_heartbeat" in str(task.get_coro())]


async def test_who_counts_what_waits_goes_on_after_any_error(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that nobody thought of would silence the watch for ever."""
    monkeypatch.setattr(lag, "EVERY", 0.05)
    consumer = await rig.consumer()
    await rig.quiet(consumer)
    member: Any = consumer.member()
    asked = 0

    async def odd(*_: Any) -> Any:
        nonlocal asked
        asked += 1
        raise ZeroDivisionError

    monkeypatch.setattr(member, "end_offsets", odd)
    await eventually(lambda: again(asked), what="another count")
    assert await consumer.waiting() == 1


def broken(*_: Any) -> Any:
    raise RuntimeError("planted")


async def another(consumer: Consumer, than: Any) -> bool:
    return consumer.member() not in (None, than) and consumer.trouble() is None


async def again(asked: int) -> bool:
    return asked > 2
