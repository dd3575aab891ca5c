"""The pages that say why, what would help, and what a change would do."""

from uuid import UUID, uuid4

import pytest

from services.review import labels
from tests.review import insight, make
from tests.review.insight import MARKET
from tests.review.world import Page, World

VACANCY, EMPTY, LEARNER = uuid4(), uuid4(), uuid4()


@pytest.fixture
async def said(world: World) -> World:
    """A console whose matcher knows a market with two vacancies."""
    await world.take(
        make.pledged(VACANCY, title="Care worker apprentice"),
        make.pledged(EMPTY, title="Welder apprentice"),
        make.proposed(VACANCY, [uuid4()]),
        make.proposed(EMPTY, []),
    )
    insight.market(world.services, VACANCY, LEARNER, EMPTY)
    return world


def rows(page: Page) -> set[str]:
    """The lines of the page's tables."""
    return {
        ": ".join(" ".join(cell.text_content().split()) for cell in row)
        for row in page.tree.xpath("//tbody/tr")
    }


async def test_the_answer_tells_what_would_change_it_and_who_would_lose(said: World) -> None:
    page = await (await said.coordinator()).get(f"/shortlists/{VACANCY}/why-not/{LEARNER}")
    assert "Travels 13 miles, 3 miles more" in page.words
    assert "A rule given up for everybody: too far to travel" in page.words
    tried = "works other hours, shows a skill asked for, has the English or maths asked for"
    assert f"Tried without success: {tried}" in page.words
    swap = page.tree.get_element_by_id("swap").text_content()
    assert "takes a place on Care worker apprentice" in swap
    assert "loses the place on Care worker apprentice and has no other" in swap
    assert "As many learners as now have a place: 40." in page.words
    assert "12.5 miles away: against" in page.words


async def test_without_the_longer_answer_the_short_one_stands(said: World) -> None:
    """The matcher may take longer than a page waits."""
    for status in (503, 500, 404):
        said.services.said[f"vacancies/{VACANCY}/learners/{LEARNER}/explanation"] = status
        page = await (await said.coordinator()).get(f"/shortlists/{VACANCY}/why-not/{LEARNER}")
        assert (page.status, "What would change this" in page.words) == (200, False)
        assert "The workplace is further than the learner can travel" in page.words


async def test_an_empty_shortlist_says_why_and_where_completers_are(said: World) -> None:
    """None here, four in Engineering."""
    browser = await said.coordinator()
    shortlist = await browser.get(f"/shortlists/{EMPTY}")
    assert shortlist.tree.xpath(f"//a[@href='/shortlists/{EMPTY}/nobody']")
    page = await browser.get(f"/shortlists/{EMPTY}/nobody")
    answer = page.tree.get_element_by_id("answer").text_content()
    assert "Care services: 0, 5 in Digital, 4 in Engineering" in " ".join(answer.split())
    assert "9 learners can between them reach only 2 places, on 2 vacancies" in page.words
    assert "Too far to travel: 6" in rows(page)


async def test_reports_show_tables_without_small_groups(said: World) -> None:
    page = await (await said.coordinator()).get("/reports")
    assert {"Travels further: 9", "Is free sooner: Too few to show", "January 2027: 19"} <= rows(
        page
    )
    assert "Lack something the vacancy must have: 7" in rows(page)
    assert "No single change would12" in page.words


async def test_a_report_that_is_being_worked_out_says_so(said: World) -> None:
    browser = await said.coordinator()
    said.services.said[f"markets/{MARKET}/unlock"] = 503
    page = await browser.get("/reports")
    assert "is working this out" in page.words
    assert "Kept out by one rule alone" in page.words
    said.services.away = True
    assert "cannot be asked just now" in (await browser.get("/reports")).words


async def test_a_preview_shows_who_enters_and_who_leaves(said: World) -> None:
    """What is filled in is asked, and nothing is posted."""
    browser = await said.coordinator()
    form = await browser.get("/what-if")
    page = await browser.send(form, "what-if-form", vacancy=str(VACANCY), more="2",
                              feature="distance", times="0.5")  # fmt: skip
    assert said.services.changes == [
        {"change": "interviews", "vacancy_id": str(VACANCY), "more": 2},
        {"change": "weight", "feature": "distance", "times": 0.5},
    ]
    changes = page.tree.get_element_by_id("shortlists").text_content()
    assert f"Care worker apprentice: {labels.alias(LEARNER)} enters; " in " ".join(changes.split())
    assert "Completers with an interview: 59 of 90: 61 of 90" in rows(page)
    assert await said.posted() == []


async def test_a_preview_shows_whom_it_serves_by_route_without_small_groups(said: World) -> None:
    page = await (await said.coordinator()).get("/what-if", market=MARKET, rule="travel-reach")
    assert {
        "Digital: 10 of 24 (42%): 12 of 24 (50%)",
        "Care services: Too few to show: Too few to show",
    } <= rows(page)
    assert "fewer than 5 people" in page.words


async def test_a_limit_and_a_day_of_a_rule_can_be_tried(said: World) -> None:
    """Limits are offered with what they are now; of rules that are law none is."""
    browser = await said.coordinator()
    form = await browser.get("/what-if")
    options = {
        option.get("value"): option.text_content().strip()
        for option in form.tree.xpath("//select[@name='limit']/option")
    }
    assert options == {
        "": "No change",
        "travel-reach.usual_miles": "Too far to travel: usual miles, now 35",
        "travel-reach.from": "Too far to travel: only from a day on",
        "travel-reach.until": "Too far to travel: no longer from a day on",
        "essential-needs.from": "Lack something the vacancy must have: only from a day on",
        "essential-needs.until": "Lack something the vacancy must have: no longer from a day on",
    }
    page = await browser.send(form, "what-if-form", limit="travel-reach.usual_miles", value="20")
    asked = {"change": "rule-limit", "rule": "travel-reach", "name": "usual_miles", "value": "20"}
    assert said.services.changes == [asked]
    assert page.tree.xpath("//option[@value='travel-reach.usual_miles'][@selected]")
    said.services.said[f"markets/{MARKET}/what-if"] = 422
    page = await browser.send(form, "what-if-form", limit="travel-reach.until", value="31/12/2026")
    assert (page.status, "no such thing" in page.words) == (422, True)
    assert page.tree.xpath("//*[@id='value-error']")


async def test_a_change_that_cannot_be_is_said_in_words(said: World) -> None:
    browser = await said.coordinator()
    for entries, words in (
        ({"market": MARKET}, "Fill in at least one of the changes"),
        ({"market": MARKET, "vacancy": str(VACANCY), "more": "many"}, "as a whole number"),
        ({"market": MARKET, "feature": "distance", "times": "11"}, "from 0 to 10"),
    ):
        page = await browser.get("/what-if", **entries)
        assert (page.status, words in page.words) == (422, True)
    said.services.said[f"markets/{MARKET}/what-if"] = 422
    page = await browser.get("/what-if", market=MARKET, rule="travel-reach")
    assert (page.status, "no such thing" in page.words) == (422, True)


async def test_unknown_vacancies_and_markets_say_so(said: World) -> None:
    browser = await said.coordinator()
    assert (await browser.get(f"/shortlists/{UUID(int=4)}/nobody")).status == 404
    page = await browser.get(f"/shortlists/{VACANCY}/nobody")
    assert "has not ranked anybody here yet" in page.words
