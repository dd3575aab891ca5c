"""A round can be computed again from what was kept of it."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from schemas.learner import LearnerErased
from services.matcher import archive, round_store
from services.matcher.replay import InputsForgotten, OtherVersions, recomputed
from services.matcher.round_store import Round
from tests import make
from tests.matcher import happened
from tests.matcher.happened import later
from tests.matcher.scene import MODEL, RULES, Scene


async def kept(scene: Scene, round_id: UUID) -> Round:
    async with scene.sessions() as session:
        found = await round_store.round_of(session, round_id, inputs=True)
    assert found
    return found


async def a_market(scene: Scene) -> UUID:
    """The round of a market with locks, an exclusion and a moved match."""
    vacancies = [uuid4() for _ in range(3)]
    people = [happened.completer(skills=("python",) if n % 2 else ()) for n in range(9)]
    await scene.tell(*(event for events in people for event in events))
    await scene.tell(*(happened.pledge(v, skills=("python",)) for v in vacancies))
    await scene.round()
    approved, rejected = await scene.places(vacancies[0])
    last = (await scene.places(vacancies[1]))[-1]
    await scene.tell(
        happened.approved(approved, vacancies[0]),
        happened.rejected(rejected, vacancies[0]),
        happened.moved(last, vacancies[1], 1),
    )
    await scene.round()
    return (await scene.shortlists())[vacancies[0]].round_id


async def test_a_round_is_recomputed_byte_for_byte(scene: Scene) -> None:
    """Its outcome has the very digest that was kept, and its shortlists those published."""
    round_id = await a_market(scene)
    stored = await kept(scene, round_id)
    inputs, outcome = recomputed(stored, MODEL, RULES)
    said = archive.outcome_bytes(outcome)
    assert archive.digest(said) == stored.outcome_digest
    assert archive.digest(archive.written(inputs, outcome.judgement.scores)) == stored.inputs_digest
    assert [len(inputs.locks), len(inputs.excluded), len(inputs.moved)] == [1, 1, 1]
    published = {
        event.vacancy_id: (event.matches, event.reserves)
        for event in (await scene.shortlists()).values()
        if event.round_id == round_id
    }
    again = {row.vacancy_id: (row.matches, row.reserves) for row in outcome.shortlists}
    assert published
    assert published.items() <= again.items()


async def test_a_replay_starts_from_the_kept_scores(scene: Scene) -> None:
    """Not from what this machine would make of the features."""
    stored = await kept(scene, await a_market(scene))
    assert stored.inputs
    inputs = archive.read(archive.unpacked(stored.inputs))
    assert inputs.scores is not None
    changed = inputs.scores.copy()
    changed[changed >= 0] = 17
    other = replace(stored, inputs=archive.packed(archive.written(inputs, changed)))
    _, outcome = recomputed(other, MODEL, RULES)
    assert {m.score for row in outcome.shortlists for m in row.matches if not m.locked} == {17}


async def test_other_versions_are_refused(scene: Scene) -> None:
    stored = await kept(scene, await a_market(scene))
    with pytest.raises(OtherVersions, match="2027-01"):
        recomputed(stored, MODEL, replace(RULES, version="2027-01"))


async def test_erasing_somebody_drops_the_inputs_they_were_part_of(scene: Scene) -> None:
    """Facts about them must not live on in the archive; the digests stay."""
    round_id = await a_market(scene)
    learner_id = await scene.scalar("select learner_id from learner limit 1")
    erased = {"event_id": uuid4(), "occurred_at": later(), "learner_id": learner_id}
    await scene.tell(LearnerErased(**erased))
    with pytest.raises(InputsForgotten):
        recomputed(await kept(scene, round_id), MODEL, RULES)
    await scene.round()
    assert await scene.scalar("select count(*) from round where inputs is not null") == 1


async def test_a_round_in_flight_does_not_keep_the_erased(scene: Scene) -> None:
    """Somebody erased while a round was computed is not in its archive."""
    learner_id = uuid4()
    await scene.tell(*happened.completer(learner_id), happened.pledge(uuid4()))
    async with scene.rounds.claimed() as claimed:
        assert claimed
        proposal = await scene.rounds.proposal(claimed)
        erased = LearnerErased(event_id=uuid4(), occurred_at=later(), learner_id=learner_id)
        await scene.tell(erased)
        await scene.rounds.publish(claimed, proposal)
    assert await scene.scalar("select count(*) from round where inputs is not null") == 0


async def test_what_nothing_stands_on_is_dropped(scene: Scene) -> None:
    """Inputs of a round without news go with the next; old rounds go, save the standing ones."""
    far = {"interview_by": date(2027, 6, 1), "starts_on": date(2027, 7, 1)}
    await scene.tell(*happened.completer(), happened.pledge(uuid4(), **far))
    await scene.round()
    for _ in range(3):
        await scene.tell(make.enrolled())
        await scene.round()
    assert await scene.scalar("select count(*) from round") == 4
    assert await scene.scalar("select count(*) from round where inputs is not null") == 2
    scene.now += timedelta(days=100)
    await scene.round()
    assert await scene.scalar("select count(*) from round") == 2


def test_what_is_no_round_is_refused() -> None:
    """Without a word of what it holds."""
    for data in (b"", b"\0" * 8, (3).to_bytes(8) + b"{}!"):
        with pytest.raises(archive.RoundUnreadable, match=f"{len(data)} bytes"):
            archive.read(data)
    with pytest.raises(archive.RoundUnreadable):
        archive.unpacked(b"not packed")
