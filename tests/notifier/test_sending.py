"""A letter once: what happens when the carrier, the process or the database fails."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage

from sqlalchemy import text

from services.notifier import letter_store, queue_store
from services.notifier.mailer import Leaving, MailerUnavailable, freely
from services.notifier.sending import WAITS
from tests.notifier.fakes import Blocking, FakeMailer
from tests.notifier.scene import Scene, failures, shortlist


async def test_a_carrier_that_is_away_makes_letters_wait_longer_and_longer(
    scene: Scene, invited: str
) -> None:
    for minutes in (*WAITS, WAITS[-1]):
        scene.fake.fail(invited, "451 4.3.0 Try later")
        await scene.send_all()
        assert (await scene.states())["invitation"] == "pending"
        scene.clock.move(minutes=minutes * 0.7)
        tried = len(scene.fake.tried)
        await scene.send_all()
        assert len(scene.fake.tried) == tried, "tried again too early"
        scene.clock.move(minutes=minutes * 0.6)
    await scene.send_all()
    assert (await scene.states())["invitation"] == "sent"
    assert len(scene.fake.to(invited)) == 1
    assert await failures(scene) == []


async def test_every_attempt_has_one_message_id_and_one_link(scene: Scene, invited: str) -> None:
    seen = []

    class Watching(FakeMailer):
        async def send(
            self, letter: EmailMessage, *, sender: str, to: str, leaving: Leaving = freely
        ) -> None:
            if to == invited:
                seen.append((letter["message-id"], letter.as_string().split("boundary")[0], sender))
                if len(seen) == 1:
                    raise MailerUnavailable("451")
            await super().send(letter, sender=sender, to=to, leaving=leaving)

    sending = scene.sender(mailer=Watching())
    await sending.tick()
    scene.clock.move(minutes=2)
    await sending.tick()
    assert len(seen) == 2
    assert seen[0] == seen[1]


async def test_a_refused_address_is_tried_once_and_a_person_is_told(
    scene: Scene, invited: str
) -> None:
    scene.fake.fail(invited, "550 5.1.1 No such user")
    for _ in range(3):
        await scene.send_all()
        scene.clock.move(days=2)
    assert scene.fake.tried.count(invited) == 1
    assert (await scene.states())["invitation"] == "failed"
    assert await failures(scene) == ["address-refused"]


async def test_when_the_server_refuses_us_no_letter_goes_until_a_person_resumes(
    scene: Scene,
) -> None:
    events = [shortlist() for _ in range(4)]
    for event in events:
        await scene.know(event)
    scene.fake.fail("*", "550 5.7.1 Not allowed")
    await scene.hear(*events)
    one_hand = scene.sender(at_once=1)
    for _ in range(10):
        await one_hand.tick()
    assert len(scene.fake.tried) == 1
    assert await scene.sending.waiting() == 0
    assert await failures(scene) == ["sender-refused"]
    async with scene.sessions.begin() as session:
        assert await queue_store.stopped_for(session) == "sender-refused"
        await queue_store.resume(session)
    await scene.send_all()
    assert len(scene.fake.carried) == 8, "no address was burnt"


async def test_an_unknown_outcome_is_parked_and_never_sent_again(
    scene: Scene, invited: str
) -> None:
    scene.fake.fail(invited, "drop")
    for _ in range(3):
        await scene.send_all()
        scene.clock.move(days=2)
    assert scene.fake.tried.count(invited) == 1
    assert (await scene.states())["invitation"] == "unknown"
    assert await failures(scene) == ["outcome-unknown"]


async def test_a_process_that_dies_with_a_letter_in_hand_leaves_it_unknown(
    scene: Scene, invited: str
) -> None:
    mailer = Blocking()
    dying = asyncio.create_task(scene.sender(mailer=mailer, at_once=2).tick())
    await mailer.holding.wait()
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    await scene.send_all()
    assert scene.fake.tried == [], "still in the other's hand"
    scene.clock.move(minutes=6)
    await scene.send_all()
    scene.clock.move(days=3)
    await scene.send_all()
    assert set((await scene.states()).values()) == {"unknown"}
    assert scene.fake.tried == []
    assert await failures(scene) == ["broken-off"] * 2


async def test_two_notifiers_racing_send_each_letter_once(scene: Scene) -> None:
    events = [shortlist() for _ in range(10)]
    for event in events:
        await scene.know(event)
    await scene.hear(*events)
    racers = [scene.sender(at_once=3) for _ in range(2)]

    async def race(place: int) -> int:
        count = 0
        while await racers[place].tick():
            count += 1
        return count

    ran = await asyncio.gather(race(0), race(1))
    assert min(ran) > 0, "both took part"
    assert len(scene.fake.tried) == 20
    assert len(set(scene.fake.tried)) == 20


async def test_a_learner_without_an_address_becomes_a_task(scene: Scene) -> None:
    event = shortlist()
    await scene.know(event, email=None)
    await scene.hear(event)
    await scene.send_all()
    assert await scene.states() == {"shortlist": "sent", "invitation": "failed"}
    assert await failures(scene) == ["no-address"]


async def test_a_learner_who_wants_no_letters_gets_none(scene: Scene) -> None:
    event = shortlist()
    await scene.know(event, contact_restricted=True)
    await scene.hear(event)
    await scene.send_all()
    assert await failures(scene) == ["contact-restricted"]


async def test_an_address_that_is_none_breaks_nothing(scene: Scene) -> None:
    event = shortlist()
    await scene.know(event, email="two@at@example.org\r\nBcc: all@example.org")
    await scene.hear(event)
    await scene.send_all()
    assert await failures(scene) == ["no-address"]


async def test_a_letter_that_cannot_be_written_lets_the_others_go_first(
    scene: Scene, invited: str
) -> None:
    """Its shortlist can no longer be read: a fault of ours, and nothing has left."""
    broken = shortlist()
    await scene.know(broken)
    await scene.hear(broken)
    async with scene.sessions.begin() as session:
        await session.execute(
            text("update shortlist set event = '{}' where shortlist_id = :id"),
            {"id": broken.event_id},
        )
    for _ in range(6):
        await asyncio.gather(scene.sending.tick(), return_exceptions=True)
    assert len(scene.fake.to(invited)) == 1
    states = [row.state for row in await scene.letters()]
    assert sorted(states) == ["pending", "pending", "sent", "sent"]


async def test_every_read_of_contacts_is_in_the_audit(scene: Scene, invited: str) -> None:
    await scene.send_all()
    async with scene.sessions() as session:
        rows = await session.execute(text("select account, reason, kind from contacts.reading"))
        assert sorted(tuple(row) for row in rows) == [
            ("notifier", "letter invitation", "employers"),
            ("notifier", "letter invitation", "people"),
            ("notifier", "letter shortlist", "employers"),
        ]


async def test_the_fence_keeps_an_old_hand_out(scene: Scene, invited: str) -> None:
    async with scene.sessions.begin() as session:
        letter = await letter_store.next_due(session, scene.clock())
        assert letter is not None
        held = await letter_store.take(session, letter, scene.clock() + timedelta(minutes=5))
    async with scene.sessions.begin() as session:
        assert not await letter_store.record(session, replace(held, fence=held.fence - 1), "sent")
        assert await letter_store.record(session, held, "sent")
        assert not await letter_store.record(session, held, "failed", reason="again")
