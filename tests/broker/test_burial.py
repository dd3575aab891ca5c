"""An event that cannot be done is buried alone; when too many cannot, nothing is."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from tests.broker.rig import Rig, frame
from tests.broker.wire import text_of
from tests.waiting import eventually


async def test_an_event_its_handler_cannot_do_is_buried_and_no_other(rig: Rig) -> None:
    """A failing event is tried alone, five times, then put aside; its neighbours take effect."""
    tries: list[Any] = []
    write = rig.effects()

    async def handler(events: Sequence[Any], session: AsyncSession) -> None:
        await write(events, session)
        if any(event.note == "explodes" for event in events):
            tries.append(len(events))
            raise RuntimeError("Marker Name")

    events = [rig.event("explodes" if n == 7 else "fine") for n in range(20)]
    await rig.send(*((event.value(), frame(event)) for event in events))
    consumer = await rig.consumer(handler)
    had = await rig.all_had([event for event in events if event.note == "fine"])
    await rig.quiet(consumer)
    assert events[7].event_id not in had
    assert set((await rig.had()).values()) == {1}
    assert tries.count(1) >= 5
    (letter,) = await rig.log(rig.dead)
    headers = text_of(letter.headers)
    assert (headers["p2a_dead_error"], headers["p2a_dead_attempts"]) == ("RuntimeError", "5")
    assert letter.value == events[7].value()
    assert "Marker" not in str(headers)


async def test_an_event_that_works_at_the_third_try_is_not_buried(rig: Rig) -> None:
    """Patience before burial."""
    tries = 0
    write = rig.effects()

    async def handler(events: Sequence[Any], session: AsyncSession) -> None:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise LookupError
        await write(events, session)

    event = rig.event()
    await rig.send((event.value(), frame(event)))
    consumer = await rig.consumer(handler)
    assert set((await rig.all_had([event])).values()) == {1}
    await rig.quiet(consumer)
    assert (tries, consumer.batches.dead) == (3, 0)


async def test_a_failing_event_keeps_the_order_of_the_others_of_its_key(rig: Rig) -> None:
    """One by one they take effect as they came, whatever was buried between them."""
    things = [uuid4() for _ in range(4)]
    notes = ["explodes" if n % 11 == 5 else f"{n:03}" for n in range(60)]
    events = [rig.event(note, thing=things[n % 4]) for n, note in enumerate(notes)]
    write = rig.effects()

    async def handler(events: Sequence[Any], session: AsyncSession) -> None:
        await write(events, session)
        if any(event.note == "explodes" for event in events):
            raise LookupError

    await rig.send(*((event.value(), frame(event)) for event in events))
    consumer = await rig.consumer(handler)
    fine = [event for event in events if event.note != "explodes"]
    assert set((await rig.all_had(fine)).values()) == {1}
    await rig.quiet(consumer)
    async with rig.reading() as session:
        order = list(await session.scalars(text("select id from effects order by nth")))
    for thing in things:
        sent = [event.event_id for event in fine if event.thing == thing]
        assert [id_ for id_ in order if id_ in sent] == sent
    assert consumer.batches.dead == notes.count("explodes")


async def test_too_many_dead_letters_halt_the_consumer(rig: Rig) -> None:
    """A bad release must stop, not empty a topic: nothing is committed, the reason is shown."""
    await rig.send(*[(b"no", frame(rig.event()))] * 10)
    consumer = await rig.consumer(dead_letters_a_minute=5)
    await eventually(lambda: _is("halted" in (consumer.trouble() or "")), what="the halt")
    assert await rig.log(rig.dead) == []
    assert await rig.committed() == {}
    assert await consumer.waiting() == 10
    await rig.stop(consumer)
    again = await rig.consumer(dead_letters_a_minute=0)
    await rig.quiet(again)
    assert len(await rig.log(rig.dead)) == 10


async def test_after_a_bad_release_every_event_has_its_effect(
    rig: Rig, capsys: pytest.CaptureFixture[str]
) -> None:
    """It halts, commits nothing, says so once and what to do; the mended one does them all."""
    events = [rig.event("fails" if n % 3 else "fine", thing=uuid4()) for n in range(60)]
    write = rig.effects()

    async def bad(events: Sequence[Any], session: AsyncSession) -> None:
        await write(events, session)
        if any(event.note == "fails" for event in events):
            raise LookupError

    await rig.send(*((event.value(), frame(event)) for event in events))
    consumer = await rig.consumer(bad, dead_letters_a_minute=10)
    await eventually(lambda: _is("halted" in (consumer.trouble() or "")), what="the halt")
    neighbour = await rig.consumer(dead_letters_a_minute=10, replica="neighbour")
    await rig.stop(neighbour)  # a rebalance changes nothing about it
    assert "P2A_DEAD_LETTERS_A_MINUTE" in str(consumer.trouble())
    assert capsys.readouterr().out.count("[critical ] halted") == 1
    assert await rig.log(rig.dead) == []
    await rig.stop(consumer)
    mended = await rig.consumer(dead_letters_a_minute=10)
    assert set((await rig.all_had(events)).values()) == {1}
    await rig.quiet(mended)
    assert (mended.trouble(), mended.batches.dead) == (None, 0)


async def _is(true: bool) -> bool:  # noqa: FBT001 - what is waited for
    return true
