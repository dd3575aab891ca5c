"""After the booked time: whether they met, and what came of it."""

from datetime import UTC, datetime, timedelta

import pytest

from schemas.interview import InterviewMissed, OutcomeRecorded
from tests.notifier.scene import Scene, kinds, withdrawal
from tests.notifier.sent import both_said_yes, say

FIRST = datetime(2026, 9, 10, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "facts"),
    [
        ("held-offer", ["InterviewHeld", "OutcomeRecorded"]),
        ("held-no-offer", ["InterviewHeld", "OutcomeRecorded"]),
        ("held", ["InterviewHeld"]),
        ("learner-absent", ["InterviewMissed"]),
        ("employer-absent", ["InterviewMissed"]),
    ],
)
async def test_afterwards_the_employer_says_how_it_went(
    scene: Scene, said: str, facts: list[str]
) -> None:
    sent = await both_said_yes(scene)
    async with scene.browser() as browser:
        assert "Did you meet" not in (await browser.get(sent.employer)).text
        scene.clock.at = FIRST + timedelta(hours=1)
        assert "Did you meet Aisha?" in (await browser.get(sent.employer)).text
    letters = len(scene.fake.carried)
    for _ in range(2):
        assert await say(scene, sent.employer, happened_1=said) == 200
    posted = [one for one in await scene.posted() if kinds([one])][3:]
    assert kinds(posted) == facts
    if isinstance(posted[0], InterviewMissed):
        assert posted[0].reason == said
    if isinstance(posted[-1], OutcomeRecorded):
        assert posted[-1].outcome == said.removeprefix("held-")
    assert len(scene.fake.carried) == letters


async def test_what_came_of_it_may_be_said_later(scene: Scene) -> None:
    sent = await both_said_yes(scene)
    scene.clock.at = FIRST + timedelta(hours=1)
    await say(scene, sent.employer, happened_1="held")
    await say(scene, sent.employer, happened_1="held-offer")
    assert kinds(await scene.posted())[3:] == ["InterviewHeld", "OutcomeRecorded"]


async def test_a_missed_interview_has_freed_its_place_for_good(scene: Scene) -> None:
    sent = await both_said_yes(scene)
    scene.clock.at = FIRST + timedelta(hours=1)
    await say(scene, sent.employer, happened_1="learner-absent")
    async with scene.browser() as browser:
        page = (await browser.get(sent.employer)).text
    assert "You told us that you did not meet" in page
    assert "Did you meet" not in page
    assert await say(scene, sent.employer, happened_1="held-offer") == 422
    assert kinds(await scene.posted())[3:] == ["InterviewMissed"]


async def test_once_the_time_has_come_nobody_can_say_no_any_more(scene: Scene) -> None:
    sent = await both_said_yes(scene)
    scene.clock.at = FIRST + timedelta(minutes=1)
    assert await say(scene, sent.learner(), answer="no") == 422
    assert await say(scene, sent.employer, answer_1="no") == 422
    assert len(kinds(await scene.posted())) == 3


async def test_a_withdrawal_after_the_interview_calls_nothing_off(scene: Scene) -> None:
    sent = await both_said_yes(scene)
    scene.clock.at = FIRST + timedelta(hours=1)
    letters = len(scene.fake.carried)
    await scene.hear(withdrawal(sent.event, occurred_at=FIRST + timedelta(minutes=30)))
    assert await say(scene, sent.employer, happened_1="held-offer") == 200
    assert kinds(await scene.posted())[3:] == ["InterviewHeld", "OutcomeRecorded"]
    assert len(scene.fake.carried) == letters
