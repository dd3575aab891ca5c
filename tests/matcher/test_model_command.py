"""`p2a model`, as an operator uses it, on a database with outcomes."""

import asyncio
import json
from typing import Any

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from schemas.interview import InterviewHeld, OutcomeRecorded
from services.cli.app import app
from services.matcher.features import NAMES
from tests.matcher import happened
from tests.matcher.happened import said
from tests.matcher.scene import MODEL, VACANCY, Scene


@pytest.fixture
async def taught(three_of_five: Scene) -> Scene:
    """Three interviews took place: two led to something."""
    shortlist = (await three_of_five.shortlists())[VACANCY]
    for match, outcome in zip(shortlist.matches, ("started", "no-offer", "offer"), strict=True):
        sent = happened.sent(VACANCY, match.learner_id)
        await three_of_five.tell(
            happened.approved(match.learner_id, VACANCY),
            sent.model_copy(update={"matches": (match,)}),
            said(InterviewHeld, match.learner_id, VACANCY),
            said(OutcomeRecorded, match.learner_id, VACANCY, outcome=outcome),
        )
    reserve = shortlist.reserves[0].learner_id
    await three_of_five.tell(happened.rejected(reserve, VACANCY))
    await three_of_five.round()
    return three_of_five


class Command:
    """The command, in a process's own environment but ours; it runs its own event loop."""

    def __init__(self, database: str) -> None:
        self.environment = {"P2A_DATABASE_URL": database}

    def text(self, *words: str, code: int = 0) -> str:
        done = CliRunner().invoke(app, ["model", *words], env=self.environment)
        assert done.exit_code == code, done.output
        return done.output

    def facts(self, *words: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.text(*words, "--json"))
        return found


def whole_story(command: Command) -> tuple[str, dict[str, Any]]:
    """Fit, read, compare, activate, drift; answers the fit's version and what activating said."""
    card = command.facts("fit")
    assert card["data"]["outcomes"] == 3
    assert card["data"]["starts"] == 2
    assert card["never"]["pairs"] == 5
    assert card["never"]["holds"] is True
    assert command.facts("card", card["version"]) == card
    printed = command.text("fit")
    assert command.text("card") == command.text("card", card["version"]) == printed
    assert command.text("card").startswith(f"# Model card: {card['version']}")

    compared = command.facts("compare", MODEL.version, card["version"])
    assert [each["version"] for each in compared["models"]] == [MODEL.version, card["version"]]
    assert "On 3 outcomes" in command.text("compare", MODEL.version, card["version"])

    activated = command.facts("activate", card["version"], "--by", "c1")
    drift = command.facts("drift", "--days", "7")
    assert (drift["closed"], drift["observed"]) == (3, 0.6667)
    assert drift["decided"] == 4
    assert "Too few matches to compare" in command.text("drift")

    left_out = command.facts("fit", "--without", "pay")
    assert left_out["left_out"] == ["pay"]
    assert left_out["version"] != card["version"]
    assert len(left_out["features"]) == len(NAMES)
    return card["version"], activated


async def test_fit_card_compare_activate_and_drift(taught: Scene, database: str) -> None:
    """And the running service ranks by what was activated, at its next round."""
    version, activated = await asyncio.to_thread(whole_story, Command(database))
    assert activated == {
        "active": version, "before": None, "by": "c1",
        "note": "mostly experts' judgement, and what a few interviews led to",
    }  # fmt: skip
    assert await taught.rounds.tick()
    assert taught.rounds.models.current.version == version


async def test_a_card_of_an_earlier_release_is_not_read(taught: Scene, database: str) -> None:
    command = Command(database)
    version = (await asyncio.to_thread(command.facts, "fit"))["version"]
    async with taught.sessions.begin() as session:
        await session.execute(text("update model set card = card - 'form'"))
    said = await asyncio.to_thread(lambda: command.text("card", version, code=1))
    assert f"the card of {version} is of an earlier release: fit again" in said


def test_what_it_cannot_do_it_says(database: str) -> None:
    command = Command(database)
    assert "no model of version nope is kept" in command.text(
        "activate", "nope", "--by", "c1", code=1
    )
    assert "p2a model fit makes one" in command.text("card", code=1)
    assert "no feature is called age" in command.text("fit", "--without", "age", code=2)
    done = CliRunner().invoke(app, ["model", "drift"], env={"P2A_DATABASE_URL": ""})
    assert done.exit_code == 2
    assert "P2A_DATABASE_URL is not set" in done.output
