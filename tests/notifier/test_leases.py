"""A lease that ends while its holder lives on: no second letter, no knowledge lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from services.notifier import letter_store
from services.notifier.deciding import it_went, send_again
from services.notifier.mailer import Leaving, freely
from tests.notifier.fakes import Blocking
from tests.notifier.scene import Scene, failures


@asynccontextmanager
async def frozen(scene: Scene, mailer: Blocking) -> AsyncIterator[None]:
    """Another process with both letters in hand, frozen past its lease; then it goes on."""
    other = asyncio.create_task(scene.sender(mailer=mailer, at_once=2).tick())
    await mailer.holding.wait()
    scene.clock.move(minutes=6)
    await scene.send_all()
    assert set((await scene.states()).values()) == {"unknown"}
    assert await failures(scene) == ["broken-off"] * 2
    yield
    mailer.go_on.set()
    await other


async def test_a_process_that_wakes_after_its_lease_holds_its_letters_back(
    scene: Scene, invited: str
) -> None:
    """They were parked, and it knows that nothing left: they wait, and go once."""
    mailer = Blocking()
    async with frozen(scene, mailer):
        pass
    assert mailer.carried == []
    assert set((await scene.states()).values()) == {"pending"}
    scene.clock.move(minutes=2)
    await scene.send_all()
    assert set((await scene.states()).values()) == {"sent"}
    assert len(scene.fake.carried) == 2


async def test_a_process_that_handed_over_before_it_froze_still_says_so(
    scene: Scene, invited: str
) -> None:
    mailer = Blocking(after=True)
    async with frozen(scene, mailer):
        pass
    assert set((await scene.states()).values()) == {"sent"}
    scene.clock.move(days=3)
    await scene.send_all()
    assert (len(mailer.carried), scene.fake.carried) == (2, [])
    kinds = [type(one).__name__ for one in await scene.posted()]
    assert kinds == ["LetterFailed"] * 2 + ["LetterSent"] * 2


async def test_a_letter_ordered_again_that_turns_out_to_have_gone_does_not_go(
    scene: Scene, invited: str
) -> None:
    mailer = Blocking(after=True)
    async with frozen(scene, mailer), scene.sessions.begin() as session:
        for letter in await letter_store.unsettled(session):
            await send_again(session, letter.letter_id, scene.clock())
    await scene.send_all()
    assert set((await scene.states()).values()) == {"sent"}
    assert (len(mailer.carried), scene.fake.carried) == (2, [])


async def test_what_a_person_decided_stands_against_a_process_that_wakes(
    scene: Scene, invited: str
) -> None:
    """Somebody saw that the letters arrived; whoever wakes neither sends nor undoes that."""
    mailer = Blocking()
    async with frozen(scene, mailer), scene.sessions.begin() as session:
        for letter in await letter_store.unsettled(session):
            await it_went(session, letter.letter_id, scene.clock())
    scene.clock.move(days=3)
    await scene.send_all()
    assert set((await scene.states()).values()) == {"sent"}
    assert (mailer.carried, scene.fake.carried) == ([], [])


async def test_a_slow_mail_server_does_not_cost_a_letter_its_lease(
    scene: Scene, invited: str
) -> None:
    """The lease begins anew just before the letter leaves; nobody parks it meanwhile."""

    class Slow(Blocking):
        async def send(
            self, letter: EmailMessage, *, sender: str, to: str, leaving: Leaving = freely
        ) -> None:
            scene.clock.move(minutes=2)
            await super().send(letter, sender=sender, to=to, leaving=leaving)

    mailer = Slow(after=True)
    slow = asyncio.create_task(scene.sender(mailer=mailer, at_once=2).tick())
    await mailer.holding.wait()
    scene.clock.move(minutes=3)
    await scene.send_all()
    mailer.go_on.set()
    await slow
    assert set((await scene.states()).values()) == {"sent"}
    assert await failures(scene) == []


async def test_a_database_away_at_the_last_moment_holds_the_letter_back(
    scene: Scene, invited: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> bool:
        raise OperationalError("update letter", {}, OSError("away"))

    monkeypatch.setattr(letter_store, "keep", away)
    await scene.sending.tick()
    assert scene.fake.carried == []
    assert set((await scene.states()).values()) == {"pending"}


async def test_what_came_of_a_letter_is_recorded_however_long_the_database_is_away(
    scene: Scene, invited: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = letter_store.record
    tried = 0

    async def away(*given: Any, **more: Any) -> bool:
        nonlocal tried
        tried += 1
        scene.clock.move(minutes=2)
        if tried <= 3:
            raise OperationalError("update letter", {}, OSError("away"))
        return await really(*given, **more)

    monkeypatch.setattr(letter_store, "record", away)
    await scene.sender(at_once=1).tick()
    assert (tried, len(scene.fake.carried)) == (4, 1)
    assert sorted((await scene.states()).values()) == ["pending", "sent"]
