"""Words for skills that nobody knows: listed, decided, and not repeated where they would stay."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.review import make
from tests.review.world import World


async def test_one_row_leads_to_the_words_and_each_can_be_decided(world: World) -> None:
    """Intake hears who decided what; the log keeps the decision and not the word."""
    word = uuid4()
    world.services.words += [make.word(word), make.word(uuid4(), "Vibes", learner=7)]
    browser = await world.coordinator()
    work = await browser.get("/")
    assert "Words for skills that nobody knows 2 words wait" in work.words
    listed = await browser.get("/words")
    for words in ("Stick work", "2 adverts", "Fewer than 5 learners", "Perhaps Welding"):
        assert words in listed.words
    assert "7 learners" in listed.words
    page = await browser.get(f"/words/{word}")
    assert "71 of 100 alike" in page.words
    after = await browser.send(page, "word-form", meaning="map:welding")
    assert "Stick work" not in after.words
    (ruled,) = world.services.ruled
    assert ruled.pop("account").startswith("coordinator-")
    assert ruled == {"word": "stick work", "skill": "welding", "label": None}
    log = await browser.get("/log")
    assert "Word for a skill decided" in log.words
    assert "stick" not in log.answer.text.casefold()
    assert (await browser.get(f"/words/{word}")).status == 404


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ({"meaning": "other", "skill": "patience"}, {"skill": "patience", "label": None}),
        ({"meaning": "new", "label": "Arc work"}, {"skill": None, "label": "Arc work"}),
        ({"meaning": "ignore", "skill": "patience"}, {"skill": None, "label": None}),
    ],
)
async def test_a_word_may_mean_another_skill_a_new_one_or_none(
    world: World, said: dict[str, str], heard: dict[str, Any]
) -> None:
    word = uuid4()
    world.services.words.append(make.word(word))
    browser = await world.coordinator()
    await browser.send(await browser.get(f"/words/{word}"), "word-form", **said)
    (ruled,) = world.services.ruled
    assert {name: ruled[name] for name in ("skill", "label")} == heard


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({}, "Choose what the word means"),
        ({"meaning": "other"}, "Choose the skill it means"),
        ({"meaning": "new"}, "Enter the new skill's name"),
        ({"meaning": "perhaps"}, "Choose what the word means"),
    ],
)
async def test_a_decision_that_says_too_little_is_asked_again(
    world: World, said: dict[str, str], words: str
) -> None:
    word = uuid4()
    world.services.words.append(make.word(word))
    browser = await world.coordinator()
    answer = await browser.send(await browser.get(f"/words/{word}"), "word-form", **said)
    assert answer.status == 422
    assert words in answer.words
    assert world.services.ruled == []


async def test_what_intake_refuses_is_said_in_its_words(world: World) -> None:
    word = uuid4()
    world.services.words.append(make.word(word))
    world.services.refusal = "there is a skill of that name"
    browser = await world.coordinator()
    page = await browser.get(f"/words/{word}")
    answer = await browser.send(page, "word-form", meaning="new", label="Patience")
    assert (answer.status, "There is a skill of that name" in answer.words) == (422, True)


@pytest.mark.parametrize("path", ["/words", f"/words/{UUID(int=7)}"])
async def test_the_pages_say_so_while_intake_is_away(world: World, path: str) -> None:
    browser = await world.coordinator()
    world.services.away = True
    page = await browser.get(path)
    assert (page.status, "Intake gives no answer" in page.words) == (200, True)
