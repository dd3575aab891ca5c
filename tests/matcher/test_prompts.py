"""What is asked beside a match: conditions, wishes, adjustments. It moves nothing."""

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from schemas.learner import Attainment
from schemas.match import Match
from schemas.vacancy import Asked
from services.matcher.market import Outcome
from services.matcher.prior import fitted
from services.matcher.prompts import prompts
from services.matcher.proposal import propose
from services.matcher.rules import Rules
from tests.matcher.cohorts import cohort, learner, vacancy

HOLDS_1 = Attainment(held=1)
DUE = Attainment(held=1, towards=2, due=date(2027, 1, 10))
ASKS = Asked(level=2)


@pytest.mark.parametrize(
    ("own", "asked", "kind"),
    [
        (DUE, ASKS, "conditional"),
        (DUE, Asked(level=2, essential=True), "conditional"),
        # on the day the work starts is not before it
        (Attainment(held=1, towards=2, due=date(2027, 1, 11)), ASKS, "preference"),
        (Attainment(held=0, towards=1, due=date(2026, 12, 1)), ASKS, "preference"),
        (HOLDS_1, ASKS, "preference"),
        (Attainment(held=2), ASKS, None),
        (Attainment(), ASKS, None),
        (None, ASKS, None),
        (HOLDS_1, None, None),
    ],
)
def test_a_level_worked_towards_makes_a_match_conditional(
    own: Attainment | None, asked: Asked | None, kind: str | None
) -> None:
    found = prompts(learner(maths=own), vacancy(maths=asked))
    assert [prompt.kind for prompt in found] == ([kind] if kind else [])


def test_a_condition_is_said_in_words_with_its_day() -> None:
    (said,) = prompts(learner(english=DUE), vacancy(english=ASKS))
    assert said.words == (
        "Conditional: English level 2 is due on 10 January 2027, "
        "before the work starts on 11 January 2027"
    )
    (wish,) = prompts(learner(maths=HOLDS_1), vacancy(maths=Asked(level=2, essential=True)))
    assert wish.words == "Holds maths level 1; the employer calls essential level 2"


def test_an_adjustment_not_offered_is_asked_for_and_one_offered_is_not() -> None:
    row = learner(adjustments=("bsl-interpreter", "step-free-access"))
    (said,) = prompts(row, vacancy(adjustments=("step-free-access",)))
    assert said.kind == "adjustment"
    assert said.words == "Ask the employer whether this can be arranged: bsl interpreter"


FACTS: list[dict[str, Any]] = [
    {"adjustments": ("bsl-interpreter", "step-free-access")},
    {"english": HOLDS_1, "maths": DUE},
]


def lines(outcome: Outcome) -> list[Match]:
    return [m for each in outcome.shortlists for m in (*each.matches, *each.reserves)]


@pytest.mark.parametrize("facts", FACTS)
def test_whatever_is_asked_moves_no_score_no_place_and_no_order(facts: dict[str, Any]) -> None:
    """Half of the people get the fact; all is as before but for what is to be asked."""
    market, model, rules = cohort(21, 30, 12), fitted(), Rules.load()
    wishes = {"english": ASKS, "maths": Asked(level=2, essential=True)}
    asking = tuple(
        replace(row, profile=row.profile.model_copy(update=wishes)) for row in market.vacancies
    )
    plain = replace(market, vacancies=asking)
    some = tuple(
        replace(row, profile=row.profile.model_copy(update=facts if at % 2 else {}))
        for at, row in enumerate(market.learners)
    )

    before = propose(plain, model, rules)
    after = propose(replace(plain, learners=some), model, rules)

    assert np.array_equal(before.judgement.scores, after.judgement.scores)
    assert np.array_equal(before.judgement.rule, after.judgement.rule)
    told = [match.model_copy(update={"prompts": ()}) for match in lines(after)]
    assert told == lines(before)
    assert any(match.prompts for match in lines(after))
