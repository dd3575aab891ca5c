"""The pages behind a letter's link: for axe, for a narrow screen, without scripts or a mouse."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.served import Served
from tests.browser.test_accessible import faults
from tests.notifier.scene import PUBLIC_URL, Scene, kinds, open_scene, withdrawal
from tests.notifier.sent import SLOTS, Sent, gone

pytestmark = pytest.mark.browser
OTHER_TIME = "2026-09-09T15:30"


class Replies(Served):
    """The reply pages of a scene instead of the console."""

    async def _made(self, url: str) -> Scene:  # type: ignore[override] # it has an app and closes
        return open_scene(url)


@pytest.fixture
def replies(database: str) -> Iterator[Replies]:
    made = Replies(database)
    yield made
    made.stop()


@pytest.fixture
def sent(replies: Replies) -> Sent:
    """Letters about three learners have gone."""
    found: Sent = replies.run(gone(replies.world, 3))
    return found


def answer(replies: Replies, link: str, **fields: str) -> None:
    async def post() -> int:
        async with replies.world.browser() as browser:
            data = {name.replace("_", "-"): value for name, value in fields.items()}
            return (await browser.post(link, data=data)).status_code

    assert replies.run(post()) == 200


def here(replies: Replies, link: str) -> str:
    return link.replace(PUBLIC_URL, replies.address)


@pytest.mark.timeout(120)
def test_axe_finds_nothing_in_any_state(chromium: Browser, replies: Replies, sent: Sent) -> None:
    """New, refused, answered, booked, over, afterwards, closed: wide and at 320 pixels."""
    found: list[str] = []
    with chromium.new_context() as context:
        page = context.new_page()

        def look(*links: str) -> None:
            for link in links:
                page.set_viewport_size({"width": 1280, "height": 900})
                page.goto(here(replies, link))
                found.extend(faults(page))
                page.set_viewport_size({"width": 320, "height": 640})
                assert page.evaluate("document.documentElement.scrollWidth") <= 320, link

        look(sent.employer, sent.learner(), f"{PUBLIC_URL}/reply/none")
        for link in (sent.employer, sent.learner()):
            page.goto(here(replies, link))
            page.get_by_role("button", name="Send my answer").click()
            assert page.title().startswith("Error: ")
            found.extend(faults(page))
        answer(replies, sent.employer, **SLOTS, slot_3=OTHER_TIME, answer_1="yes", answer_2="yes")
        look(sent.employer, sent.learner(0))
        answer(replies, sent.learner(0), answer="yes")
        answer(replies, sent.learner(1), answer="no")
        replies.run(replies.world.hear(withdrawal(sent.event, 2)))
        look(f"{sent.employer}?saved=yes", *(sent.learner(place) for place in range(3)))
        replies.world.clock.at += timedelta(days=4)
        look(sent.employer, sent.learner(0))
        replies.world.clock.at += timedelta(days=60)
        look(sent.learner(1), sent.employer)
    assert found == []


def test_both_sides_answer_with_scripts_off(
    chromium: Browser, replies: Replies, sent: Sent
) -> None:
    """The employer takes one, declines two with a reason, changes a time; the learner picks it."""
    with chromium.new_context(java_script_enabled=False) as context:
        page: Page = context.new_page()
        page.goto(here(replies, sent.employer))
        for number, said in ((1, "Yes"), (2, "No")):
            group = page.get_by_role("group", name=f"Will you interview Learner {number}?")
            group.get_by_label(said, exact=True).check()
        page.get_by_text("If no: would you tell us why?").nth(1).click()
        page.locator("#reason-2").select_option("filled")
        page.get_by_label("Time 1").fill(OTHER_TIME)
        page.get_by_role("button", name="Send my answer").click()
        assert "Thank you, we have your answer" in page.inner_text("main")
        assert "Aisha" in page.inner_text("main")

        page.goto(here(replies, sent.learner(0)))
        page.get_by_label("Yes, I would").check()
        page.get_by_label("3:30pm on Wednesday 9 September 2026").check()
        page.get_by_role("button", name="Send my answer").click()
        words = page.inner_text("main")
        assert "Your interview is booked: 3:30pm on Wednesday 9 September 2026" in words
    assert kinds(replies.run(replies.world.posted())) == [
        "EmployerAccepted",
        "EmployerDeclined",
        "LearnerAccepted",
        "InterviewBooked",
    ]


def test_the_form_can_be_answered_with_the_keyboard_alone(
    chromium: Browser, replies: Replies, sent: Sent
) -> None:
    with chromium.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(here(replies, sent.learner(0)))
        page.locator("#answer").focus()
        page.keyboard.press("Space")
        page.keyboard.press("Enter")
        page.wait_for_url("**saved=yes")
        assert "You said yes" in page.inner_text("main")
