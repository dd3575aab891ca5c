"""Both said yes: a time stands, each calendar is told; and what changes it again."""

from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar, Component

from schemas.interview import InterviewBooked, InterviewMissed, OutcomeRecorded
from tests.notifier.fakes import Carried
from tests.notifier.scene import Scene, employer_address, kinds, learner_address, withdrawal
from tests.notifier.sent import SLOTS, Sent, gone

FIRST = datetime(2026, 9, 10, 9, tzinfo=UTC)
SECOND = datetime(2026, 9, 11, 13, tzinfo=UTC)


async def say(scene: Scene, link: str, **fields: str) -> int:
    async with scene.browser() as browser:
        answer = await browser.post(link, data={k.replace("_", "-"): v for k, v in fields.items()})
    await scene.send_all()
    return answer.status_code


async def both_said_yes(scene: Scene, count: int = 1) -> Sent:
    sent = await gone(scene, count)
    fields = {f"answer-{place}": "yes" for place in range(1, count + 1)}
    assert await say(scene, sent.employer, **SLOTS, **fields) == 200
    assert await say(scene, sent.learner(), answer="yes") == 200
    return sent


def invitations(sent: Sent, *, to: str) -> list[Component]:
    carried: list[Carried] = sent.scene.fake.to(to)
    return [Calendar.from_ical(one.ics) for one in carried if one.ics]


def sides(sent: Sent, place: int = 0) -> tuple[list[Component], list[Component]]:
    """The calendar files of employer and learner, in the order they went."""
    learner = learner_address(sent.event.matches[place].learner_id)
    return (
        invitations(sent, to=employer_address(sent.event.vacancy.employer_id)),
        invitations(sent, to=learner),
    )


def event(calendar: Component) -> Component:
    return calendar.walk("VEVENT")[0]


@pytest.mark.parametrize("first", ["employer", "learner"])
async def test_two_yeses_book_whichever_came_first(scene: Scene, first: str) -> None:
    sent = await gone(scene)
    answers = [
        (sent.employer, SLOTS | {"answer-1": "yes"}),
        (sent.learner(), {"answer": "yes"}),
    ]
    for link, fields in answers if first == "employer" else reversed(answers):
        assert await say(scene, link, **fields) == 200
    assert sorted(kinds(await scene.posted())) == [
        "EmployerAccepted",
        "InterviewBooked",
        "LearnerAccepted",
    ]
    (booked,) = [one for one in await scene.posted() if isinstance(one, InterviewBooked)]
    assert booked.starts_at == FIRST
    employers, learners = sides(sent)
    assert len(employers) == len(learners) == 1
    ours, theirs = event(employers[0]), event(learners[0])
    assert ours["uid"] == theirs["uid"]
    assert ours["dtstart"].dt == theirs["dtstart"].dt == FIRST
    assert employers[0]["method"] == learners[0]["method"] == "REQUEST"
    for one, file in ((sent.event.vacancy.employer_id, ours),):
        assert str(file["attendee"]) == f"mailto:{employer_address(one)}"
    assert "Testington" not in employers[0].to_ical().decode()
    assert learner_address(sent.event.matches[0].learner_id) not in employers[0].to_ical().decode()
    assert employer_address(sent.event.vacancy.employer_id) not in learners[0].to_ical().decode()


async def test_the_learner_chooses_among_the_offered_times(scene: Scene) -> None:
    sent = await gone(scene)
    await say(scene, sent.employer, **SLOTS, answer_1="yes")
    await say(scene, sent.learner(), answer="yes", slot=SECOND.isoformat())
    (booked,) = [one for one in await scene.posted() if isinstance(one, InterviewBooked)]
    assert booked.starts_at == SECOND


async def test_a_time_somebody_else_has_is_not_offered(scene: Scene) -> None:
    sent = await gone(scene, 2)
    await say(scene, sent.employer, **SLOTS, answer_1="yes", answer_2="yes")
    await say(scene, sent.learner(0), answer="yes", slot=FIRST.isoformat())
    async with scene.browser() as browser:
        assert FIRST.isoformat() not in (await browser.get(sent.learner(1))).text
    assert await say(scene, sent.learner(1), answer="yes", slot=FIRST.isoformat()) == 422
    assert await say(scene, sent.learner(1), answer="yes") == 200
    booked = [one.starts_at for one in await scene.posted() if isinstance(one, InterviewBooked)]
    assert booked == [FIRST, SECOND]


async def test_another_time_moves_the_booking_in_both_calendars(scene: Scene) -> None:
    sent = await both_said_yes(scene)
    scene.clock.move(hours=1)
    await say(scene, sent.learner(), answer="yes", slot=SECOND.isoformat())
    for files in sides(sent):
        assert [event(one)["dtstart"].dt for one in files] == [FIRST, SECOND]
        assert [int(event(one)["sequence"]) for one in files] == [0, 1]
        assert len({str(event(one)["uid"]) for one in files}) == 1
    assert kinds(await scene.posted())[-2:] == ["LearnerAccepted", "InterviewBooked"]
    assert "has moved" in scene.fake.carried[-1].text


@pytest.mark.parametrize(
    ("who", "fact"), [("employer", "EmployerDeclined"), ("learner", "LearnerDeclined")]
)
async def test_a_no_after_the_booking_cancels_it_in_both_calendars(
    scene: Scene, who: str, fact: str
) -> None:
    sent = await both_said_yes(scene)
    scene.clock.move(hours=1)
    if who == "employer":
        await say(scene, sent.employer, answer_1="no", reason_1="filled")
    else:
        await say(scene, sent.learner(), answer="no", reason="circumstances")
    for files in sides(sent):
        assert [str(one["method"]) for one in files] == ["REQUEST", "CANCEL"]
        assert [int(event(one)["sequence"]) for one in files] == [0, 1]
        assert str(event(files[1])["status"]) == "CANCELLED"
        assert event(files[1])["dtstart"].dt == FIRST
    assert kinds(await scene.posted())[-1] == fact
    assert not [one for one in scene.fake.carried if "circumstances" in one.text]


async def test_a_withdrawal_after_the_booking_cancels_it(scene: Scene) -> None:
    sent = await both_said_yes(scene)
    await scene.hear(withdrawal(sent.event, reason="learner-erased"))
    await scene.send_all()
    employers, learners = sides(sent)
    assert [str(one["method"]) for one in employers] == ["REQUEST", "CANCEL"]
    assert [str(one["method"]) for one in learners] == ["REQUEST"], "nobody writes to the erased"


async def test_an_employers_no_is_told_kindly_and_without_a_reason(scene: Scene) -> None:
    sent = await gone(scene)
    await say(scene, sent.employer, answer_1="no", reason_1="skills", share_1="yes")
    letter = scene.fake.to(learner_address(sent.event.matches[0].learner_id))[-1]
    assert "It does not count against you" in letter.text
    assert "skills" not in letter.text


async def test_a_learners_no_is_told_without_its_reason(scene: Scene) -> None:
    sent = await gone(scene)
    await say(scene, sent.learner(), answer="no", reason="circumstances")
    letter = scene.fake.to(employer_address(sent.event.vacancy.employer_id))[-1]
    assert "has decided not to go on" in letter.text
    assert "changed for me" not in letter.text
    assert "Aisha" not in letter.text
    await say(scene, sent.employer, answer_1="no")
    assert "not-this-time" not in await scene.states(), "they said no themselves"


async def test_a_yes_with_no_time_left_asks_the_employer_for_one(scene: Scene) -> None:
    sent = await gone(scene)
    await say(scene, sent.employer, **SLOTS, answer_1="yes")
    scene.clock.at = SECOND + timedelta(hours=1)
    await say(scene, sent.learner(), answer="yes")
    assert (await scene.states())["times-needed"] == "sent"
    await say(scene, sent.employer, answer_1="yes", slot_1="2026-09-15T10:00")
    (booked,) = [one for one in await scene.posted() if isinstance(one, InterviewBooked)]
    assert booked.starts_at == datetime(2026, 9, 15, 9, tzinfo=UTC)


async def test_an_older_booking_that_has_not_left_is_not_sent_after_the_new_one(
    scene: Scene,
) -> None:
    sent = await gone(scene)
    async with scene.browser() as browser:
        await browser.post(sent.employer, data=SLOTS | {"answer-1": "yes"})
        await browser.post(sent.learner(), data={"answer": "yes"})
        await browser.post(sent.learner(), data={"answer": "yes", "slot": SECOND.isoformat()})
    await scene.send_all()
    for files in sides(sent):
        assert [event(one)["dtstart"].dt for one in files] == [SECOND]


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


async def test_what_happened_may_be_corrected(scene: Scene) -> None:
    sent = await both_said_yes(scene)
    scene.clock.at = FIRST + timedelta(hours=1)
    await say(scene, sent.employer, happened_1="learner-absent")
    await say(scene, sent.employer, happened_1="held-offer")
    assert kinds(await scene.posted())[3:] == [
        "InterviewMissed",
        "InterviewHeld",
        "OutcomeRecorded",
    ]


async def test_once_the_time_has_come_nobody_can_say_no_any_more(scene: Scene) -> None:
    sent = await both_said_yes(scene)
    scene.clock.at = FIRST + timedelta(minutes=1)
    assert await say(scene, sent.learner(), answer="no") == 422
    assert await say(scene, sent.employer, answer_1="no") == 422
    assert len(kinds(await scene.posted())) == 3
