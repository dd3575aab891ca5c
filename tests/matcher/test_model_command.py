"""`p2a model`, as an operator uses it, on a database with outcomes."""

import asyncio
import json
from typing import Any

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from schemas.interview import InterviewHeld, OutcomeRecorded
from services.cli.app import app
from services.delivery.database import open_database
from services.matcher import model_store
from services.matcher.features import NAMES
from services.matcher.whatif import ChangeRefused, Weight
from tests.matcher import happened
from tests.matcher.happened import said
from tests.matcher.scene import MODEL, VACANCY, Scene
from tests.matcher.test_whatif import a_market, assert_published, foreseen


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
    assert command.text("card", "challenger") == command.text("card", card["version"]) == printed
    assert printed.startswith(f"# Model card: {card['version']}")
    own = command.text("card", code=1)
    assert f"the service's own model ranks, {MODEL.version}: experts' judgement" in own

    compared = command.facts("compare", MODEL.version, card["version"])
    assert [each["version"] for each in compared["models"]] == [MODEL.version, card["version"]]
    assert command.facts("compare", "active", "challenger") == compared
    assert "On 3 outcomes" in command.text("compare", MODEL.version, card["version"])

    activated = command.facts("activate", "challenger", "--by", "c1")
    assert command.text("card") == command.text("card", "active") == printed
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
        "note": "mostly experts' judgement, and what 3 interviews led to",
    }  # fmt: skip
    assert await taught.rounds.tick()
    assert taught.rounds.models.current.version == version


async def test_what_a_preview_weighed_ranks_once_reweighed_and_activated(
    scene: Scene, database: str
) -> None:
    """The model is the preview's to the version, and so is the next round to the byte."""
    await a_market(scene)
    seen = foreseen(
        scene,
        Weight(feature="skills-met", times=0),
        Weight(feature="distance", times=4),
        Weight(feature="distance", times=2, sector="care"),
    )
    assert any(change.enter for change in seen.shortlists)
    command = Command(database)

    made = await asyncio.to_thread(
        command.facts, "reweigh", "skills-met=0", "distance=4", "distance@care=2"
    )
    assert (made["version"], made["from"]) == (seen.ranked_by, MODEL.version)
    assert not await scene.rounds.tick()

    assert made["next"] == f"p2a model activate {seen.ranked_by} --by ACCOUNT"
    await asyncio.to_thread(command.text, "activate", made["version"], "--by", "c1")
    await scene.round()
    await assert_published(scene, seen.proposed)


def one_after_another(command: Command) -> None:
    """Two reweighed models, read and taken back; the second from the first."""
    one = command.facts("reweigh", "distance=2")
    card = command.text("card", one["version"])
    assert card == command.text("card", one["version"])
    assert f"from {MODEL.version} by weighing otherwise:" in card
    assert "- distance counts 2 times as much" in card
    (row,) = one["card"]["reweighed"]["moved"]
    assert row["after"] == pytest.approx(2 * row["before"], abs=0.002)
    assert "| Distance (`distance`) | in every sector | each 10 miles |" in card
    assert one["card"]["flipped"] == {"pairs": 5, "holds": True}

    said = command.text("reweigh", "pay@care=0.5")
    assert f"is {MODEL.version}, but:\n  pay in care counts 0.5 times as much\n" in said
    assert f"It is the challenger now, in place of {one['version']}." in said
    assert "It ranks nobody yet. To make it rank: p2a model activate logistic-" in said

    command.text("activate", one["version"], "--by", "c1")
    back = command.facts("reweigh", "distance=0.5")
    assert (back["from"], back["version"]) == (one["version"], MODEL.version)


async def test_a_reweighed_model_has_a_card_and_a_way_back(
    three_of_five: Scene, database: str
) -> None:
    assert three_of_five
    await asyncio.to_thread(one_after_another, Command(database))


def fitted_again(command: Command) -> None:
    """Half of the double is the fitted one, whose card says more than what was weighed."""
    card = command.facts("fit")
    command.text("activate", card["version"], "--by", "c1")
    double = command.facts("reweigh", "pay=2")
    command.text("activate", double["version"], "--by", "c1")
    back = command.facts("reweigh", "pay=0.5")
    assert (back["version"], back["card"]) == (card["version"], card)
    assert "pay counts 0.5 times as much" in command.text("reweigh", "pay=0.5")
    assert command.facts("card", card["version"]) == card


async def test_the_card_of_a_fit_stays_when_it_is_come_back_to(
    taught: Scene, database: str
) -> None:
    assert taught
    await asyncio.to_thread(fitted_again, Command(database))


def refused(command: Command) -> None:
    for given, words, code in (
        ("age=2", "no feature is called age; there are skills-met,", 1),
        ("distance@atlantis=2", "no sector is called atlantis; there are", 1),
        ("distance=11", "distance=11: '11' is not a number from 0 to 10", 2),
        ("distance=many", "distance=many: 'many' is not a number from 0 to 10", 2),
        ("distance", "'distance' is not FEATURE=TIMES", 2),
        ("distance=1", f"every weight stays as it is in {MODEL.version}", 1),
    ):
        assert words in command.text("reweigh", given, code=code)
    steep = ["distance=10"] * 3
    assert "log-odds up to" in command.text("reweigh", *steep, code=1)


async def test_what_cannot_be_weighed_is_refused_in_words(
    three_of_five: Scene, database: str
) -> None:
    """And nothing of it is kept."""
    await asyncio.to_thread(refused, Command(database))
    assert await three_of_five.scalar("select count(*) from model") == 1
    with pytest.raises(ChangeRefused, match="log-odds up to"):
        foreseen(three_of_five, *[Weight(feature="distance", times=10)] * 3)


def test_before_the_first_round_nothing_is_known_to_rank(database: str) -> None:
    said = Command(database).text("reweigh", "distance=2", code=1)
    assert "no model is active and no round has been made" in said


async def test_a_card_of_an_earlier_release_is_not_read(taught: Scene, database: str) -> None:
    command = Command(database)
    version = (await asyncio.to_thread(command.facts, "fit"))["version"]
    async with taught.sessions.begin() as session:
        await session.execute(text("update model set card = card - 'form'"))
    said = await asyncio.to_thread(lambda: command.text("card", version, code=1))
    assert f"the card of {version} is of an earlier release: fit again" in said


def all_there_are(command: Command) -> None:
    made = command.facts("fit")["version"]
    lines = command.text("list").splitlines()
    assert lines[0].split() == ["version", "state", "made", "(UTC)", "outcomes", "note"]
    assert [line.split()[:2] for line in lines[1:3]] == [
        [made, "challenger"], [MODEL.version, "kept"],
    ]  # fmt: skip
    assert lines[1].endswith("  3  mostly experts' judgement, and what 3 interviews led to")
    assert lines[3] == f"No model is active: the service's own ranks, {MODEL.version}."
    said = command.text("activate", "challenger", "--by", "c1")
    assert said.startswith(f"{made} ranks now, in place of the service's own model.\n")
    assert "Kept as decided by c1, as given: whether there is such an account was" in said
    newest, own = command.facts("list")["models"]
    assert (newest["state"], newest["ranks"], newest["activated_by"]) == ("active", True, "c1")
    assert (own["version"], own["ranks"], own["outcomes"]) == (MODEL.version, False, 0)
    assert "No model is active" not in command.text("list")


async def test_all_models_are_listed_the_newest_first(taught: Scene, database: str) -> None:
    assert taught
    await asyncio.to_thread(all_there_are, Command(database))


def test_a_kept_model_that_cannot_be_read_is_listed_with_the_reason(database: str) -> None:
    async def spoilt() -> None:
        sessions = open_database(database, schema="matcher")
        async with sessions.begin() as session:
            await model_store.keep_model(session, "logistic-0-other", "{}")
        await sessions.kw["bind"].dispose()

    assert "No model is kept yet" in Command(database).text("list")
    asyncio.run(spoilt())
    said = Command(database).text("list").splitlines()[1]
    assert said.startswith("logistic-0-other ")
    assert "cannot be read: logistic-0-other" in said


def test_what_it_cannot_do_it_says(database: str) -> None:
    command = Command(database)
    assert "no model of version nope is kept" in command.text(
        "activate", "nope", "--by", "c1", code=1
    )
    own = command.text("card", code=1)
    assert f"the service's own model ({MODEL.version}, unless P2A_MODEL_FILE names another)" in own
    assert "p2a model fit fits one and prints its card" in own
    assert "no model is the challenger" in command.text("card", "challenger", code=1)
    assert "none is known to rank" in command.text("card", "active", code=1)
    assert "p2a model list shows all" in command.text("card", "nope", code=1)
    assert "no feature is called age" in command.text("fit", "--without", "age", code=2)
    done = CliRunner().invoke(app, ["model", "drift"], env={"P2A_DATABASE_URL": ""})
    assert done.exit_code == 2
    assert "P2A_DATABASE_URL is not set" in done.output
