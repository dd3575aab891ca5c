"""What an operator does about dead letters, through the command itself."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from typer.testing import CliRunner, Result

from schemas.learner import LearnerResumed
from services.cli.app import app
from services.delivery import replay
from services.delivery.dead import Graveyard
from services.delivery.records import Failure
from services.delivery.topics import create_topics, declared
from tests import make
from tests.broker.rig import Headers, Rig, frame
from tests.waiting import eventually

Command = Callable[..., Awaitable[Result]]


@pytest.fixture
def p2a(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command, on this test's broker and database, its topic being one of ours."""
    monkeypatch.setenv("P2A_KAFKA_BOOTSTRAP", rig.bootstrap)
    monkeypatch.setenv("P2A_DATABASE_URL", rig.database)
    monkeypatch.setitem(replay.WRITERS, rig.topic, "intake")

    async def run(*arguments: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, app, arguments)

    return run


async def test_a_letter_is_listed_shown_and_sent_again_once_its_cause_is_mended(
    rig: Rig, p2a: Command
) -> None:
    """Through the outbox of the topic's writer; then nobody has to deal with it any more."""
    mended = False
    write = rig.effects()

    async def handler(events: Sequence[Any], session: AsyncSession) -> None:
        if not mended:
            raise LookupError
        await write(events, session)

    event = rig.event("precious")
    relay, consumer = await rig.relay(), await rig.consumer(handler)
    await rig.post(event)
    await eventually(lambda: _is(consumer.batches.dead == 1), what="the dead letter")

    (listed,) = [row for row in await _list(p2a) if row["place"].startswith(rig.topic)]
    assert (listed["error"], listed["attempts"]) == ("LookupError", 5)
    shown = json.loads((await p2a("dead", "show", listed["place"])).stdout)
    assert rig.noted.of(shown["value"].encode()) == event

    mended = True
    answer = await p2a("dead", "replay", listed["place"])
    assert answer.exit_code == 0, answer.output
    assert set((await rig.all_had([event])).values()) == {1}
    assert [row for row in await _list(p2a) if row["place"].startswith(rig.topic)] == []
    await rig.quiet(relay, consumer)


async def test_a_letter_that_never_was_in_an_outbox_enters_it(rig: Rig, p2a: Command) -> None:
    """A record somebody else wrote is replayed by the topic's one writer."""
    tries = 0
    write = rig.effects()

    async def handler(events: Sequence[Any], session: AsyncSession) -> None:
        nonlocal tries
        tries += 1
        if tries <= 6:  # the batch, then five times alone
            raise LookupError
        await write(events, session)

    event = rig.event()
    await rig.send((event.value(), frame(event)))
    await rig.relay()
    consumer = await rig.consumer(handler)
    await eventually(lambda: _is(consumer.batches.dead == 1), what="the dead letter")
    await p2a("dead", "replay", "--all")
    assert set((await rig.all_had([event])).values()) == {1}


async def test_what_is_no_event_can_only_be_discarded(rig: Rig, p2a: Command) -> None:
    """It is refused with the reason, and discarding takes it off the list."""
    await rig.send((b"not JSON", [("ce_id", b"1")]))
    consumer = await rig.consumer()
    await eventually(lambda: _is(consumer.batches.dead == 1), what="the dead letter")
    place = f"{rig.topic}/{rig.group}/0/0"
    refused = await p2a("dead", "replay", place)
    assert refused.exit_code == 1
    assert "discard it" in refused.stderr
    assert (await p2a("dead", "discard", place)).exit_code == 0
    assert place not in (await p2a("dead", "list")).stdout
    assert place in (await p2a("dead", "list", "--all")).stdout


async def test_a_range_of_an_outbox_is_sent_again_and_changes_nothing(
    rig: Rig, p2a: Command
) -> None:
    """The records come again, their effects do not."""
    relay, consumer = await rig.relay(), await rig.consumer()
    events = [rig.event(str(n)) for n in range(10)]
    await rig.post(*events)
    await rig.all_had(events)
    await rig.quiet(relay, consumer)
    async with rig.writing() as session:
        seqs = list(await session.scalars(text("select seq from outbox order by seq")))
    answer = await p2a("replay", rig.topic, "--from", str(seqs[2]), "--to", str(seqs[5]))
    assert "4 rows" in answer.stdout
    await eventually(lambda: _is(consumer.batches.repeats == 4), what="the repeats")
    assert set((await rig.had()).values()) == {1}
    assert len(await rig.log()) == 14


async def test_a_stopped_group_is_led_past_what_no_client_can_decode(
    rig: Rig, p2a: Command
) -> None:
    """The place is remembered as a dead letter; what comes after takes effect."""
    before, after = rig.event(), rig.event()
    await rig.send((before.value(), frame(before)))
    await rig.send_undecodable()
    await rig.send((after.value(), frame(after)))
    consumer = await rig.consumer()
    await rig.all_had([before])
    await eventually(lambda: _is("decoded" in (consumer.trouble() or "")), what="the alarm")
    await rig.stop(consumer)
    answer = await p2a("dead", "skip", f"{rig.topic}/{rig.group}/0/1")
    assert answer.exit_code == 0, answer.output
    await rig.consumer()
    assert set((await rig.all_had([before, after])).values()) == {1}
    (letter,) = await rig.log(rig.dead)
    assert dict(letter.headers)["p2a_dead_error"] == b"Undecodable"


async def test_only_what_cannot_be_read_is_skipped(rig: Rig, p2a: Command) -> None:
    """Never a record that can be read, a wrong place, or while the group is at work."""
    events = [rig.event(), rig.event()]
    await rig.send((events[0].value(), frame(events[0])))
    await rig.send_undecodable()
    await rig.send((events[1].value(), frame(events[1])))
    at = f"{rig.topic}/{rig.group}/0"
    assert "can be read" in (await p2a("dead", "skip", f"{at}/0")).stderr
    assert "offset 0 can be read" in (await p2a("dead", "skip", f"{at}/1")).stderr
    consumer = await rig.consumer()
    await eventually(lambda: _is("decoded" in (consumer.trouble() or "")), what="the alarm")
    await rig.all_had(events[:1])
    await eventually(lambda: _committed(rig, 1), what="the first one's commit")
    assert "1 members" in (await p2a("dead", "skip", f"{at}/1")).stderr
    await rig.stop(consumer)
    assert "stands at 1" in (await p2a("dead", "skip", f"{at}/2")).stderr
    assert "1 places" in (await p2a("dead", "skip", f"{at}/1")).stdout
    assert "goes on at 2" in (await p2a("dead", "skip", f"{at}/1")).stderr
    await rig.consumer()
    assert set((await rig.all_had(events)).values()) == {1}


async def test_letters_by_the_thousand_are_listed_by_cause_and_discarded_together(
    rig: Rig, p2a: Command
) -> None:
    """A page a person can read: some places, then how many for each cause."""
    graveyard = Graveyard(rig.bootstrap, rig.group)
    headers = [("ce_type", b"p2a.Noted.v1"), ("ce_id", b"\x1b[31mred")]
    await graveyard.bury([_failure(rig, n, headers) for n in range(2_000)])
    await graveyard.close()
    listed = (await p2a("dead", "list")).stdout.splitlines()
    assert len(listed) < 80
    assert any(line.startswith("1990  ") and "LookupError" in line for line in listed)
    assert any(line.startswith("10  ") and "KeyError" in line for line in listed)
    assert "`p2a dead list --most 0`" in "".join(listed)
    assert "dead letters are dealt with" in (await p2a("dead", "discard", "--all")).stdout
    assert (await p2a("dead", "list")).stdout == "0 dead letters to be dealt with\n"


def _failure(rig: Rig, offset: int, headers: Headers) -> Failure:
    record = SimpleNamespace(topic=rig.topic, partition=0, offset=offset, key=b"k", value=b"v",
                             headers=headers)  # fmt: skip
    error = "LookupError" if offset % 200 else "KeyError"
    return Failure(record, error, error, 5)


async def test_wrong_use_is_told(rig: Rig, p2a: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was got, and what to do."""
    assert "not TOPIC/GROUP" in (await p2a("dead", "show", "there")).stderr
    unknown = await p2a("replay", "p2a.unknown.v1", "--from", "1", "--to", "2")
    assert "no service of ours writes" in unknown.stderr
    monkeypatch.delenv("P2A_DATABASE_URL")
    missing = await p2a("dead", "list")
    assert (missing.exit_code, "P2A_DATABASE_URL" in missing.stderr) == (2, True)


async def test_every_topic_is_made_by_the_command_and_made_once(rig: Rig, p2a: Command) -> None:
    """`p2a topics create`, and again; then the services' own topics take events."""
    first = await p2a("topics", "create", "--single-node")
    assert first.exit_code == 0, first.output
    again = await p2a("topics", "create", "--single-node")
    assert f"0 made, {len(declared())} were there" in again.stdout
    assert await create_topics(rig.bootstrap, declared(), single_node=True) == []
    event = make.resumed(event_id=uuid4())
    await rig.relay()
    await rig.post(event)
    records = await eventually(lambda: rig.log(LearnerResumed.topic), what="the record")
    assert str(event.event_id).encode() in {dict(r.headers)["ce_id"] for r in records}


async def _list(p2a: Command) -> list[dict[str, Any]]:
    answer = await p2a("dead", "list", "--json")
    assert answer.exit_code == 0, answer.output
    listed: list[dict[str, Any]] = json.loads(answer.stdout)
    return listed


async def _committed(rig: Rig, offset: int) -> bool:
    return offset in (await rig.committed()).values()


async def _is(true: bool) -> bool:  # noqa: FBT001 - what is waited for
    return true
