"""What the reply pages ask, refuse, and show to whom."""

import httpx
import pytest
from lxml import html

from schemas.interview import EmployerDeclined, InterviewBooked, LearnerDeclined
from tests.notifier.scene import Scene, kinds, learner_address
from tests.notifier.sent import SLOTS, gone


async def test_a_forgotten_answer_is_asked_for_beside_its_field(scene: Scene) -> None:
    sent = await gone(scene)
    async with scene.browser() as browser:
        for link, field in ((sent.learner(), "answer"), (sent.employer, "answer-1")):
            page = await browser.post(link, data={})
            assert page.status_code == 422
            tree = html.fromstring(page.text)
            assert tree.xpath(f"//a[@href='#{field}']")
            assert tree.xpath(f"//input[@id='{field}']")
            assert "Error: " in tree.xpath("string(//title)")
    assert kinds(await scene.posted()) == []


@pytest.mark.parametrize(
    ("slots", "words"),
    [
        ({}, "Give at least one time"),
        ({"slot-1": "2026-09-01T10:00"}, "That time is past"),
        ({"slot-1": "next Tuesday"}, "Give a day and a time"),
        ({"slot-1": "2027-03-28T01:30"}, "The clocks go forward"),
        ({"slot-1": "2026-09-10T10:00"}, "You said yes to 2 and gave 1 time"),
        ({"slot-1": "2026-09-10T10:00", "slot-2": "2026-09-10T10:00"}, "gave 1 time"),
    ],
)
async def test_times_that_do_not_do_are_refused_and_entries_kept(
    scene: Scene, slots: dict[str, str], words: str
) -> None:
    sent = await gone(scene, 2)
    async with scene.browser() as browser:
        page = await browser.post(
            sent.employer, data={"answer-1": "yes", "answer-2": "yes"} | slots
        )
    assert page.status_code == 422
    assert words in page.text
    tree = html.fromstring(page.text)
    assert tree.xpath("//input[@name='answer-2' and @value='yes' and @checked]")
    for name, value in slots.items():
        assert tree.xpath(f"//input[@name='{name}']/@value") == [value]
    assert kinds(await scene.posted()) == []


async def test_the_simple_case_shows_at_most_five_inputs(scene: Scene) -> None:
    sent = await gone(scene)
    async with scene.browser() as browser:
        for link in (sent.employer, sent.learner()):
            tree = html.fromstring((await browser.get(link)).text)
            shown = [
                field
                for field in tree.xpath("//input | //select | //textarea")
                if not field.xpath("ancestor::details")
            ]
            assert len(shown) <= 5
            assert not tree.xpath("//script")


async def test_an_employer_may_take_the_times_as_they_are(scene: Scene) -> None:
    """The form as it comes, with only a yes ticked."""
    sent = await gone(scene)
    async with scene.browser() as browser:
        form = html.fromstring((await browser.get(sent.employer)).text).forms[0]
        filled = dict(form.form_values()) | {"answer-1": "yes"}
        assert (await browser.post(sent.employer, data=filled)).status_code == 200
    (accepted,) = [one for one in await scene.posted() if kinds([one])]
    assert [slot.isoformat() for slot in accepted.slots] == [
        "2026-09-10T09:00:00+00:00",
        "2026-09-11T13:00:00+00:00",
        "2026-09-14T09:00:00+00:00",
    ]


async def page_words(browser: httpx.AsyncClient, link: str) -> str:
    return " ".join(html.fromstring((await browser.get(link)).text).text_content().split())


async def test_a_name_is_shown_after_the_yes_and_contacts_after_the_booking(scene: Scene) -> None:
    sent = await gone(scene)
    async with scene.browser() as browser:
        words = await page_words(browser, sent.employer)
        assert "Aisha" not in words
        assert "07700" not in words
        await browser.post(sent.employer, data=SLOTS | {"answer-1": "yes"})
        words = await page_words(browser, sent.employer)
        assert "Aisha" in words
        assert "07700" not in words
        await browser.post(sent.learner(), data={"answer": "yes"})
        words = await page_words(browser, sent.employer)
        assert "07700 900000" in words
        assert learner_address(sent.event.matches[0].learner_id) in words
        assert "Testington" not in words
        await browser.post(sent.learner(), data={"answer": "no"})
        words = await page_words(browser, sent.employer)
        assert "Aisha" not in words
        assert "07700" not in words


async def test_reasons_and_consent_are_in_the_facts_as_keys(scene: Scene) -> None:
    sent = await gone(scene, 3)
    async with scene.browser() as browser:
        await browser.post(
            sent.employer,
            data={"answer-1": "no", "reason-1": "skills", "share-1": "yes", "answer-2": "no"},
        )
        await browser.post(sent.learner(2), data={"answer": "no", "reason": "<made up>"})
    facts = [one for one in await scene.posted() if kinds([one])]
    first, second, last = facts
    assert isinstance(first, EmployerDeclined)
    assert isinstance(second, EmployerDeclined)
    assert isinstance(last, LearnerDeclined)
    assert (first.reason, first.may_share_reason) == ("skills", True)
    assert (second.reason, second.may_share_reason) == ("not-said", False)
    assert last.reason == "not-said"


async def test_ten_learners_can_be_met_with_the_times_as_they_are(scene: Scene) -> None:
    sent = await gone(scene, 10)
    async with scene.browser() as browser:
        form = html.fromstring((await browser.get(sent.employer)).text).forms[0]
        times = dict(form.form_values())
        answers = {f"answer-{number}": "yes" for number in range(1, 11)}
        assert (await browser.post(sent.employer, data=times | answers)).status_code == 200
        for place in range(10):
            await browser.post(sent.learner(place), data={"answer": "yes"})
    booked = [one.starts_at for one in await scene.posted() if isinstance(one, InterviewBooked)]
    assert len(set(booked)) == 10
