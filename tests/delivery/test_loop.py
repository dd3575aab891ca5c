"""Work that comes round."""

import asyncio
from datetime import timedelta

import pytest

from services.delivery import loop as module
from services.delivery.failures import Patience
from services.delivery.loop import Loop
from tests.waiting import eventually

LONG = timedelta(hours=1)


async def test_a_tick_with_more_to_do_is_followed_at_once() -> None:
    """True means again now; only then is something done."""
    left = 5

    async def tick() -> bool:
        nonlocal left
        left -= 1
        return left > 0

    loop = Loop("rounds", tick, every=LONG)
    await loop.start()
    await eventually(lambda: _is(left == 0))
    await loop.stop()
    assert loop.done == 4


async def test_a_wake_cuts_the_pause_short() -> None:
    """Without it the next tick is an hour away."""
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        ticks += 1

    loop = Loop("rounds", tick, every=LONG)
    await loop.start()
    await eventually(lambda: _is(ticks == 1))
    loop.wake()
    await eventually(lambda: _is(ticks == 2))
    await loop.stop()


async def test_an_error_is_trouble_until_a_tick_works() -> None:
    """Its class is shown, its message is not; it is tried again by itself."""
    seen: list[str | None] = []

    async def tick() -> None:
        seen.append(loop.trouble())
        if len(seen) < 3:
            raise LookupError("Marker Name")

    loop = Loop("rounds", tick, every=LONG, patience=Patience(first=0.001, longest=0.001))
    await loop.start()
    await eventually(lambda: _is(len(seen) == 3 and loop.trouble() is None))
    await loop.stop()
    assert seen == [None, "failed 1 times: LookupError", "failed 2 times: LookupError"]


async def test_stopping_lets_the_tick_at_hand_end() -> None:
    """No tick is cut off in the middle."""
    began, ended = asyncio.Event(), False

    async def tick() -> None:
        nonlocal ended
        began.set()
        await asyncio.sleep(0.05)  # a slow tick is the subject here
        ended = True

    loop = Loop("rounds", tick, every=LONG)
    await loop.start()
    await began.wait()
    await loop.stop()
    assert ended


async def test_the_owner_counts_what_is_due() -> None:
    """Nothing, unless it was told how."""

    async def due() -> int:
        return 3

    async def tick() -> None: ...

    assert await Loop("rounds", tick, every=LONG, waiting=due).waiting() == 3
    assert await Loop("rounds", tick, every=LONG).waiting() == 0


async def _is(true: bool) -> bool:  # noqa: FBT001 - what is waited for
    return true


async def test_a_tick_that_does_not_end_is_told_to_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Again and again, for it may not have come to what it can give up; never while it may run."""
    monkeypatch.setattr(module, "HURRY_AFTER", 0.02)
    began, given_up, told = asyncio.Event(), asyncio.Event(), []

    async def tick() -> None:
        began.set()
        await given_up.wait()

    def hurry() -> None:
        told.append(loop.trouble())
        if len(told) == 3:
            given_up.set()

    loop = Loop("patient", tick, every=timedelta(hours=1), hurry=hurry)
    await loop.start()
    await began.wait()
    assert told == []
    await loop.stop()
    assert len(told) == 3
