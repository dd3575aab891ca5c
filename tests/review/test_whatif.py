"""What if: what is half said, what was tried and who can make it, and how vacancies are called."""

from uuid import UUID, uuid4

import pytest

from services.matcher.changes import WHO
from services.review import labels
from services.review.whatif import WhatIf
from tests.review import insight, make
from tests.review.insight import MARKET
from tests.review.test_insight import rows
from tests.review.world import Page, World

VACANCY = UUID("0d8f6c1e-5b7a-4f0e-9a53-7f3b2c41d6aa")  # it is in the name of a test
BAKERY, LEARNER = uuid4(), uuid4()
CARE, CRUMB, UNNAMED = uuid4(), uuid4(), uuid4()
MORE = "Say how many interviews more the employer should pledge, or fewer"
WHAT_IF = f"markets/{MARKET}/what-if"


@pytest.fixture
async def said(world: World) -> World:
    """A market with vacancies of the same title, at employers with a name and without."""
    title = "Apprentice"
    await world.take(
        make.pledged(uuid4(), title=title, employer_id=UNNAMED, interviews=1),
        make.pledged(VACANCY, title=title, employer_id=CARE, interviews=3),
        make.pledged(BAKERY, title="Baker apprentice", employer_id=CRUMB),
        make.pledged(uuid4(), title="Apprentice baker", employer_id=CRUMB),
        make.proposed(VACANCY, [uuid4()]),
    )
    await world.employer(CARE, "Examplia Care")
    await world.employer(CRUMB, "Crumb & Sons")
    insight.market(world.services, VACANCY, LEARNER, BAKERY)
    return world


def fault(page: Page, field: str) -> str:
    """What stands at the field itself."""
    found = page.tree.xpath(f"//*[@id='{field}-error']")
    return " ".join(found[0].text_content().split()).removeprefix("Error: ") if found else ""


@pytest.mark.parametrize(
    ("entries", "field", "words"),
    [
        ({"feature": "distance"}, "times", "Say how many times Distance should count"),
        ({"times": "3"}, "feature", "Choose what should count 3 times"),
        ({"times": "1"}, "feature", "Choose what should count 1 time"),
        ({"vacancy": str(VACANCY)}, "more", MORE),
        ({"vacancy": str(VACANCY), "more": "0"}, "more", MORE),
        ({"more": "1"}, "vacancy", "Choose where 1 more interview should be pledged"),
        ({"more": "-2"}, "vacancy", "Choose where 2 fewer interviews should be pledged"),
        ({"limit": "travel-reach.usual_miles"}, "value",
         "Say what Too far to travel: usual miles should be"),
        ({"limit": "travel-reach.usual_miles", "value": "far"}, "value",
         "Write the limit as a number, such as 20"),
        ({"limit": "travel-reach.usual_miles", "value": "-1"}, "value",
         "Write the limit as a number, such as 20"),
        ({"limit": "travel-reach.until"}, "value", "Write the day like 31/12/2026"),
        ({"limit": "travel-reach.until", "value": "31/02/2026"}, "value",
         "Write the day like 31/12/2026"),
        ({"value": "20"}, "limit", "Choose which limit or day should be 20"),
        ({}, "vacancy", "Fill in at least one of the changes"),
    ],
)  # fmt: skip
async def test_a_half_filled_change_is_told_where_it_is_empty(
    said: World, entries: dict[str, str], field: str, words: str
) -> None:
    """Also beside a whole one: none is dropped, and nothing is asked of the matcher."""
    browser = await said.coordinator()
    whole = {"rule": "essential-needs"} if entries else {}
    page = await browser.get("/what-if", market=MARKET, **whole, **entries)
    assert (page.status, fault(page, field)) == (422, words)
    assert len(page.tree.xpath("//*[contains(@class, 'govuk-error-message')]")) == 1
    assert said.services.changes == []


@pytest.mark.parametrize("value", ["31/12/2026", "2026-12-31"])
async def test_a_day_is_written_as_here_or_as_in_a_file(said: World, value: str) -> None:
    browser = await said.coordinator()
    page = await browser.get("/what-if", market=MARKET, limit="travel-reach.until", value=value)
    day = {"change": "rule-limit", "rule": "travel-reach", "name": "until", "value": "2026-12-31"}
    assert said.services.changes == [day]
    heading = page.tree.get_element_by_id("preview").text_content()
    assert heading == "With: Too far to travel, the rule no longer counting from 31 December 2026"


@pytest.mark.parametrize(
    ("why", "field", "words"),
    [
        ("travel-reach.usual_miles: Input should be greater than 0", "value",
         "Input should be greater than 0"),
        ("Interviews pledged: 3; -3 leaves 0", "more", "Interviews pledged: 3; -3 leaves 0"),
        (f"no vacancy {VACANCY} is in this market", "vacancy",
         f"no vacancy {VACANCY} is in this market"),
        ("no rule in force is called essential-needs; there are travel-reach", "rule",
         "no rule in force is called essential-needs; there are travel-reach"),
        ("no feature is called distance; there are skills", "feature",
         "no feature is called distance; there are skills"),
    ],
)  # fmt: skip
def test_what_the_matcher_refuses_stands_at_the_field_it_is_about(
    why: str, field: str, words: str
) -> None:
    form = WhatIf(
        market=MARKET, vacancy=VACANCY, more=-3, rule="essential-needs",
        limit="travel-reach.usual_miles", value="20", feature="distance", times=2,
    )  # fmt: skip
    assert form.refused(why) == {field: words}


async def test_an_area_is_written_as_people_write_it(said: World) -> None:
    page = await (await said.coordinator()).get("/what-if", market=MARKET)
    assert "West Midlands" in page.tree.get_element_by_id("market").text_content()


async def test_a_refused_limit_is_told_beside_what_was_typed(said: World) -> None:
    said.services.said[WHAT_IF] = 422
    page = await (await said.coordinator()).get(
        "/what-if", market=MARKET, limit="travel-reach.usual_miles", value="20"
    )
    assert (page.status, fault(page, "value")) == (422, "no such thing")


async def test_a_result_says_what_was_tried_and_who_can_make_it(said: World) -> None:
    page = await (await said.coordinator()).get(
        "/what-if", market=MARKET, vacancy=str(VACANCY), more="1", rule="essential-needs",
        limit="travel-reach.usual_miles", value="20", feature="distance", times="2",
    )  # fmt: skip
    assert page.tree.get_element_by_id("preview").text_content() == (
        "With: 1 more interview at Examplia Care, Apprentice; the rule given up: lack something "
        "the vacancy must have; Too far to travel: usual miles 20 instead of 35; Distance "
        "counting 2 times"
    )
    assert page.tree.get_element_by_id("makers").text_content() == (
        "Nothing is changed yet: the employer can change the pledge; whoever keeps the rules file "
        "can change the rule, with a restart of the matcher; the operator can change the weight "
        "with p2a model reweigh distance=2 and then p2a model activate."
    )


async def test_only_who_can_make_the_change_is_named(said: World) -> None:
    page = await (await said.coordinator()).get(
        "/what-if", market=MARKET, vacancy=str(BAKERY), more="-1"
    )
    made = page.tree.get_element_by_id("makers").text_content()
    assert made == "Nothing is changed yet: the employer can change the pledge."
    assert "With: 1 fewer interview at Crumb & Sons, Baker apprentice" in page.words


async def test_starts_are_expected_only_where_the_weights_are_the_same(said: World) -> None:
    """Other weights mark themselves: their sum says nothing."""
    browser = await said.coordinator()
    page = await browser.get("/what-if", market=MARKET, rule="travel-reach")
    assert "Starts to be expected of these interviews: 25.1: 25.1" in rows(page)
    waited = "31.4 (of the 31 still without): 31.4 (of the 29 still without)"
    assert f"Days the others have waited, on average: {waited}" in rows(page)
    page = await browser.get("/what-if", market=MARKET, feature="distance", times="2")
    assert "Starts to be expected" not in page.words
    assert "Sum of the estimated chances" not in page.words


async def test_vacancies_are_told_apart_by_employer_and_in_their_order(said: World) -> None:
    page = await (await said.coordinator()).get("/what-if", market=MARKET, rule="travel-reach")
    options = page.tree.xpath("//select[@name='vacancy']/option")
    assert [option.text_content().strip() for option in options] == [
        "No change",
        "Apprentice baker, Crumb & Sons, 2 interviews",
        "Baker apprentice, Crumb & Sons, 2 interviews",
        "Apprentice, Examplia Care, 3 interviews",
        "Apprentice, 1 interview",
    ]
    changes = page.tree.get_element_by_id("shortlists").text_content()
    assert f"Apprentice, Examplia Care: {labels.alias(LEARNER)}" in " ".join(changes.split())


async def test_who_would_move_is_told_with_the_employers(said: World) -> None:
    """Only employers named on the page are read."""
    explained = f"vacancies/{VACANCY}/learners/{LEARNER}/explanation"
    said.services.said[explained]["swap"] |= {
        "moves": [{"learner_id": LEARNER, "leaves": BAKERY, "takes": VACANCY}],
        "placed_after": 39,
    }
    page = await (await said.coordinator()).get(f"/shortlists/{VACANCY}/why-not/{LEARNER}")
    swap = " ".join(page.tree.get_element_by_id("swap").text_content().split())
    assert "moves from Baker apprentice, Crumb & Sons to Apprentice, Examplia Care" in swap
    assert "39 learners have a place, 40 do now." in page.words
    read = await said.scalar(
        "select ids from contacts.reading where kind = 'employers' and reason = 'why-not'"
    )
    assert set(read) == {CARE, CRUMB}


def test_every_kind_of_change_has_words() -> None:
    assert set(labels.CHANGES) == set(WHO)
