"""Whose a market is, and when its round begins."""

import asyncio
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from services.delivery.database import Sessions
from services.matcher.claim_store import LeaseLost, Windows
from tests import make
from tests.matcher import happened
from tests.matcher.scene import AT_ONCE, Scene


async def dump(scene: Scene) -> list[object]:
    """All that a round may write."""
    tables = ("shortlist", "round", "outbox", "match")
    return [
        await scene.scalar(f"select coalesce(json_agg(t)::text, '') from {table} t")
        for table in tables
    ]


async def two_markets(scene: Scene) -> None:
    await scene.tell(*happened.completer(), *happened.completer(outcode="CV1"))
    await scene.tell(happened.pledge(uuid4()), happened.pledge(uuid4(), outcode="CV2"))


async def test_replicas_claim_different_markets(sessions: Sessions) -> None:
    """However they race, no market is two replicas' at once."""
    replicas = [Scene(sessions=sessions) for _ in range(4)]
    await two_markets(replicas[0])
    async with AsyncExitStack() as stack:
        claims = await asyncio.gather(
            *(stack.enter_async_context(replica.rounds.claimed()) for replica in replicas)
        )
        assert sorted(c.market for c in claims if c) == ["coventry", "west-midlands"]
        assert await replicas[0].rounds.waiting() == 2
        for replica, claimed in zip(replicas, claims, strict=True):
            if claimed:
                await replica.rounds.publish(claimed, await replica.rounds.draft(claimed))
    assert [await replica.rounds.tick() for replica in replicas] == [False] * 4
    assert await replicas[0].rounds.waiting() == 0
    assert len(await replicas[0].shortlists()) == 2


async def test_a_round_that_never_commits_leaves_nothing(sessions: Sessions) -> None:
    """Killed between computing and commit: nothing is written, and the next does all of it."""
    killed, other = Scene(sessions=sessions), Scene(sessions=sessions)
    await killed.tell(*happened.completer(), happened.pledge(uuid4()))
    nothing = await dump(killed)
    with suppress(ConnectionAbortedError):
        async with killed.rounds.claimed() as claimed:
            assert claimed
            abandoned = await killed.rounds.draft(claimed)
            assert not await other.rounds.tick()
            raise ConnectionAbortedError
    assert await dump(killed) == nothing
    assert await other.taken_over()
    (shortlist,) = (await other.shortlists()).values()
    assert (shortlist.round_id, shortlist.shortlist_version) == (abandoned.round_id, 1)


async def test_a_failure_while_writing_undoes_all_of_it(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The outbox is written last; if that fails, no shortlist and no round is there either."""
    await scene.tell(*happened.completer(), happened.pledge(uuid4()))
    nothing = await dump(scene)

    async def fail(*_: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as patched:
        patched.setattr("services.matcher.rounds.post", fail)
        with pytest.raises(ConnectionError):
            await scene.rounds.tick()
    assert await dump(scene) == nothing
    assert await scene.taken_over()
    assert len(await scene.said()) == 1


async def test_a_lease_that_ran_out_is_anybodys(sessions: Sessions) -> None:
    """The slow replica's work is void: it writes nothing over its successor's."""
    hasty = replace(AT_ONCE, lease=timedelta(0))
    slow, quick = Scene(sessions=sessions, windows=hasty), Scene(sessions=sessions)
    await slow.tell(*happened.completer(), happened.pledge(uuid4()))
    async with slow.rounds.claimed() as claimed:
        assert claimed
        late = await slow.rounds.draft(claimed)
        assert await quick.rounds.tick()
        written = await dump(quick)
        with pytest.raises(LeaseLost):
            await slow.rounds.publish(claimed, late)
    assert await dump(quick) == written
    assert not await quick.rounds.tick()


async def test_events_during_a_round_wait_for_the_next(scene: Scene) -> None:
    """What came after the pool was read is not lost."""
    vacancy_id = uuid4()
    await scene.tell(*happened.completer(), happened.pledge(vacancy_id))
    async with scene.rounds.claimed() as claimed:
        assert claimed
        proposal = await scene.rounds.draft(claimed)
        await scene.tell(*happened.completer())
        await scene.rounds.publish(claimed, proposal)
    assert len(await scene.places(vacancy_id)) == 1
    assert await scene.rounds.waiting() == 1
    await scene.round()
    assert len(await scene.places(vacancy_id)) == 2


async def test_changes_settle_before_a_round(sessions: Sessions) -> None:
    """A round waits for quiet, but not for ever."""
    long, none = timedelta(hours=1), timedelta(0)
    restless = Windows(settle=long, settle_limit=long, lease=long)
    scene = Scene(sessions=sessions, windows=restless)
    await scene.tell(make.enrolled())
    assert not await scene.rounds.tick()
    assert await scene.rounds.waiting() == 1
    scene.rounds.windows = replace(restless, settle_limit=none)
    assert await scene.rounds.tick()


async def test_a_catch_up_is_one_round(scene: Scene) -> None:
    """While events wait to be read no round begins, up to a limit."""
    unread = 3

    async def behind() -> int:
        return unread

    scene.rounds.behind, scene.rounds.few = behind, 0
    for _ in range(3):
        await scene.tell(*happened.completer())
        assert not await scene.rounds.tick()
        unread -= 1
    assert await scene.rounds.tick()
    assert not await scene.rounds.tick()
    unread = 5
    await scene.tell(*happened.completer())
    scene.rounds.catch_up = timedelta(0)
    assert await scene.rounds.tick()


async def test_other_rules_make_a_round(scene: Scene, sessions: Sessions) -> None:
    """After a deployment with new rules nobody has to wait for the next event."""
    await scene.tell(make.enrolled())
    await scene.round()
    same = Scene(sessions=sessions)
    assert not await same.rounds.tick()
    newer = Scene(sessions=sessions)
    newer.rounds.rules = replace(newer.rounds.rules, version="2027-01")
    assert await newer.rounds.tick()
    assert not await newer.rounds.tick()
