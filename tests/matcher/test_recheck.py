"""What a replay rests on: the kept scores, and texts and bytes that nobody has altered."""

import json
from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import text

from services.matcher import saved
from services.matcher.answers import Answers
from services.matcher.models import Models
from services.matcher.publication import proposed_id
from services.matcher.recheck import Result, rechecked
from tests.matcher import happened
from tests.matcher.looking_back import NEXT_RULES, UPGRADES, Command, a_day, made
from tests.matcher.scene import MODEL, RULES, Scene


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
