"""How an outage is waited out: one pause at a time, each its full length."""

import asyncio
from typing import Any

from aiokafka import TopicPartition

from services.delivery.dead import Halted
from services.delivery.failures import Patience
from services.delivery.standstill import Standstill
from tests.waiting import eventually

PLACE, STUCK = TopicPartition("topic", 0), TopicPartition("topic", 1)


class Member:
    """A member with two partitions, one of which is damaged."""

    def __init__(self) -> None:
        self.stuck = {STUCK: 5}
        self.held: set[TopicPartition] = {STUCK}

    def assignment(self) -> set[TopicPartition]:
        return {PLACE, STUCK}

    def paused(self) -> set[TopicPartition]:
        return set(self.held)

    def pause(self, *places: TopicPartition) -> None:
        self.held |= set(places)

    def resume(self, *places: TopicPartition) -> None:
        self.held -= set(places)


class Pauses(Patience):
    """As long as it is told."""

    def pause(self, attempt: int) -> float:
        return 0.01 if attempt == 1 else 3600.0


def timers() -> int:
    return sum("_resume" in str(task.get_coro()) for task in asyncio.all_tasks())


async def test_after_a_pause_all_but_the_damaged_goes_on() -> None:
    """By itself."""
    member: Any = Member()
    standstill = Standstill("g", Pauses())
    standstill.wait_out(member, ConnectionError())
    assert member.held == {PLACE, STUCK}
    await eventually(lambda: goes_on(member), what="the end of the pause")


async def test_a_second_outage_has_its_own_pause() -> None:
    """The first one's timer would end it early, and nobody could stop it any more."""
    member: Any = Member()
    standstill = Standstill("g", Pauses())
    standstill.wait_out(member, ConnectionError())
    standstill.wait_out(member, ConnectionError())
    await asyncio.sleep(0)
    assert timers() == 1
    await standstill.stop()
    assert timers() == 0
    assert member.held == {PLACE, STUCK}


async def test_a_rebalance_or_a_halt_ends_the_pause_that_was() -> None:
    """Whoever has the partitions now sees for himself; a halted one goes on for nobody."""
    member: Any = Member()
    standstill = Standstill("g", Pauses())
    standstill.wait_out(member, ConnectionError())
    standstill.forget()
    await asyncio.sleep(0)
    assert (timers(), standstill.why) == (0, None)
    standstill.wait_out(member, ConnectionError())
    standstill.halt(member, Halted("too many"))
    await asyncio.sleep(0)
    assert timers() == 0
    standstill.forget()
    assert "too many" in str(standstill.why)


async def goes_on(member: Member) -> bool:
    return member.held == {STUCK}
