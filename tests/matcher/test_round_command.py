"""`p2a round`: rounds made again after upgrades, and what is said where that cannot be."""

import asyncio
import json
import stat
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from sqlalchemy import text
from typer.testing import CliRunner

from schemas.learner import LearnerErased
from services.cli.app import app
from tests import make
from tests.matcher.happened import later
from tests.matcher.looking_back import NEXT_RULES, UPGRADES, Command, a_day, activated, events, made
from tests.matcher.scene import MODEL, RULES, Scene


async def test_rounds_are_made_again_after_three_models_and_other_rules(
    scene: Scene, database: str
) -> None:
    """Whole rounds and steps in the middle of a chain, by their own versions, after a restart."""
    vacancies = [uuid4() for _ in range(3)]
    await a_day(scene, vacancies)
    for model in UPGRADES:
        await activated(scene, model)
        await a_day(scene, vacancies, steps=1)
    scene.rounds.rules = NEXT_RULES
    await a_day(scene, vacancies, steps=1)
    absences = (await scene.shortlists())[vacancies[0]].absences
    assert absences["travel-reach"], "the other rules keep nobody off"

    rounds = await made(scene)
    command = Command(database)  # a process of its own: nothing is in its memory
    by = set()
    for round_id in rounds:
        found = await command.facts("replay", round_id)
        kept = found["kept"]
        assert (found["result"], found["differing"]) == ("same", [])
        assert found["again"] == kept["outcome_digest"]
        assert found["published"] == kept["proposed"] == await events(scene, round_id)
        by.add((kept["model_version"], kept["rules_version"]))
    versions = [MODEL.version, *(model.version for model in UPGRADES)]
    assert by == {
        *((version, RULES.version) for version in versions),
        (UPGRADES[-1].version, NEXT_RULES.version),
    }
    listed = (await command.facts("list", "west-midlands"))["rounds"]
    assert [each["round_id"] for each in listed] == [str(each) for each in reversed(rounds)]
    assert {each["place"] for each in listed} == {0, 1, 2, 3}
    assert sum(each["proposed"] for each in listed) > len(vacancies)


async def test_it_says_in_plain_words_what_it_compared(scene: Scene, database: str) -> None:
    await a_day(scene, [uuid4()], steps=1)
    whole, step = await made(scene)
    command = Command(database)
    said = (await command.text("replay", step)).splitlines()
    assert said[0].startswith(f"Round {step} of west-midlands, 2026-09-02 ")
    assert said[0].endswith(f"step 1 from the whole round {whole}.")
    assert said[2] == "Inputs: read of 2 rounds, each with the digest it had."
    assert said[-2] == "Published: 1 shortlist, 1 the same byte for byte."
    assert said[-1] == "Same: the round says again, byte for byte, what it said."
    shown = await command.text("show", step)
    assert f"step 1 from the whole round {whole}" in shown
    assert "made with  code " in shown
    assert (await command.facts("show", step))["base_id"] == str(whole)
    heading, *rows = (await command.text("list", "west-midlands")).splitlines()
    assert heading.split() == [
        "round", "made", "(UTC)", "place", "published", "rules", "model", "inputs",
    ]  # fmt: skip
    assert [row.split()[0] for row in rows] == [str(step), str(whole)]
    assert rows[0].index(" 1 ") < heading.index("published") + len("published")


async def test_a_round_with_somebody_since_erased_is_not_replayable_and_says_so(
    scene: Scene, database: str
) -> None:
    await a_day(scene, [uuid4()], steps=0)
    (round_id,) = await made(scene)
    learner_id = await scene.scalar("select learner_id from learner limit 1")
    erased = {"event_id": uuid4(), "occurred_at": later(), "learner_id": learner_id}
    await scene.tell(LearnerErased(**erased))
    said = await Command(database).text("replay", round_id, code=1)
    assert "Not replayable" in said
    assert "somebody in them was erased" in said
    assert str(learner_id) not in said
    listed = await Command(database).text("list", "west-midlands")
    assert listed.splitlines()[1].endswith("  dropped")


async def test_what_nothing_came_of_says_that(scene: Scene, database: str) -> None:
    """Its inputs go with the next whole round."""
    await scene.tell(make.enrolled())
    await scene.round()
    scene.now += timedelta(days=1)
    await scene.round()
    first, _ = await made(scene)
    said = await Command(database).text("replay", first, code=1)
    assert "no shortlist came of it" in said


async def test_other_words_are_put_down_to_other_code(scene: Scene, database: str) -> None:
    """A release that says the same otherwise: the round names the code that made it."""
    await a_day(scene, [uuid4()], steps=0)
    (round_id,) = await made(scene)
    async with scene.sessions.begin() as session:
        await session.execute(
            text("update round set outcome_digest = 'of other words', "
                 "made_with = made_with || '{\"code\": \"before\"}'")
        )  # fmt: skip
    said = await Command(database).text("replay", round_id, code=1)
    assert "Other words only: the same learners, in the same order, with the same scores." in said
    assert "Made with code before; here is code " in said
    assert "the release that made it has its bytes" in said


async def test_another_allocation_is_put_down_to_another_solver(
    scene: Scene, database: str
) -> None:
    """Of equally good ones it may find another; by the solver of that day it must be the same."""
    await a_day(scene, [uuid4()], steps=0)
    (round_id,) = await made(scene)
    async with scene.sessions.begin() as session:
        await session.execute(
            text("update round set outcome_digest = 'other', decided_digest = 'other', "
                 "made_with = made_with || '{\"solver\": \"before\"}'")
        )  # fmt: skip
    said = await Command(database).text("replay", round_id, code=1)
    assert "Different: the round does not say again what it said." in said
    assert "Which of equally good allocations is found depends on the solver." in said
    assert "there it must be the same" in said


async def test_a_saved_round_is_asked_without_a_database(
    scene: Scene, database: str, tmp_path: Path
) -> None:
    """A step by another model, explained as `save` says it can be; the files are their owner's."""
    vacancies = [uuid4() for _ in range(2)]
    await activated(scene, UPGRADES[0])
    await a_day(scene, vacancies, steps=1)
    *_, step = await made(scene)
    said = await Command(database).text("save", step, tmp_path / "saved")
    files = sorted((tmp_path / "saved").iterdir())
    assert [each.name for each in files] == ["model.json", "round", "rules.toml"]
    assert {stat.S_IMODE(each.stat().st_mode) for each in files} == {0o600}
    shortlist = (await scene.shortlists())[vacancies[0]]
    match = shortlist.matches[0]
    asked = next(line for line in said.splitlines() if "p2a explain" in line)
    words = asked.replace("VACANCY_ID", str(vacancies[0])).replace(
        "LEARNER_ID", str(match.learner_id)
    )
    done = await asyncio.to_thread(CliRunner().invoke, app, [*words.split()[1:], "--json"])
    assert done.exit_code == 0, done.output
    line = json.loads(done.stdout)["line"]
    assert (line["model_version"], line["score"]) == (UPGRADES[0].version, match.score)
    again = await Command(database).text("save", step, tmp_path / "saved", code=1)
    assert "round: File exists; nothing was written, give another folder" in again
    (tmp_path / "half").mkdir()
    (tmp_path / "half" / "rules.toml").touch()
    await Command(database).text("save", step, tmp_path / "half", code=1)
    assert [each.name for each in (tmp_path / "half").iterdir()] == ["rules.toml"]
    unknown = uuid4()
    nothing = await Command(database).text("save", unknown, tmp_path / "none", code=1)
    assert f"no round {unknown} is kept" in nothing


def test_what_cannot_be_asked_ends_in_words(database: str) -> None:
    command = Command(database)
    unknown = uuid4()
    assert f"no round {unknown} is kept" in asyncio.run(command.text("replay", unknown, code=1))
    assert "there are none yet" in asyncio.run(command.text("list", "nowhere", code=1))
    assert "Usage: p2a round replay" in asyncio.run(command.text("replay", "x", code=2))
    command.environment = {"P2A_DATABASE_URL": ""}
    assert "P2A_DATABASE_URL is not set" in asyncio.run(command.text("show", unknown, code=2))
