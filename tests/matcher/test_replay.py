"""A round can be computed again from what was kept of it."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import numpy as np
import pytest

from schemas.learner import LearnerErased
from services.matcher import archive, round_store
from services.matcher.judged import Given
from services.matcher.replay import InputsForgotten, OtherVersions, recomputed
from services.matcher.round_store import Round
from services.matcher.steps import Step
from tests import make
from tests.matcher import happened
from tests.matcher.happened import later
from tests.matcher.scene import MODEL, RULES, Scene

NONE = np.empty((0, 0), dtype=np.int16)


async def chain(scene: Scene, round_id: UUID) -> list[Round]:
    """The rounds that lead to one, itself last."""
    async with scene.sessions() as session:
        found = await round_store.round_of(session, round_id)
        assert found
        return await round_store.chain_of(session, found)


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
    """What it wrote has the very digest that was kept, and so have the shortlists published."""
    round_id = await a_market(scene)
    rounds = await chain(scene, round_id)
    again = recomputed(rounds, MODEL, RULES)
    assert archive.digest(again.said) == rounds[-1].outcome_digest
    inputs, outcome = again.made.inputs, again.made.outcome
    assert [len(inputs.locks), len(inputs.excluded), len(inputs.moved)] == [1, 1, 1]
    assert outcome.proof.optimal
    published = {
        event.vacancy_id: (event.matches, event.reserves)
        for event in (await scene.shortlists()).values()
        if event.round_id == round_id
    }
    lists = {row.vacancy_id: (row.matches, row.reserves) for row in outcome.shortlists}
    assert published
    assert published.items() <= lists.items()


async def test_a_long_chain_of_steps_ends_in_the_same_bytes(scene: Scene) -> None:
    """Every round of a day, each only what changed, is made again from the day's first."""
    vacancies = [uuid4() for _ in range(4)]
    people = [happened.completer() for _ in range(8)]
    await scene.tell(*(event for events in people for event in events))
    await scene.tell(*(happened.pledge(each, skills=("python",)) for each in vacancies))
    await scene.round()
    for n in range(6):
        skills = ("python",) if n % 2 else ()
        await scene.tell(*happened.completer(skills=skills), happened.pledge(vacancies[n % 4]))
        await scene.round()
    round_id = await scene.scalar("select round_id from market")
    assert isinstance(round_id, UUID)
    rounds = await chain(scene, round_id)
    assert [each.place for each in rounds] == [*range(7)]
    for length in range(1, 8):
        again = recomputed(rounds[:length], MODEL, RULES)
        assert archive.digest(again.said) == rounds[length - 1].outcome_digest


async def test_a_new_day_begins_a_new_chain(scene: Scene) -> None:
    """Pauses, holds and closing dates end by the calendar: everything is judged anew."""
    await scene.tell(*happened.completer(), happened.pledge(uuid4()))
    await scene.round()
    await scene.tell(*happened.completer())
    await scene.round()
    scene.now += timedelta(days=1)
    await scene.round()
    assert await scene.scalar("select array_agg(place order by at) from round") == [0, 1, 0]


async def test_a_chain_with_a_gap_is_not_replayed(scene: Scene) -> None:
    rounds = await chain(scene, await a_market(scene))
    assert len(rounds) == 2
    with pytest.raises(InputsForgotten, match="goes on from"):
        recomputed(rounds[1:], MODEL, RULES)


async def test_a_replay_starts_from_the_kept_scores(scene: Scene) -> None:
    """Not from what this machine would make of the features."""
    first = (await chain(scene, await a_market(scene)))[0]
    assert first.inputs
    inputs = archive.read(archive.unpacked(first.inputs))
    assert inputs.scores is not None
    changed = inputs.scores.copy()
    changed[changed >= 0] = 17
    written = archive.written(inputs, changed)
    other = replace(first, inputs=archive.packed(written), inputs_digest=archive.digest(written))
    outcome = recomputed([other], MODEL, RULES).made.outcome
    assert {m.score for row in outcome.shortlists for m in row.matches if not m.locked} == {17}


async def test_other_versions_are_refused(scene: Scene) -> None:
    stored = await chain(scene, await a_market(scene))
    with pytest.raises(OtherVersions, match="2027-01"):
        recomputed(stored, MODEL, replace(RULES, version="2027-01"))


async def test_erasing_somebody_drops_the_inputs_they_were_part_of(scene: Scene) -> None:
    """Facts about them must not live on in the archive; the digests stay."""
    round_id = await a_market(scene)
    learner_id = await scene.scalar("select learner_id from learner limit 1")
    erased = {"event_id": uuid4(), "occurred_at": later(), "learner_id": learner_id}
    await scene.tell(LearnerErased(**erased))
    with pytest.raises(InputsForgotten):
        recomputed(await chain(scene, round_id), MODEL, RULES)
    await scene.round()
    assert await scene.scalar("select count(*) from round where inputs is not null") == 1


async def test_a_round_in_flight_does_not_keep_the_erased(scene: Scene) -> None:
    """Somebody erased while a round was computed is not in its archive."""
    learner_id = uuid4()
    await scene.tell(*happened.completer(learner_id), happened.pledge(uuid4()))
    async with scene.rounds.claimed() as claimed:
        assert claimed
        proposal = await scene.rounds.draft(claimed)
        erased = LearnerErased(event_id=uuid4(), occurred_at=later(), learner_id=learner_id)
        await scene.tell(erased)
        await scene.rounds.publish(claimed, proposal)
    assert await scene.scalar("select count(*) from round where inputs is not null") == 0


async def test_what_nothing_stands_on_is_dropped(scene: Scene) -> None:
    """A chain without news loses its inputs with the next; old chains go, save standing ones."""
    far = {"interview_by": date(2027, 6, 1), "starts_on": date(2027, 7, 1)}
    await scene.tell(*happened.completer(), happened.pledge(uuid4(), **far))
    await scene.round()
    for _ in range(3):
        scene.now += timedelta(days=1)
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


@pytest.mark.parametrize("shape", [(0, 5), (1, 1), (3, 8), (5, 9), (2, 0)])
def test_scores_of_a_step_are_kept_to_the_bit(shape: tuple[int, int]) -> None:
    """Eight pairs share a byte, and a row ends where it likes."""
    chance = np.random.default_rng(7)
    some, others = (
        np.where(chance.random(size) < 0.4, -1, chance.integers(0, 10_000, size)).astype(np.int16)
        for size in (shape, shape[::-1])
    )
    data = archive.stepped(Step(), Given(rows=some, columns=others))
    step, given = archive.read_step(archive.unpacked(archive.packed(data)))
    assert step == Step()
    assert np.array_equal(given.rows, some)
    assert np.array_equal(given.columns, others)
    for wrong in (data + b"\0", data[:-1]):
        with pytest.raises(archive.RoundUnreadable, match=f"{len(wrong)} bytes"):
            archive.read_step(wrong)


def test_a_pair_without_a_score_takes_one_bit() -> None:
    """A market where few are eligible is kept in little space, and quickly."""
    none = np.full((40, 200), -1, dtype=np.int16)
    some = none.copy()
    some[:, 7] = 1
    sizes = [len(archive.stepped(Step(), Given(rows=NONE, columns=each))) for each in (none, some)]
    facts = len(archive.stepped(Step(), Given(rows=NONE, columns=NONE)))
    assert sizes[0] - facts < 40 * 200 / 8 + 20
    assert sizes[1] - sizes[0] == 40 * 2


def test_what_was_packed_and_cut_short_is_refused() -> None:
    packed = archive.packed(archive.stepped(Step(), Given(rows=NONE, columns=NONE)))
    with pytest.raises(archive.RoundUnreadable, match="end too soon"):
        archive.unpacked(packed[:-6])
