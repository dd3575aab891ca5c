"""A person decides about letters that do not go by themselves, by `p2a letters`."""

import asyncio

import pytest
from typer.testing import CliRunner

from schemas.letter import LetterEvent
from services.cli.letters import letters
from tests.notifier.scene import Scene, learner_address, shortlist

RUNNER = CliRunner()


@pytest.fixture
async def parked(scene: Scene, own_database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The id of an invitation of unknown outcome."""
    monkeypatch.setenv("P2A_DATABASE_URL", own_database)
    event = shortlist()
    await scene.know(event)
    scene.fake.fail(learner_address(event.matches[0].learner_id), "drop")
    await scene.hear(event)
    await scene.send_all()
    (row,) = [row for row in await scene.letters() if row.state == "unknown"]
    return str(row.letter_id)


async def p2a(*words: str, code: int = 0) -> str:
    done = await asyncio.to_thread(RUNNER.invoke, letters, list(words))
    assert done.exit_code == code, done.output
    return done.output


async def facts(scene: Scene) -> list[str]:
    """What was posted of the invitation."""
    posted = [one for one in await scene.posted() if isinstance(one, LetterEvent)]
    return [type(one).__name__ for one in posted if one.template == "invitation"]


async def test_a_parked_letter_is_listed_without_a_name(scene: Scene, parked: str) -> None:
    (line,) = (await p2a("list")).splitlines()
    assert line.startswith(f"{parked} unknown invitation outcome-unknown 2026-09-07T")
    assert "example.org" not in line


async def test_a_letter_that_did_arrive_is_recorded_and_not_sent(scene: Scene, parked: str) -> None:
    await p2a("went", parked)
    scene.clock.move(days=3)
    await scene.send_all()
    assert len(scene.fake.carried) == 2
    assert await facts(scene) == ["LetterFailed", "LetterSent"]
    assert await p2a("list") == ""


async def test_a_letter_that_did_not_arrive_goes_again_as_the_same_letter(
    scene: Scene, parked: str
) -> None:
    await p2a("again", parked)
    scene.clock.move(days=3650)  # the command reads the real clock
    await scene.send_all()
    ids = [str(one.message["message-id"]) for one in scene.fake.carried]
    assert len(ids) == 3
    assert len(set(ids)) == 2
    assert await facts(scene) == ["LetterFailed", "LetterSent"]


async def test_what_is_not_parked_cannot_be_decided(scene: Scene, parked: str) -> None:
    await p2a("went", parked)
    assert "no letter that failed" in await p2a("again", parked, code=1)


async def test_without_a_database_it_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("P2A_DATABASE_URL", raising=False)
    assert "P2A_DATABASE_URL" in await p2a("list", code=2)


async def test_the_queue_is_resumed(
    scene: Scene, own_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("P2A_DATABASE_URL", own_database)
    event = shortlist()
    await scene.know(event)
    scene.fake.fail("*", "550 5.7.1 Not allowed")
    await scene.hear(event)
    sending = scene.sender(at_once=1)
    await sending.tick()
    assert "The queue stands: sender-refused" in await p2a("list")
    await p2a("resume")
    await scene.send_all()
    assert len(scene.fake.carried) == 2
