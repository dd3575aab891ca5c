"""What the model card says where something is missing, or wrong."""

from dataclasses import replace
from typing import Any

import pytest

from services.matcher.card import card
from services.matcher.cardtext import markdown
from services.matcher.fitting import fit
from services.matcher.lessons import Lessons
from services.matcher.never import Flipped
from tests.matcher.world import lived

FLIPPED = Flipped(pairs=1200, moved={"place": 0, "age": 0})
EXPERTS_ALONE = "These weights are what experts expect. No outcome has changed them."


def facts(lessons: Lessons, flipped: Flipped | None = FLIPPED, **how: Any) -> dict[str, Any]:
    return card(fit(lessons, **how), flipped, made_on="2026-11-28")


@pytest.fixture(scope="module")
def learnt() -> dict[str, Any]:
    return facts(lived(240))


def test_who_learnt_says_from_how_many_and_how_many_were_held_back(learnt: dict[str, Any]) -> None:
    said = markdown(learnt)
    assert "learnt from 180 of the 240 interviews whose outcome is known" in said
    assert "The 60 latest were held back to check it" in said
    assert "for 17 vacancies. Of every 100 learners among the first three" in said
    assert "may be chance" not in said.partition("## How good the order is")[2].partition("##")[0]
    assert EXPERTS_ALONE not in said
    assert "this model keeps" not in said.lower()


def test_who_learnt_nothing_says_so_first_and_shows_what_experts_expect() -> None:
    found = facts(lived(240, shuffled=True))
    said = markdown(found)
    why = found["calibration"]["fallback"]
    assert f"learnt nothing from the 240 interviews whose outcome is known: {why}. " in said
    assert EXPERTS_ALONE in said
    assert "This model keeps to the order of experts." in said
    assert "may be chance" in said
    assert "The scores are those of experts alone." in said


def test_too_few_outcomes_say_nothing_of_the_order() -> None:
    said = markdown(facts(lived(30)))
    assert "too few to check whether its scores come true" in said
    assert "needs 40 there, 8 with a start and 8 without at least" in said
    assert "Not known yet: it takes 10 vacancies" in said
    assert "among the first three for a vacancy" not in said
    one_day = lived(2)
    assert "1 learner, 1 employer, 1 vacancy; the letters left on one day." in markdown(
        facts(one_day, measured=False)
    )


def test_outcomes_under_other_names_and_of_no_sector_are_told() -> None:
    lessons = lived(30)
    sector = lessons.outcomes.sector.copy()
    sector[:4] = 0
    some = replace(lessons, outcomes=replace(lessons.outcomes, sectors=sector), unread=2)
    said = markdown(facts(some, measured=False))
    assert "Not used: 2 interviews whose outcome was recorded as something other" in said
    assert "Interviews for work of no known sector: 4." in said


def test_a_fact_that_moves_scores_is_told_first(learnt: dict[str, Any]) -> None:
    never = learnt["never"] | {"holds": False, "flipped": [{"fact": "age", "moved": 3}]}
    said = markdown(learnt | {"never": never})
    assert said.index("Do not activate it") < said.index("## What it is not for")
    assert "| age | 3 |" in said
    assert "No score moved: place, age." in markdown(learnt)
    assert "on 1,200 pairs" in markdown(learnt)
    assert "there was nobody to try on" in markdown(facts(lived(30), None, measured=False))


def test_sectors_with_most_interviews_come_first(learnt: dict[str, Any]) -> None:
    table = markdown(learnt).partition("## Sectors")[2].partition("##")[0]
    rows = [line.split("|") for line in table.splitlines() if line.startswith("| ")]
    counts = [int(cells[2]) for cells in rows[1:]]
    assert counts == sorted(counts, reverse=True)
