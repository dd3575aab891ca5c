"""What consume() does with what it is given."""

import asyncio
from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from tests.broker import wire
from tests.broker.rig import Headers, Rig, frame
from tests.broker.wire import Raw, text_of
from tests.waiting import eventually


async def test_what_is_posted_takes_effect_once_and_is_committed(rig: Rig) -> None:
    """Outbox, relay, topic, consumer, inbox: each event once, the group's offsets at the end."""
    consumer, relay = await rig.consumer(), await rig.relay()
    events = [rig.event(str(n)) for n in range(300)]
    await rig.post(*events)
    had = await rig.all_had(events)
    assert set(had.values()) == {1}
    await rig.quiet(consumer, relay)
    assert sum((await rig.committed()).values()) == 300
    assert (relay.done, consumer.done) == (300, 300)
    assert consumer.trouble() is None


async def test_poison_goes_to_the_dead_letters_and_the_next_record_is_handled(rig: Rig) -> None:
    """Nothing that can come as a record stops the others; every poison is kept as it came."""
    event = rig.event("good")
    value, headers = event.value(), frame(event)
    poison: dict[str, tuple[bytes | None, Headers]] = {
        "/: json_invalid": (b"\xff not JSON", frame(rig.event())),
        "/thing: missing": (
            b'{"event_id": "%s", "occurred_at": "2026-09-01T12:00:00Z", "note": "Marker Name"}'
            % str(event.event_id).encode(), headers),
        "no value: topics of facts have no tombstones": (None, headers),
        "header ce_type is missing": (value, [("ce_type", None)]),
        "header ce_type is not UTF-8": (value, [("ce_type", b"\xff\xfe")]),
        "header ce_id is missing": (value, frame(event, ce_id=None)),
        "header ce_id differs from event_id": (value, frame(event, ce_id=b"other")),
    }  # fmt: skip
    stray = frame(event, surprising=b"\xff\xfe", empty=None)
    await rig.send(*poison.values(), (value, stray))
    consumer = await rig.consumer()
    assert set((await rig.all_had([event])).values()) == {1}
    await rig.quiet(consumer)
    letters = await rig.log(rig.dead)
    reasons = {text_of(letter.headers)["p2a_dead_reason"]: letter for letter in letters}
    assert set(reasons) == set(poison)
    for reason, (sent, sent_headers) in poison.items():
        letter = reasons[reason]
        assert (letter.value, letter.key) == (sent, b"k")
        assert list(letter.headers)[: len(sent_headers)] == sent_headers
        assert "Marker" not in str(text_of(letter.headers))
    places = {text_of(letter.headers)["p2a_dead_offset"] for letter in letters}
    assert places == {str(n) for n in range(len(poison))}
    assert sum((await rig.committed()).values()) == len(poison) + 1


async def test_a_record_without_key_value_and_headers_is_buried(rig: Rig) -> None:
    """The emptiest record there can be is a dead letter like any other."""
    event = rig.event()
    await rig.send_empty()
    await rig.send((event.value(), frame(event)))
    consumer = await rig.consumer()
    await rig.all_had([event])
    await rig.quiet(consumer)
    (letter,) = await rig.log(rig.dead)
    assert letter.value is None
    assert text_of(letter.headers)["p2a_dead_offset"] == "0"


async def test_the_largest_record_there_can_be_is_buried_too(rig: Rig) -> None:
    """A dead letter is larger than its record, and must still be taken."""
    event = rig.event()
    await rig.send((b"x" * 1_048_000, frame(event)), (event.value(), frame(event)))
    consumer = await rig.consumer()
    await rig.all_had([event])
    await rig.quiet(consumer)
    (letter,) = await rig.log(rig.dead)
    assert len(letter.value) == 1_048_000


async def test_a_type_nobody_knows_yet_is_skipped_and_counted(rig: Rig) -> None:
    """A newer writer does not fill an older reader's dead letters."""
    event = rig.event()
    await rig.send((b"{}", frame(event, ce_type=b"p2a.Newer.v9")), (event.value(), frame(event)))
    consumer = await rig.consumer()
    await rig.all_had([event])
    await rig.quiet(consumer)
    assert consumer.batches.passed == 1
    assert await rig.log(rig.dead) == []


async def test_a_record_that_comes_again_has_no_second_effect(rig: Rig) -> None:
    """The inbox absorbs repeats, within a batch and across batches."""
    events = [rig.event(str(n)) for n in range(20)]
    records = [(event.value(), frame(event)) for event in events]
    await rig.send(*records, *records)
    consumer = await rig.consumer()
    await rig.all_had(events)
    await rig.send(*records)
    await eventually(lambda: _is(consumer.done == 60), what="the third time")
    assert set((await rig.had()).values()) == {1}
    assert consumer.batches.repeats == 40


async def test_what_the_client_cannot_decode_stops_its_partition_and_is_named(rig: Rig) -> None:
    """A codec that is not installed: all before it and all beside it go on, it is shown."""
    before, after, beside = rig.event(), rig.event(), rig.event()
    await rig.send((before.value(), frame(before)), partition=0)
    await rig.send_undecodable()
    await rig.send((after.value(), frame(after)), partition=0)
    await rig.send((beside.value(), frame(beside)), partition=1)
    consumer = await rig.consumer()
    had = await rig.all_had([before, beside])
    await eventually(lambda: _is("decoded" in (consumer.trouble() or "")), what="the alarm")
    assert f"{rig.topic}/{rig.group}/0/1" in str(consumer.trouble())
    assert after.event_id not in had
    assert await consumer.waiting() == 2


async def test_a_header_whose_name_is_not_utf8_stops_nothing(rig: Rig) -> None:
    """Its whole batch is refused by aiokafka; we read it, neighbours and bearer take effect."""
    events = [rig.event(str(n)) for n in range(9)]
    odd = (b"\xff\xfename", b"\xff")
    records = [
        Raw(b"k", event.value(), [(n.encode(), v) for n, v in frame(event)]) for event in events
    ]
    records[4] = Raw(b"k", events[4].value(), [odd, *records[4].headers])
    records.insert(7, Raw(b"k", b"no event", [odd]))
    await rig.send_batch(wire.batch(records))
    beside = rig.event()
    await rig.send((beside.value(), frame(beside)), partition=1)
    consumer = await rig.consumer()
    assert set((await rig.all_had([*events, beside])).values()) == {1}
    await rig.quiet(consumer)
    assert consumer.trouble() is None
    (letter,) = await rig.log(rig.dead)
    assert (letter.value, letter.headers[0]) == (b"no event", ("\\xff\\xfename", b"\xff"))
    assert text_of(letter.headers)["p2a_dead_offset"] == "7"


async def test_a_clean_stop_finishes_and_commits_the_batch_at_hand(rig: Rig) -> None:
    """The next replica goes on where this one ended: no repeats, none missing."""
    write = rig.effects()
    began = asyncio.Event()

    async def slow(events: Sequence[Any], session: AsyncSession) -> None:
        began.set()
        await asyncio.sleep(0.3)  # a slow handler is the subject here
        await write(events, session)

    events = [rig.event(str(n)) for n in range(30)]
    await rig.send(*((event.value(), frame(event)) for event in events))
    first = await rig.consumer(slow)
    await began.wait()
    await rig.stop(first)
    had = await rig.had()
    assert sum((await rig.committed()).values()) == len(had) > 0
    second = await rig.consumer()
    assert set((await rig.all_had(events)).values()) == {1}
    assert second.batches.repeats == 0


async def test_faststreams_message_does_not_keep_the_records_of_a_batch(rig: Rig) -> None:
    """It lives on in the context of every timer begun for the batch, minutes after it."""
    kept: list[object] = []

    async def look(_: Sequence[Any], __: AsyncSession) -> None:
        message = consumer._broker.context.get_local("message")
        kept.append((message.body, len(message.raw_message)))

    event, other = rig.event(), rig.event()
    await rig.send((event.value(), frame(event)), (other.value(), frame(other)))
    consumer = await rig.consumer(look)
    await rig.quiet(consumer)
    assert set(map(str, kept)) == {"([], 1)"}


async def _is(true: bool) -> bool:  # noqa: FBT001 - what is waited for
    return true
