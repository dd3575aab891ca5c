"""Two relays of one service: whatever becomes of the one, the order within a key is kept."""

from pathlib import Path

import pytest
from sqlalchemy import text

from services.delivery import lock
from services.delivery import relay as relays
from services.delivery.relay import Relay
from tests.broker.lone import Lone
from tests.broker.rig import LIMIT, Rig
from tests.broker.stream import Stream
from tests.waiting import eventually

if not Path("/proc/self/stat").exists():
    pytest.skip("tells a frozen process by /proc", allow_module_level=True)

CUTS = 5
HOLDERS = """
    select pid from pg_locks
     where locktype = 'advisory' and granted
       and database = (select oid from pg_database where datname = current_database())
"""


async def test_the_holders_connection_is_cut_again_and_again(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other goes on, time and again; what came twice is absorbed, nothing is overtaken."""
    monkeypatch.setattr(lock, "RETRY", 0.02)  # sooner than the one that was cut
    one, other = await rig.relay(), await rig.relay()
    consumer = await rig.consumer()
    async with Stream.flowing(rig) as stream:
        for _ in range(CUTS):
            held = await eventually(lambda: holder(rig), what="a holder")
            async with rig.reading.begin() as session:
                assert await session.scalar(text("select pg_terminate_backend(:p)"), {"p": held})
            await eventually(lambda held=held: another(rig, held), what="another holder")
            await stream.recovery(limit=LIMIT)
    await stream.judge()
    assert one.done >= 1, "no takeover happened"
    assert other.done >= 1, "no takeover happened"
    assert consumer.batches.dead == 0


async def test_a_holder_that_is_frozen_loses_its_lock_and_sends_late(
    rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its rows come again behind the other's: repeats, in a log that is otherwise in order."""
    monkeypatch.setattr(relays, "STALLED", 1.0)
    first = Lone(rig, tmp_path, "relay.sent=stop@3", silent=5)
    first.start()
    await eventually(lambda: holder(rig), what="the first relay's lock")
    second, consumer = await rig.relay(), await rig.consumer()
    async with Stream.flowing(rig) as stream:
        await eventually(first.frozen, limit=LIMIT, what="the frozen relay")
        await eventually(lambda: said(second, "another replica"), limit=LIMIT, what="the trouble")
        await stream.recovery(limit=LIMIT)  # the lock was taken from it
        assert second.done > 0, "the takeover did not happen"
        before = await repeats(rig)
        first.thaw()
        await eventually(lambda: more_repeats(rig, before), limit=LIMIT, what="late records")
        await stream.recovery(limit=LIMIT)
        await eventually(lambda: said(second, None), what="the end of the trouble")
    await stream.judge()
    assert consumer.batches.repeats > 0, "nothing came late"
    assert consumer.batches.dead == 0
    first.kill()


async def holder(rig: Rig) -> int | None:
    """The PostgreSQL process of the relay that holds the lock."""
    async with rig.reading() as session:
        found: int | None = await session.scalar(text(HOLDERS))
        return found


async def another(rig: Rig, than: int | None) -> bool:
    found = await holder(rig)
    return found is not None and found != than


async def said(relay: Relay, words: str | None) -> bool:
    trouble = relay.trouble()
    return trouble is None if words is None else words in (trouble or "")


async def repeats(rig: Rig) -> int:
    """How many records of the log are not the first of their event."""
    ids = [dict(record.headers)["ce_id"] for record in await rig.log()]
    return len(ids) - len(set(ids))


async def more_repeats(rig: Rig, than: int) -> bool:
    return await repeats(rig) > than
