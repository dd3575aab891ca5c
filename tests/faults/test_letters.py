"""A letter once: notifiers killed, frozen and racing, the mail server cut off at every step."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.delivery.failpoints import KILLED, VARIABLE
from services.embedded.postgres import Postgres
from services.embedded.processes import Child
from services.notifier.sending import Sending
from services.notifier.smtp import SmtpMailer
from tests import databases
from tests.embedded.folders import reachable
from tests.faults.notifiers import LIMIT, Notifiers
from tests.faults.proxy.faults import Fault, HalfOpen, LoseReply, Reset
from tests.waiting import eventually

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]

BEFORE = ("CONNECT", "EHLO", "MAIL", "RCPT", "DATA")


@pytest.fixture
async def notifiers(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Notifiers]:
    async with Notifiers.opened(database, tmp_path, monkeypatch) as opened:
        yield opened


async def test_killed_between_hand_over_and_recording(notifiers: Notifiers) -> None:
    """One mail, one parked letter; nothing sends it again but a person, nothing forgets it."""
    await notifiers.write()
    one = {VARIABLE: "letter.handed=kill", "P2A_LETTERS_AT_ONCE": "1"}
    dead = notifiers.start("first", one)
    assert await ended(dead) == KILLED
    notifiers.start("second")
    parked = await notifiers.row("unknown")
    await notifiers.all_are("unknown", "sent")
    assert set((await notifiers.mails()).values()) == {1}
    assert (await notifiers.mails()).total() == 2
    listed = notifiers.command("list")
    assert listed.split()[:4] == [str(parked.letter_id), "unknown", parked.template, "broken-off"]
    notifiers.command("went", str(parked.letter_id))
    await notifiers.all_are("sent")
    assert notifiers.command("list") == ""
    assert (await notifiers.mails()).total() == 2


@pytest.mark.parametrize("place", ["letter.reserved", "letter.handed"])
async def test_frozen_past_its_lease_and_then_continued(notifiers: Notifiers, place: str) -> None:
    """The other one parks what it had in hand; awake, it neither doubles nor forgets it."""
    await notifiers.write()
    zombie = notifiers.start("zombie", {VARIABLE: f"{place}=stop", "P2A_LETTERS_AT_ONCE": "1"})
    await frozen(zombie)
    notifiers.start("other")
    parked = await notifiers.row("unknown")
    assert parked.reason == "broken-off"
    assert (await notifiers.mails())[f"<{parked.letter_id}@example.org>"] == (
        1 if place == "letter.handed" else 0
    )
    zombie.resume()
    if place == "letter.reserved":
        await said(zombie, "it was parked: our lease had ended")
    await notifiers.all_are("sent")
    mails = await notifiers.mails()
    assert (set(mails.values()), mails.total()) == ({1}, 2)


async def test_two_racing_while_the_line_breaks_again_and_again(notifiers: Notifiers) -> None:
    """Both have a share, and each letter is in the sink once."""
    for name in ("a", "b"):
        await said(notifiers.start(name, {"P2A_LETTERS_AT_ONCE": "2"}), '"started"')
    armed = [
        notifiers.proxy.arm(Reset(kind=kind, times=5, spared=number))
        for number, kind in enumerate(BEFORE)
    ]
    letters = await notifiers.write(40)
    await notifiers.all_are("sent")
    mails = await notifiers.mails()
    assert (set(mails.values()), mails.total()) == ({1}, letters)
    senders = {mail["headers"]["from"] for mail in notifiers.mail.messages()}
    assert senders == {"a@example.org", "b@example.org"}
    assert all(one.hits == 5 for one in armed)


async def test_the_database_away_when_a_letter_has_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What became of it is recorded when the database is back, and nobody parks it."""
    with reachable() as folder:
        server = databases.prepared(Postgres(folder / "server"))
        try:
            url = server.dsn(databases.TEMPLATE)
            async with Notifiers.opened(url, tmp_path, monkeypatch) as notifiers:
                await notifiers.write()
                at_hand = {VARIABLE: "letter.handed=stop", "P2A_LETTERS_AT_ONCE": "1"}
                holder = notifiers.start("holder", at_hand | {"P2A_LEASE": "PT1M"})
                await frozen(holder)
                server.kill()
                holder.resume()
                await said(holder, "stamina.retry_scheduled")
                server.start()
                await notifiers.all_are("sent")
                mails = await notifiers.mails()
                assert (set(mails.values()), mails.total()) == ({1}, 2)
        finally:
            server.stop()


async def test_the_mail_server_away_and_back(notifiers: Notifiers) -> None:
    letters = await notifiers.write(2)
    notifiers.mail.stop()
    notifier = notifiers.start("only")
    await said(notifier, "letter not gone")
    notifiers.mail.start()
    await notifiers.all_are("sent")
    mails = await notifiers.mails()
    assert (set(mails.values()), mails.total()) == ({1}, letters)


async def test_stopped_while_the_mail_server_says_nothing(notifiers: Notifiers) -> None:
    """It ends long before the server's time is over; the letters wait, and nobody is asked."""
    letters = await notifiers.write(1)
    silent = notifiers.proxy.arm(HalfOpen(kind="RCPT", times=letters))
    patient = {"P2A_SMTP_TIMEOUT": "PT5M", "P2A_LEASE": "PT1H"}
    notifier = notifiers.start("patient", patient)

    async def held_up() -> bool:
        return silent.hits == letters

    await eventually(held_up, limit=LIMIT, what="the silence")
    notifier.ask_to_stop()
    await ended(notifier)
    # ended otherwise than in order, it would leave them in hand
    assert set((await notifiers.scene.states()).values()) == {"pending"}


@pytest.mark.parametrize("fault", [LoseReply, Reset, HalfOpen])
@pytest.mark.parametrize("kind", BEFORE)
async def test_cut_off_before_the_letter_it_goes_later(
    notifiers: Notifiers, kind: str, fault: type[Fault]
) -> None:
    """Whatever becomes of the line at whichever step: tried again, and in the sink once."""
    await notifiers.write()
    armed = notifiers.proxy.arm(fault(kind=kind))
    sending = through(notifiers)
    await sending.tick()
    assert armed.hits == 1
    assert sorted((await notifiers.scene.states()).values()) == ["pending", "sent"]
    notifiers.scene.clock.move(minutes=2)
    while await sending.tick():
        pass
    mails = await notifiers.mails()
    assert (set(mails.values()), mails.total()) == ({1}, 2)


@pytest.mark.parametrize("fault", [LoseReply, Reset, HalfOpen])
async def test_cut_off_after_the_final_dot_it_is_parked(
    notifiers: Notifiers, fault: type[Fault]
) -> None:
    """In the sink once, shown to a person, and never sent again by itself."""
    await notifiers.write()
    armed = notifiers.proxy.arm(fault(kind="."))
    sending = through(notifiers)
    for _ in range(4):
        await sending.tick()
        notifiers.scene.clock.move(days=2)
    assert armed.hits == 1
    assert sorted((await notifiers.scene.states()).values()) == ["sent", "unknown"]
    mails = await notifiers.mails()
    assert (set(mails.values()), mails.total()) == ({1}, 2)
    assert " unknown " in notifiers.command("list")
    assert "outcome-unknown" in notifiers.command("list")


def through(notifiers: Notifiers) -> Sending:
    """A Sending of this process, by SMTP through the proxy."""
    mailer = SmtpMailer(host="127.0.0.1", port=notifiers.proxy.port, timeout=1)
    return notifiers.scene.sender(mailer=mailer)


async def ended(child: Child) -> int:
    async def look() -> bool:
        return not child.running

    await eventually(look, limit=LIMIT, what=f"the end of {child.name}")
    assert child.process is not None
    return child.process.returncode


async def frozen(child: Child) -> None:
    """Wait until the process stands still."""

    async def look() -> bool:
        return _state(child) == "T"

    await eventually(look, limit=LIMIT, what=f"{child.name} to freeze")


def _state(child: Child) -> str:
    return Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()[0]


async def said(child: Child, words: str) -> None:
    async def look() -> bool:
        return words in child.log.read_text()

    await eventually(look, limit=LIMIT, what=f"{child.name} to say {words!r}")
