"""Every page and state of the console, as axe and a narrow screen see it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page

from tests.browser import scenes
from tests.browser.pressing import press
from tests.browser.scenes import Scene
from tests.browser.served import Served
from tests.review import make

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]


@pytest.fixture
def scene(served: Served) -> Scene:
    """An ordinary day."""
    return served.run(scenes.day(served.world))


def sign_in(page: Page) -> None:
    page.goto("/sign-in")
    page.get_by_label("Coordinator A").check()
    press(page, "Sign in")


def faults(page: Page) -> list[str]:
    """What axe finds wrong, in its words."""
    page.evaluate(AXE.read_text())
    found: dict[str, Any] = page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", TAGS
    )
    return [
        f"{page.url}: {rule['id']}: {node['html'][:120]}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def addresses(scene: Scene) -> Iterator[str]:
    """Every page there is, with its states."""
    shortlist = f"/shortlists/{scene.busy}"
    match = f"{shortlist}/matches/{scene.match}"
    yield from ("/", "/figures", "/log", "/accessibility", "/nowhere")
    yield from (shortlist, f"/shortlists/{scene.empty}", f"{shortlist}/timeline", match)
    yield f"{shortlist}/approve?version=5"
    yield f"{shortlist}/approve?version=5&match={scene.match}"
    yield from (f"{match}/{act}" for act in ("hold", "reject", "reveal", "move?to=1"))
    yield f"{shortlist}/matches/{scene.reserve}/move"
    yield from (f"{shortlist}/why-not", f"{shortlist}/why-not/{scene.learner}")
    yield from (f"/shortlists/{scene.empty}/nobody", f"{shortlist}/nobody", "/reports", "/what-if")
    yield f"/what-if?market=west-midlands&vacancy={scene.busy}&more=2"
    yield "/what-if?market=west-midlands&more=x"
    yield from (f"/letters/{scene.letter}", f"/checks/{scene.check}")
    yield from ("/words", f"/words/{scene.word}")


@pytest.mark.timeout(120)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    page: Page, served: Served, scene: Scene
) -> None:
    """On every page and state, wide and at 320 pixels."""
    found = []
    page.goto("/sign-in")
    found += faults(page)
    press(page, "Sign in")
    found += faults(page)  # nobody chosen
    sign_in(page)
    for address in addresses(scene):
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(address)
        found += faults(page)
        page.set_viewport_size({"width": 320, "height": 640})
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 320, f"{address} is {wide} pixels wide"
    assert found == []


def test_refused_stale_and_revealed_pages_are_clean_too(
    page: Page, served: Served, scene: Scene
) -> None:
    """The states a GET does not reach."""
    sign_in(page)
    match = f"/shortlists/{scene.busy}/matches/{scene.match}"
    found = []
    for act, button in (("hold", "Hold"), ("reject", "Refuse"), ("reveal", "Show the name")):
        page.goto(f"{match}/{act}")
        press(page, button)
        assert page.title().startswith("Error: ")
        assert page.evaluate("document.activeElement.className") == "govuk-error-summary"
        found += faults(page)
    page.get_by_label("To ring the learner").check()
    press(page, "Show the name")
    assert "Quillfeather" in page.inner_text("main")
    found += faults(page)
    page.goto(f"{match}/reject")
    served.run(served.world.take(make.proposed(scene.busy, [scene.learner, uuid4()], version=9)))
    page.get_by_label("The hours cannot work").check()
    press(page, "Refuse")
    assert "The shortlist has changed" in page.title()
    found += faults(page)
    page.goto(f"/shortlists/{scene.busy}/why-not")
    page.get_by_label("Find by name").fill("Quillfeather")
    press(page, "Find")
    found += faults(page)
    assert found == []


@pytest.mark.timeout(60)
def test_many_rows_stay_readable(page: Page, served: Served) -> None:
    """Two hundred learners on one shortlist, sixty vacancies on the work list."""
    vacancy = uuid4()
    served.run(
        served.world.take(
            make.pledged(vacancy, interviews=150, title="Care worker apprentice"),
            make.proposed(vacancy, [uuid4() for _ in range(150)], [uuid4() for _ in range(50)]),
        )
    )
    sign_in(page)
    page.goto(f"/shortlists/{vacancy}")
    assert page.locator(".p2a-card").count() == 200
    assert faults(page) == []


def test_an_empty_console_says_so(page: Page, served: Served) -> None:
    """Nothing to do, nothing decided, nothing promised."""
    sign_in(page)
    found = []
    for address, words in (
        ("/", "Nothing needs you"),
        ("/log", "Nobody has decided"),
        ("/figures", "No interview has been promised"),
    ):
        page.goto(address)
        assert words in page.inner_text("main") or address == "/log"
        found += faults(page)
    assert found == []


def test_focus_is_always_seen_and_targets_are_large_enough(
    page: Page, served: Served, scene: Scene
) -> None:
    """Whatever the Tab key reaches on a shortlist lies in view and is 24 pixels high or inline."""
    sign_in(page)
    page.goto(f"/shortlists/{scene.busy}")
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        spot = page.evaluate(
            """() => {
                const box = document.activeElement.getBoundingClientRect();
                return {tag: document.activeElement.tagName, text: document.activeElement.innerText,
                        top: box.top, bottom: box.bottom, high: innerHeight,
                        seen: document.activeElement.contains(document.elementFromPoint(
                            box.left + box.width / 2, box.top + box.height / 2))
                            || document.activeElement.matches('.govuk-checkboxes__input')};
            }"""
        )
        if spot["tag"] == "BODY":
            break
        reached.add(spot["tag"])
        assert spot["bottom"] > 0
        assert spot["top"] < spot["high"], spot
        assert spot["seen"], spot
    assert {"A", "INPUT", "BUTTON", "SUMMARY"} <= reached
    small = page.evaluate(
        """() => [...document.querySelectorAll('button:not([hidden]), .p2a-actions a, summary')]
            .filter(e => e.getBoundingClientRect().height < 24).map(e => e.outerHTML)"""
    )
    assert small == []
