"""`p2a round`: rounds made again after upgrades, and what is said where that cannot be."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from schemas.learner import LearnerErased
from schemas.match import ShortlistProposed
from services.cli.app import app
from services.matcher import model_store, saved
from services.matcher.answers import Answers
from services.matcher.models import Models
from services.matcher.prior import fitted
from services.matcher.publication import proposed_id
from services.matcher.recheck import Result, rechecked
from services.matcher.rules import Rules
from services.matcher.scorer import Model
from tests import make
from tests.matcher import happened
from tests.matcher.happened import later
from tests.matcher.scene import MODEL, RULES, Scene

UPGRADES = tuple(fitted(expert_weight=weight) for weight in (30, 90, 120))
NEXT_RULES = Rules.of(RULES.raw.replace(b"usual_miles = 35.0", b"usual_miles = 5.0"))


async def activated(scene: Scene, model: Model) -> None:
    async with scene.sessions.begin() as session:
        await model_store.challenge(session, model.version, saved.text(model), {"of": "test"})
        assert await model_store.activate(session, model.version, by="c1")


async def made(scene: Scene) -> list[UUID]:
    """All rounds of the market, the oldest first."""
    async with scene.sessions() as session:
        rows = await session.execute(text("select round_id from round order by at, place"))
        return [row.round_id for row in rows]


async def events(scene: Scene, round_id: UUID) -> int:
    """How many shortlists a round published."""
    said = await scene.said()
    return sum(isinstance(e, ShortlistProposed) and e.round_id == round_id for e in said)


async def a_day(scene: Scene, vacancies: list[UUID], *, steps: int = 3) -> None:
    """A round and some steps on it, with decisions in between."""
    scene.now += timedelta(minutes=5)
    await scene.tell(*(happened.pledge(each, skills=("python",)) for each in vacancies))
    people = [
        happened.completer(skills=("python",) if n % 2 else (), outcode="WV1" if n % 3 else "B5")
        for n in range(7)
    ]
    await scene.tell(*(event for events in people for event in events))
    await scene.round()
    for n in range(steps):
        scene.now += timedelta(minutes=5)
        first, *_ = await scene.places(vacancies[n % len(vacancies)])
        await scene.tell(*happened.completer(skills=("python",)))
        await scene.tell(happened.approved(first, vacancies[n % len(vacancies)]))
        await scene.round()


class Command:
    """The command, in a process's own environment but ours; it runs its own event loop."""

    def __init__(self, database: str) -> None:
        self.environment = {"P2A_DATABASE_URL": database}

    async def text(self, *words: object, code: int = 0) -> str:
        asked = ["round", *(str(word) for word in words)]
        done = await asyncio.to_thread(CliRunner().invoke, app, asked, env=self.environment)
        assert done.exit_code == code, done.output
        return str(done.output)

    async def facts(self, *words: object, code: int = 0) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(await self.text(*words, "--json", code=code))
        return found


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
    assert (await command.text("list", "west-midlands")).count("published") == 2


async def test_a_model_whose_text_was_tampered_with_is_refused(scene: Scene, database: str) -> None:
    await a_day(scene, [uuid4()], steps=0)
    (round_id,) = await made(scene)
    async with scene.sessions.begin() as session:
        await session.execute(
            text("update model set body = replace(body, '\"outcomes\": 0', '\"outcomes\": 9')")
        )
    said = await Command(database).text("replay", round_id, code=1)
    assert "Not replayable" in said
    assert "its digest differs" in said
    assert "back from a backup" in said


async def test_rules_whose_text_was_tampered_with_are_refused(scene: Scene, database: str) -> None:
    """Their version follows from their text."""
    await a_day(scene, [uuid4()], steps=0)
    (round_id,) = await made(scene)
    async with scene.sessions.begin() as session:
        await session.execute(text("update ruleset set body = body || E'\\n# more'"))
    said = await Command(database).text("replay", round_id, code=1)
    assert f"was made by rules {RULES.version}" in said


async def test_inputs_that_were_altered_are_refused(scene: Scene, database: str) -> None:
    """Those of the round, and those of any round it goes on from."""
    await a_day(scene, [uuid4()], steps=1)
    whole, step = await made(scene)
    async with scene.sessions.begin() as session:
        await session.execute(
            text("update round set inputs = (select inputs from round where round_id = :step) "
                 "where round_id = :whole"),
            {"whole": whole, "step": step},
        )  # fmt: skip
    said = await Command(database).text("replay", step, code=1)
    assert f"round {whole}: what is kept of its inputs has another digest" in said


async def test_a_shortlist_that_was_altered_is_found(scene: Scene, database: str) -> None:
    """The published bytes are compared too, and what differs is named."""
    vacancy_id = uuid4()
    await a_day(scene, [vacancy_id], steps=0)
    (round_id,) = await made(scene)
    event_id = proposed_id(round_id, vacancy_id)
    shortlist = (await scene.shortlists())[vacancy_id]
    first, *rest = shortlist.matches
    other = first.model_copy(update={"score": first.score + 1})
    forged = shortlist.model_copy(update={"matches": (other, *rest)})
    async with scene.sessions.begin() as session:
        await session.execute(
            text("update outbox set payload = :payload where id = :id"),
            {"payload": forged.value(), "id": event_id},
        )
    found = await Command(database).facts("replay", round_id, code=1)
    assert found["result"] == "different"
    assert found["again"] == found["kept"]["outcome_digest"]
    assert found["differing"] == [
        {"vacancy_id": str(vacancy_id), "fields": ["score"], "decided": True}
    ]
    said = await Command(database).text("replay", round_id, code=1)
    assert "what is kept was altered" in said


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
    assert "inputs dropped" in await Command(database).text("list", "west-midlands")


async def test_what_nothing_came_of_says_that(scene: Scene, database: str) -> None:
    """Its inputs go with the next whole round."""
    await scene.tell(make.enrolled())
    await scene.round()
    scene.now += timedelta(days=1)
    await scene.round()
    first, _ = await made(scene)
    said = await Command(database).text("replay", first, code=1)
    assert "no shortlist came of it" in said


async def test_who_and_in_which_order_come_from_the_kept_scores_alone(scene: Scene) -> None:
    """
    With a scorer that measures otherwise only words differ.

    Stood in for by a model of the same version and other weights: what another code would make
    of the same text.
    """
    await a_day(scene, [uuid4(), uuid4()])
    round_id = (await made(scene))[-1]
    other = replace(MODEL, weights=tuple(-each for each in MODEL.weights), sectors=())
    body = saved.text(other)
    async with scene.sessions.begin() as session:
        await session.execute(text("update model set body = :body"), {"body": body})
    found = await rechecked(scene.sessions, round_id)
    assert found.result is Result.WORDS
    assert found.decided_again == found.kept.decided_digest
    assert found.again != found.kept.outcome_digest
    assert {name for each in found.differing for name in each.fields} == {"contributions"}


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
    assert "Replay it by the release that made it" in said


async def test_a_model_fitted_by_another_library_replays_but_does_not_rank(scene: Scene) -> None:
    await a_day(scene, [uuid4()], steps=0)
    (round_id,) = await made(scene)
    facts = json.loads(saved.text(MODEL)) | {"scikit_learn": "1.2.3"}
    del facts["digest"]
    facts["digest"] = saved._digest(facts)  # as that release wrote it
    async with scene.sessions.begin() as session:
        await session.execute(text("update model set body = :body"), {"body": json.dumps(facts)})
    assert (await rechecked(scene.sessions, round_id)).result is Result.SAME
    with pytest.raises(saved.ModelRefused, match="refit"):
        saved.read(json.dumps(facts), "it")


async def test_answers_are_by_the_rounds_own_model_and_rules(scene: Scene) -> None:
    """After an upgrade and before the next round, on the replica that made it and on another."""
    vacancy_id, learner_id = uuid4(), uuid4()
    await scene.tell(*happened.completer(learner_id), happened.pledge(vacancy_id))
    await scene.round()
    upgraded = Scene(sessions=scene.sessions)
    upgraded.rounds.models = Models(default=UPGRADES[0])
    upgraded.rounds.rules = NEXT_RULES
    scene.rounds.models.current = UPGRADES[1]
    for replica in (scene, upgraded):
        answers = Answers(sessions=replica.sessions, rounds=replica.rounds)
        said = await answers.answer(learner_id=learner_id, vacancy_id=vacancy_id)
        assert (said.standing.standing, said.model_version) == ("placed", MODEL.version)
        assert said.rules_version == RULES.version
        round_of = await answers.made("west-midlands", said.round_id)
        assert (round_of.model, round_of.rules) == (MODEL, RULES)


def test_what_cannot_be_asked_ends_in_words(database: str) -> None:
    command = Command(database)
    unknown = uuid4()
    assert f"no round {unknown} is kept" in asyncio.run(command.text("replay", unknown, code=1))
    assert "there are none yet" in asyncio.run(command.text("list", "nowhere", code=1))
    assert "Usage: p2a round replay" in asyncio.run(command.text("replay", "x", code=2))
    command.environment = {"P2A_DATABASE_URL": ""}
    assert "P2A_DATABASE_URL is not set" in asyncio.run(command.text("show", unknown, code=2))
