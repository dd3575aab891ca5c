"""Records that a frozen broker, or a frozen relay, lets go of after another relay took over."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncConnection

from services.delivery.lock import only_one
from services.delivery.marks import read_marks
from services.delivery.shift import Shift
from services.delivery.tail import Marks
from services.delivery.tally import Tally
from services.delivery.unsent import unsent
from tests.broker.rig import Rig


@asynccontextmanager
async def shift_of(rig: Rig) -> AsyncIterator[tuple[AsyncConnection, Shift]]:
    """A relay's work, step by step."""
    engine = rig.writing.kw["bind"]
    async with only_one(engine, "intake", asyncio.Event()) as held:
        assert held is not None
        async with Shift(held, rig.bootstrap, Tally(), service="intake") as shift:
            await shift.begin()
            yield held, shift


async def send_posted(rig: Rig, held: AsyncConnection, shift: Shift, *, rows: int = 20) -> None:
    await rig.post(*[rig.event() for _ in range(rows)])
    await shift.send(await unsent(held, rows))


async def last(rig: Rig) -> Marks:
    """The highest offset in each partition."""
    return {(record.topic, record.partition): record.offset for record in await rig.log()}


async def test_an_acknowledgement_above_what_was_announced_raises_the_mark(rig: Rig) -> None:
    """Else a broker that lost these records with the relay's death would seem to have them all."""
    async with shift_of(rig) as (held, shift):
        await send_posted(rig, held, shift)
        for partition in (0, 1):
            await rig.send((b"late", []), (b"later", []), partition=partition)
        await send_posted(rig, held, shift)
        marks, turns = await read_marks(held)
    assert marks == await last(rig)
    assert sum(turns.values()) == 20


async def test_a_look_raises_the_mark_to_what_it_finds(rig: Rig) -> None:
    """A reader may have been as far, whoever wrote it."""
    async with shift_of(rig) as (held, shift):
        await send_posted(rig, held, shift)
        await rig.send((b"late", []), partition=1)
        await shift.look()
        marks, turns = await read_marks(held)
    assert marks == await last(rig)
    assert sum(turns.values()) == 20
