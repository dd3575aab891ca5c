"""Both said yes: a time stands, each calendar is told; and what changes it again."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from icalendar import Calendar, Component

from schemas.interview import InterviewBooked
from tests.notifier.fakes import Carried
from tests.notifier.scene import (
    Scene,
    employer_address,
    kinds,
    learner_address,
    match,
    shortlist,
    withdrawal,
)
from tests.notifier.sent import SLOTS, Sent, both_said_yes, gone, say

FIRST = datetime(2026, 9, 10, 9, tzinfo=UTC)
SECOND = datetime(2026, 9, 11, 13, tzinfo=UTC)


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


def entry(calendar: Component) -> Component:
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
    ours, theirs = entry(employers[0]), entry(learners[0])
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
        assert [entry(one)["dtstart"].dt for one in files] == [FIRST, SECOND]
        assert [int(entry(one)["sequence"]) for one in files] == [0, 1]
        assert len({str(entry(one)["uid"]) for one in files}) == 1
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
        assert [int(entry(one)["sequence"]) for one in files] == [0, 1]
        assert str(entry(files[1])["status"]) == "CANCELLED"
        assert entry(files[1])["dtstart"].dt == FIRST
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
        assert [entry(one)["dtstart"].dt for one in files] == [SECOND]


async def test_a_no_before_the_invitation_left_takes_it_back(scene: Scene) -> None:
    """The learner's mail server was away: they never hear of what is over already."""
    event = shortlist()
    learner = learner_address(event.matches[0].learner_id)
    await scene.know(event)
    scene.fake.fail(learner, "451 4.3.0 Try later")
    await scene.hear(event)
    await scene.send_all()
    assert await say(scene, Sent(scene, event).employer, answer_1="no") == 200
    scene.clock.move(days=1)
    await scene.send_all()
    assert scene.fake.to(learner) == []
    assert await scene.states() == {"shortlist": "sent", "invitation": "dropped"}


def mail_server_away(sent: Sent) -> None:
    """The next letter to either side has to wait."""
    sent.scene.fake.fail(employer_address(sent.event.vacancy.employer_id), "451 4.3.0 Try later")
    sent.scene.fake.fail(learner_address(sent.event.matches[0].learner_id), "451 4.3.0 Try later")


@pytest.mark.parametrize(
    ("end", "employer_hears", "learner_hears"),
    [
        ("employer-no", [], ["not-this-time"]),
        ("learner-no", ["learner-declined"], []),
        ("withdrawn", ["withdrawn-employer"], []),
    ],
)
async def test_the_end_of_a_booking_nobody_was_told_of_is_not_its_cancellation(
    scene: Scene, end: str, employer_hears: list[str], learner_hears: list[str]
) -> None:
    """The mail server was away when both had said yes, and came back when it was over."""
    sent = await gone(scene)
    await say(scene, sent.employer, **SLOTS, answer_1="yes")
    mail_server_away(sent)
    await say(scene, sent.learner(), answer="yes")
    if end == "employer-no":
        await say(scene, sent.employer, answer_1="no")
    elif end == "learner-no":
        await say(scene, sent.learner(), answer="no")
    else:
        await scene.hear(withdrawal(sent.event))
    scene.clock.move(days=1)
    await scene.send_all()
    assert sides(sent) == ([], [])
    states = await scene.states()
    assert states["booking-employer"] == states["booking-learner"] == "dropped"
    went = {name for name, state in states.items() if state == "sent"}
    assert went == {"shortlist", "invitation", *employer_hears, *learner_hears}


async def test_a_booking_moved_before_anybody_was_told_is_told_as_new(scene: Scene) -> None:
    sent = await gone(scene)
    await say(scene, sent.employer, **SLOTS, answer_1="yes")
    mail_server_away(sent)
    await say(scene, sent.learner(), answer="yes")
    await say(scene, sent.learner(), answer="yes", slot=SECOND.isoformat())
    letter = scene.fake.to(learner_address(sent.event.matches[0].learner_id))[-1]
    assert "Good news" in letter.text
    assert "has moved" not in letter.text


async def test_a_letter_that_waited_until_it_was_untrue_is_dropped(scene: Scene) -> None:
    """The learner left, came back and was sent again, all while the mail server was away."""
    sent = await gone(scene)
    learner = learner_address(sent.event.matches[0].learner_id)
    scene.fake.fail(learner, "451 4.3.0 Try later")
    await say(scene, sent.employer, answer_1="no")
    again = sent.event.model_copy(
        update={"event_id": uuid4(), "occurred_at": sent.event.occurred_at + timedelta(hours=3)}
    )
    await scene.hear(again)
    scene.clock.move(days=1)
    await scene.send_all()
    assert ["Would you like this interview?" in one.text for one in scene.fake.to(learner)] == [
        True,
        True,
    ]
    assert (await scene.states())["not-this-time"] == "dropped"


async def test_a_learner_is_never_in_two_places_at_once(scene: Scene) -> None:
    """Two coordinators approved the same learner, and both employers took the times as they are."""
    sent = await both_said_yes(scene)
    same = sent.event.matches[0].learner_id
    other = Sent(scene, shortlist(match(learner_id=same)))
    await scene.know(other.event)
    await scene.hear(other.event)
    await scene.send_all()
    await say(scene, other.employer, **SLOTS, answer_1="yes")
    link = scene.fake.to(learner_address(same))[-1].link
    async with scene.browser() as browser:
        page = (await browser.get(link)).text
    assert SECOND.isoformat() in page
    assert FIRST.isoformat() not in page
    await say(scene, link, answer="yes")
    booked = [one.starts_at for one in await scene.posted() if isinstance(one, InterviewBooked)]
    assert booked == [FIRST, SECOND]
