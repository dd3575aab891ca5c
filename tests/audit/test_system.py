"""The audit of a real outbox, broker and inbox: silent when all went well, told when it did not."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from services.audit.collecting import collect
from services.audit.history import History
from services.audit.judge import findings, verdicts
from services.audit.looking import looked
from services.embedded.kafka import Kafka
from tests.broker.rig import Rig, frame

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def bootstrap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A broker with nobody else's groups and records."""
    server = Kafka(tmp_path_factory.mktemp("broker"))
    yield server.start()
    server.stop()


@pytest.fixture
async def rig(bootstrap: str, database: str) -> AsyncIterator[Rig]:
    async with Rig.opened(bootstrap, database) as made:
        yield made


async def look(rig: Rig) -> History:
    kind = rig.noted.ce_type()
    readers = {rig.topic: {rig.group: frozenset({kind})}}
    return await collect(rig.bootstrap, rig.database, readers=readers, catalogue={kind: rig.noted})


def counts(history: History, name: str) -> dict[str, int]:
    return dict(next(one.looked for one in verdicts(history) if one.name == name))


async def processed(rig: Rig, count: int) -> None:
    """Post *count* events and let them take effect."""
    events = [rig.event(f"{number}") for number in range(count)]
    await rig.post(*events)
    relay, consumer = await rig.relay(), await rig.consumer()
    await rig.all_had(events)
    await rig.quiet(relay, consumer)


async def test_events_that_had_their_effect_leave_nothing_to_say(rig: Rig) -> None:
    await processed(rig, 300)
    history = await look(rig)
    assert findings(history) == []
    assert counts(history, "consumed") == {"processed": 300}


async def test_what_has_not_come_yet_waits_and_is_nothing_wrong(rig: Rig) -> None:
    """First unsent, then unread; a consumer that never joined is no loss."""
    await rig.post(*(rig.event() for _ in range(20)))
    unsent = verdicts(await look(rig))
    assert sum(len(one.waiting) for one in unsent) == 20
    relay = await rig.relay()
    await rig.quiet(relay)
    unread = await look(rig)
    assert [one.findings for one in verdicts(unread)] == [()] * len(unsent)
    assert counts(unread, "consumed") == {"to be read": 20}
    assert len(findings(unread)) >= 20


async def test_a_dead_letter_accounts_for_what_could_not_be_read(rig: Rig) -> None:
    good = rig.event()
    await rig.send(
        (b"no event", frame(rig.event())),
        (None, frame(rig.event())),
        (b"{}", [("ce_type", b"\xff")]),
        (b"{}", [("ce_type", b"p2a.Newer.v7"), ("ce_id", b"7")]),
    )
    await rig.post(good)
    relay, consumer = await rig.relay(), await rig.consumer()
    await rig.all_had([good])
    await rig.quiet(relay, consumer)
    history = await look(rig)
    assert findings(history) == []
    assert counts(history, "consumed") == {"dead": 3, "not ours": 1, "processed": 1}


async def test_a_record_no_client_can_decode_is_seen_and_passed(rig: Rig) -> None:
    await rig.send((b"{}", frame(rig.event())), partition=0)
    await rig.send_undecodable()
    await rig.send((b"{}", frame(rig.event())), partition=0)
    history = await look(rig)
    assert [(record.spot.offset, record.type is None) for record in history.records] == [
        (0, False), (1, True), (2, False),
    ]  # fmt: skip


async def test_an_effect_that_is_gone_is_found(rig: Rig) -> None:
    await processed(rig, 5)
    async with rig.reading.begin() as session:
        (gone,) = await session.scalars(
            text("delete from inbox where id = (select min(id) from inbox) returning id")
        )
    (finding,) = findings(await look(rig))
    assert (finding.kind, finding.subject) == (
        "lost", f"{rig.group} {rig.noted.ce_type()} {gone}"
    )  # fmt: skip


async def test_an_effect_nobody_accepted_is_found(rig: Rig) -> None:
    """Somebody else's program wrote a whole event to our topic."""
    foreign = rig.event()
    await rig.send((foreign.value(), frame(foreign)))
    consumer = await rig.consumer()
    await rig.all_had([foreign])
    await rig.quiet(consumer)
    (finding,) = findings(await look(rig))
    assert (finding.kind, finding.subject) == ("wrong", f"{rig.group} {foreign.event_id}")


async def test_a_look_at_a_database_without_anything_is_silent(
    tmp_path: Path, bootstrap: str, database: str
) -> None:
    assert all(not one.findings for one in await looked(bootstrap, database, settle=0.1))
