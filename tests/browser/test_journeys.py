"""A coordinator's work without scripts, and without a mouse."""

from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Page

from tests.browser.pressing import press
from tests.browser.served import Served
from tests.review import make

pytestmark = pytest.mark.browser


@pytest.fixture
def shortlist(served: Served) -> tuple[UUID, list[UUID]]:
    """Three places, two reserves, five learners nobody has decided on."""
    vacancy = uuid4()
    learners = [uuid4() for _ in range(5)]
    served.run(
        served.world.take(
            make.pledged(vacancy, interviews=3), make.proposed(vacancy, learners[:3], learners[3:])
        )
    )
    return vacancy, [make.match_id(vacancy, learner) for learner in learners]


def sign_in(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Coordinator B").check()
    press(page, "Sign in")


def posted(served: Served) -> list[str]:
    """The kinds of event in the outbox."""
    return [type(event).__name__ for event in served.run(served.world.posted())]


def test_everything_can_be_decided_with_scripts_off(
    plain_page: Page, served: Served, shortlist: tuple[UUID, list[UUID]]
) -> None:
    """Approve, undo, approve one, hold, refuse, move a reserve up, take back; then letters go."""
    page, (vacancy, matches) = plain_page, shortlist
    at = f"/shortlists/{vacancy}"
    sign_in(page)
    page.get_by_role("link", name="Lean manufacturing operative apprentice").click()
    page.locator(f"input[value='{matches[0]}']").check()
    page.locator(f"input[value='{matches[1]}']").check()
    press(page, "Approve the ticked learners")
    press(page, "Approve")
    assert "2 learners going out at 09:15" in page.inner_text("main")
    press(page, "Undo all 2")
    assert "going out" not in page.inner_text("main")

    page.goto(f"{at}/matches/{matches[0]}")
    press(page, "Approve")
    page.goto(f"{at}/matches/{matches[1]}/hold")
    page.get_by_label("I want a colleague's view").check()
    page.get_by_label("Thursday 26 November").check()
    press(page, "Hold")
    page.goto(f"{at}/matches/{matches[2]}/reject")
    page.get_by_label("The journey cannot work").check()
    press(page, "Refuse")
    assert "1 learner no longer on the list" in page.inner_text("main")
    page.goto(f"{at}/matches/{matches[2]}")
    press(page, "Take the decision back")

    card = page.locator(".p2a-card", has=page.locator(f"a[href*='{matches[3]}']")).first
    card.get_by_role("link", name="Move up").click()
    assert page.get_by_label("New place").input_value() == "3"
    page.get_by_label("Fits something the employer told us").check()
    press(page, "Move")
    assert posted(served) == [
        "MatchApproved",
        "MatchApproved",
        "MatchHeld",
        "MatchHeld",
        "MatchApproved",
        "MatchHeld",
        "MatchRejected",
        "MatchHeld",
        "MatchMoved",
    ]
    served.world.clock.move(minutes=16)
    served.run(served.world.sending.send_one())
    page.reload()
    assert "Letters sent" in page.inner_text("main")


def test_the_keyboard_alone_is_enough(
    page: Page, served: Served, shortlist: tuple[UUID, list[UUID]]
) -> None:
    """Skip link, tick with the space bar, confirm with Enter: no mouse anywhere."""
    vacancy, matches = shortlist
    page.goto("/")
    tab_to(page, "input[name=account]")
    page.keyboard.press("Space")
    tab_to(page, "#sign-in-form button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "Skip to main content"
    page.keyboard.press("Enter")
    tab_to(page, f"a[href='/shortlists/{vacancy}']")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/shortlists/{vacancy}")
    tab_to(page, f"input[value='{matches[1]}']")
    page.keyboard.press("Space")
    tab_to(page, "#approve-form button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/approve**")
    tab_to(page, "#confirm-form button")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/shortlists/{vacancy}")
    assert posted(served) == ["MatchApproved"]


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until *selector* has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("what => document.activeElement.matches(what)", selector):
            return
    pytest.fail(f"Tab never reaches {selector}")
