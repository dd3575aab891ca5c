"""A shortlist was sent, or a match withdrawn: who is written to, and only once."""

from datetime import timedelta
from itertools import permutations

from tests.notifier.scene import (
    MONDAY,
    Scene,
    employer_address,
    learner_address,
    match,
    shortlist,
    withdrawal,
)


async def test_one_letter_to_the_employer_and_one_to_each_learner(scene: Scene) -> None:
    event = shortlist(match(1), match(2))
    await scene.know(event)
    await scene.hear(event)
    await scene.send_all()
    to = sorted(one.to for one in scene.fake.carried)
    assert to == sorted(
        [employer_address(event.vacancy.employer_id)]
        + [learner_address(one.learner_id) for one in event.matches]
    )
    posted = await scene.posted()
    assert [type(one).__name__ for one in posted] == ["LetterSent"] * 3
    assert sorted(one.template for one in posted) == ["invitation", "invitation", "shortlist"]


async def test_a_shortlist_heard_again_writes_to_nobody(scene: Scene) -> None:
    event = shortlist()
    await scene.know(event)
    for _ in range(3):
        await scene.hear(event)
        await scene.send_all()
    await scene.hear(event, event)
    await scene.send_all()
    assert len(scene.fake.carried) == 2


async def test_shortlists_in_any_order_write_to_each_learner_once(scene: Scene) -> None:
    """A later list repeats a learner of an earlier one; whichever comes first invites them."""
    first = shortlist(match(1))
    both = shortlist(
        *first.matches,
        match(2),
        vacancy_id=first.vacancy_id,
        vacancy=first.vacancy,
        occurred_at=MONDAY + timedelta(days=1),
    )
    await scene.know(both)
    for order in permutations([first, both, first]):
        for event in order:
            await scene.hear(event)
    await scene.send_all()
    invited = [one.to for one in scene.fake.carried if one.to.startswith("learner")]
    assert sorted(invited) == sorted(learner_address(one.learner_id) for one in both.matches)


async def test_learners_are_numbered_in_order_and_later_ones_go_on_counting(scene: Scene) -> None:
    first = shortlist(match(2), match(1))
    second = shortlist(match(1), vacancy_id=first.vacancy_id, vacancy=first.vacancy)
    for event in (first, second):
        await scene.know(event)
        await scene.hear(event)
        await scene.send_all()
    texts = [one.text for one in scene.fake.to(employer_address(first.vacancy.employer_id))]
    assert "Learner 1\n" in texts[0]
    assert "Learner 2\n" in texts[0]
    assert "Learner 3\n" in texts[1]
    assert "Learner 1\n" not in texts[1]


async def test_a_match_withdrawn_before_its_letters_went_is_mentioned_to_nobody(
    scene: Scene,
) -> None:
    event = shortlist(match(1), match(2))
    await scene.know(event)
    await scene.hear(event)
    await scene.hear(withdrawal(event))
    await scene.send_all()
    to = [one.to for one in scene.fake.carried]
    assert learner_address(event.matches[0].learner_id) not in to
    assert learner_address(event.matches[1].learner_id) in to
    (letter,) = scene.fake.to(employer_address(event.vacancy.employer_id))
    assert "Learner 1" not in letter.text
    assert "Here is one person" in letter.text


async def test_a_whole_shortlist_withdrawn_before_it_went_is_dropped(scene: Scene) -> None:
    event = shortlist()
    await scene.know(event)
    await scene.hear(event)
    await scene.hear(withdrawal(event))
    await scene.send_all()
    assert scene.fake.carried == []
    assert set((await scene.states()).values()) == {"dropped"}


async def test_a_withdrawal_heard_before_the_shortlist_stops_its_letters(scene: Scene) -> None:
    event = shortlist()
    await scene.know(event)
    await scene.hear(withdrawal(event))
    await scene.hear(event)
    await scene.send_all()
    assert scene.fake.carried == []


async def test_an_older_withdrawal_changes_nothing(scene: Scene) -> None:
    """The learner came back and was approved again since."""
    event = shortlist()
    await scene.know(event)
    await scene.hear(withdrawal(event, occurred_at=MONDAY - timedelta(days=3)))
    await scene.hear(event)
    await scene.send_all()
    assert len(scene.fake.carried) == 2


async def test_a_learner_who_leaves_is_told_to_the_employer_alone(scene: Scene) -> None:
    event = shortlist()
    await scene.know(event)
    await scene.hear(event)
    await scene.send_all()
    for _ in range(2):
        await scene.hear(withdrawal(event, reason="learner-paused"))
        await scene.send_all()
    assert (await scene.states()) == {
        "shortlist": "sent",
        "invitation": "sent",
        "withdrawn-employer": "sent",
    }
    last = scene.fake.carried[-1]
    assert last.to == employer_address(event.vacancy.employer_id)
    assert "paused" not in last.text


async def test_a_vacancy_that_closes_is_told_to_the_learner_alone(scene: Scene) -> None:
    event = shortlist()
    await scene.know(event)
    await scene.hear(event)
    await scene.send_all()
    await scene.hear(withdrawal(event, reason="vacancy-closed"))
    await scene.send_all()
    assert [row.template for row in await scene.letters()][2:] == ["withdrawn-learner"]


async def test_a_match_sent_again_after_its_end_is_a_new_invitation(scene: Scene) -> None:
    event = shortlist()
    await scene.know(event)
    await scene.hear(event)
    await scene.send_all()
    await scene.hear(withdrawal(event))
    again = shortlist(
        *event.matches,
        vacancy_id=event.vacancy_id,
        vacancy=event.vacancy,
        occurred_at=MONDAY + timedelta(days=2),
    )
    await scene.hear(again)
    await scene.send_all()
    invited = scene.fake.to(learner_address(event.matches[0].learner_id))
    assert len(invited) == 2
    assert len({str(one.message["message-id"]) for one in invited}) == 2
