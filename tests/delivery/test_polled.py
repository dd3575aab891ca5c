"""What was taken comes again until it is settled, whatever happens between two polls."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import LeaderNotAvailableError

from services.delivery import polled
from services.delivery.salvage import Salvaged
from tests.delivery.wire import A, B, C, Wire, record


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    """Three partitions, each committed up to its number."""
    made = Wire(a=80, b=5, c=5)
    yield made
    made.consumer._closed = True


@pytest.fixture
def salvaging(monkeypatch: pytest.MonkeyPatch) -> "Salvaging":
    """Our own reading of what aiokafka refuses, answered here."""
    made = Salvaging()
    monkeypatch.setattr(polled, "salvage", made)
    return made


class Salvaging:
    """Answers once it may; *found* or an error."""

    def __init__(self) -> None:
        self.asked: list[tuple[TopicPartition, int]] = []
        self.asking = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.found: Salvaged | Exception = Salvaged([], 5, ValueError("damage"), 6)

    async def __call__(self, _: Any, tp: TopicPartition, at: int) -> Salvaged:
        self.asked.append((tp, at))
        self.asking.set()
        await self.may_answer.wait()
        if isinstance(self.found, Exception):
            raise self.found
        return self.found


async def test_what_nobody_settled_is_given_again(wire: Wire) -> None:
    """Whoever lost it between the poll and the handler: an error of FastStream's, for one."""
    await wire.arrives(A, 100)
    assert await wire.poll() == {"a": (80, 99)}
    assert await wire.poll() == {}
    await wire.arrives(A, 100)
    assert await wire.poll() == {"a": (80, 99)}
    assert wire.consumer.settled() == {A: 100}
    await wire.arrives(A, 110)
    assert await wire.poll() == {"a": (100, 109)}


async def test_what_is_given_up_is_neither_committed_nor_set_back(wire: Wire) -> None:
    """The partition's place is then another's business: the one it is assigned with."""
    await wire.arrives(A, 100)
    await wire.poll()
    wire.revoke()
    assert wire.consumer.settled() == {}
    wire.committed[A] = 95
    wire.assign()
    await wire.arrives(A, 100)
    assert await wire.poll() == {"a": (95, 99)}


async def test_a_batch_of_an_older_assignment_is_never_set_back(wire: Wire) -> None:
    """Even when nobody told that the partitions changed hands meanwhile."""
    await wire.arrives(A, 100)
    await wire.poll()
    wire.committed[A] = 70
    wire.assign()
    await wire.arrives(A, 80)
    assert await wire.poll() == {"a": (70, 79)}


@pytest.mark.parametrize("bad", [5, 7])
async def test_an_undecodable_batch_costs_its_neighbours_nothing(
    wire: Wire, salvaging: Salvaging, bad: int
) -> None:
    """Records of others, and what stands before it, are given out; then it is read by ourselves."""
    salvaging.found = Salvaged([record(B, bad)], bad + 1, None, bad + 1)
    await wire.arrives(A, 100)
    await wire.arrives(B, 10, bad=bad)
    before = {"b": (5, bad - 1)} if bad > 5 else {}
    assert await wire.poll() == {"a": (80, 99)} | before
    wire.consumer.settled()
    assert await wire.poll() == {"b": (bad, bad)}
    assert salvaging.asked == [(B, bad)]
    assert wire.consumer.settled() == {B: bad + 1}


async def test_a_rebalance_while_a_refused_batch_is_read_loses_nothing(
    wire: Wire, salvaging: Salvaging
) -> None:
    """What was read for the old one is nobody's; what comes with the new one is given out."""
    salvaging.found = Salvaged([record(B, 5)], 6, None, 6)
    await wire.arrives(B, 10, bad=5)
    assert await wire.poll() == {}
    salvaging.may_answer.clear()
    polling = asyncio.create_task(wire.poll())
    await salvaging.asking.wait()
    wire.revoke()
    salvaging.may_answer.set()
    for _ in range(5):
        await asyncio.sleep(0)
    wire.assign()
    await wire.arrives(A, 100)
    await wire.arrives(C, 15)
    assert await polling == {"a": (80, 99), "c": (5, 14)}
    assert wire.consumer.stuck == {}


async def test_a_refused_batch_in_the_first_poll_of_an_assignment_loses_nothing(
    wire: Wire, salvaging: Salvaging
) -> None:
    """The poll that waits for its partitions knows no position of theirs yet."""
    wire.revoke()
    polling = asyncio.create_task(wire.poll())
    await asyncio.sleep(0)
    wire.committed |= {A: 90, C: 12}
    wire.assign()
    await wire.arrives(A, 100)
    await wire.arrives(B, 10, bad=5)
    await wire.arrives(C, 15)
    assert await polling == {"a": (90, 99), "c": (12, 14)}
    assert salvaging.asked == []


async def test_a_partition_that_cannot_be_asked_about_keeps_no_other_waiting(
    wire: Wire, salvaging: Salvaging
) -> None:
    """It is tried again when it is refused again."""
    salvaging.found = LeaderNotAvailableError()
    await wire.arrives(B, 10, bad=5)
    await wire.poll()
    with pytest.raises(LeaderNotAvailableError):
        await wire.poll()
    await wire.arrives(B, 10, bad=5)
    await wire.arrives(C, 15)
    assert await wire.poll() == {"c": (5, 14)}
    with pytest.raises(LeaderNotAvailableError):
        await wire.poll()
    await wire.arrives(C, 15)
    assert await wire.poll() == {"c": (5, 14)}


async def test_damage_stops_its_partition_until_it_is_assigned_anew(
    wire: Wire, salvaging: Salvaging
) -> None:
    """Named with its place; whoever is given the partition next finds it again."""
    await wire.arrives(B, 10, bad=5)
    await wire.poll()
    assert await wire.poll() == {}
    assert (wire.consumer.stuck, wire.consumer.paused()) == ({B: 5}, {B})
    await wire.arrives(C, 15)
    assert await wire.poll() == {"c": (5, 14)}
    wire.revoke()
    assert wire.consumer.stuck == {}
    wire.assign()
    await wire.poll()
    assert wire.consumer.paused() == set()
    assert len(salvaging.asked) == 1


async def test_what_is_in_hand_is_not_done(wire: Wire) -> None:
    """Positions move before the effects do; while the group settles they say nothing."""
    consumer = wire.consumer
    assert consumer.done_to(A, 70) == 80
    await wire.arrives(A, 100)
    await wire.poll()
    assert consumer.done_to(A, 80) == 80
    consumer.settled()
    assert consumer.done_to(A, 80) == 100
    wire.revoke()
    assert consumer.done_to(A, 80) == 80
