"""What is kept of a match until its outcome is known, and what is learnt from."""

from uuid import UUID, uuid4

import pytest

from schemas.interview import InterviewHeld, InterviewMissed, OutcomeRecorded
from schemas.learner import LearnerErased
from services.matcher import lesson_store
from services.matcher.features import FEATURES, NAMES
from services.matcher.lessons import LABELS, Lesson, Lessons
from services.matcher.sectors import NUMBERS
from tests import make
from tests.matcher import happened
from tests.matcher.happened import later, said
from tests.matcher.scene import FIVE, VACANCY, Scene
from tests.matcher.test_records import changes


async def learnt(scene: Scene) -> list[Lesson]:
    async with scene.sessions() as session:
        return await lesson_store.lessons(session)


async def sent_as_shown(scene: Scene) -> UUID:
    """The first of the shortlist was approved and sent, just as the round gave it."""
    shortlist = (await scene.shortlists())[VACANCY]
    match = shortlist.matches[0]
    event = happened.sent(VACANCY, match.learner_id)
    await scene.tell(
        happened.approved(match.learner_id, VACANCY),
        event.model_copy(update={"matches": (match,), "occurred_at": later()}),
    )
    return match.learner_id


async def test_a_lesson_is_the_pair_as_it_was_when_letters_left(three_of_five: Scene) -> None:
    """The learner moves afterwards, and the outcome comes: the lesson is of what was sent."""
    scene = three_of_five
    match = (await scene.shortlists())[VACANCY].matches[0]
    learner_id = await sent_as_shown(scene)
    moved = make.learner_profile(outcode="WV1", skills=("it",))
    await scene.tell(*happened.completer(learner_id, **dict(moved)))
    await scene.tell(
        said(InterviewHeld, learner_id, VACANCY),
        said(OutcomeRecorded, learner_id, VACANCY, outcome="started"),
    )

    (lesson,) = await learnt(scene)

    assert lesson.measures == match.measures
    assert set(lesson.measures) == set(NAMES)
    assert (lesson.score, lesson.rank, lesson.outcome) == (match.score, 1, "started")
    assert lesson.model_version == scene.rounds.models.current.version
    assert (lesson.learner_id, lesson.vacancy_id) == (learner_id, VACANCY)


async def test_an_outcome_is_corrected_by_a_later_one_and_taken_back_by_a_missed_interview(
    three_of_five: Scene,
) -> None:
    scene = three_of_five
    learner_id = await sent_as_shown(scene)
    first, last = (
        said(OutcomeRecorded, learner_id, VACANCY, outcome=outcome)
        for outcome in ("no-offer", "offer")
    )
    await scene.tell(last)
    await scene.tell(first)
    assert [lesson.outcome for lesson in await learnt(scene)] == ["offer"]

    await scene.tell(said(InterviewMissed, learner_id, VACANCY))
    assert await learnt(scene) == []


async def test_an_approval_teaches_nothing_and_is_counted_apart(three_of_five: Scene) -> None:
    scene = three_of_five
    await sent_as_shown(scene)
    await scene.tell(happened.rejected(FIVE[4], VACANCY))
    assert await learnt(scene) == []
    async with scene.sessions() as session:
        assert await lesson_store.judgements(session) == {"approved": 1, "rejected": 1}


async def test_an_outcome_makes_no_market_change(three_of_five: Scene) -> None:
    learner_id = await sent_as_shown(three_of_five)
    assert not await changes(
        three_of_five, said(OutcomeRecorded, learner_id, VACANCY, outcome="offer")
    )


async def test_of_an_erased_learner_nothing_is_learnt_whatever_comes_first(
    three_of_five: Scene,
) -> None:
    scene = three_of_five
    learner_id = await sent_as_shown(scene)
    await scene.tell(said(OutcomeRecorded, learner_id, VACANCY, outcome="offer"))
    assert len(await learnt(scene)) == 1

    erasure = LearnerErased(event_id=uuid4(), occurred_at=later(), learner_id=learner_id)
    await scene.tell(erasure)
    assert await learnt(scene) == []

    await scene.tell(happened.sent(VACANCY, learner_id, measures={"interest": 1.0}))
    assert await learnt(scene) == []
    assert await scene.scalar("select count(*) from match where measures is not null") == 0


def lesson(**facts: object) -> Lesson:
    given = {
        "learner_id": UUID(int=1), "vacancy_id": UUID(int=2), "employer_id": UUID(int=3),
        "route": 3, "measures": {"interest": 1.0}, "score": 5_000, "rank": 1,
        "model_version": "logistic-0", "at": make.NOON, "outcome": "offer",
    }  # fmt: skip
    return Lesson(**(given | facts))  # type: ignore[arg-type]


def test_a_feature_a_lesson_has_not_is_neutral() -> None:
    found = Lessons.of([lesson()])
    expected = [1.0 if f.name == "interest" else f.neutral for f in FEATURES]
    assert found.outcomes.rows[0].tolist() == pytest.approx(expected)
    assert found.outcomes.sector.tolist() == [NUMBERS["care"]]


@pytest.mark.parametrize(("outcome", "label"), [*LABELS.items(), ("postponed", None)])
def test_only_known_outcomes_are_labels(outcome: str, label: int | None) -> None:
    found = Lessons.of([lesson(outcome=outcome)])
    assert found.outcomes.started.tolist() == ([] if label is None else [label])
    assert found.unread == (1 if label is None else 0)
