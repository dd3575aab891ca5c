"""A shortlist was sent: who is written to, once."""

from tests.notifier.scene import Scene, employer_address, kinds, learner_address, match, shortlist


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
