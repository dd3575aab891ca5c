"""A challenger in the shadow: what it would change, in figures alone."""

import numpy as np

from services.matcher.experts import EXPERT, Experts
from services.matcher.judgement import judge
from services.matcher.prior import fitted
from services.matcher.rules import Rules
from services.matcher.shadow import agreement
from tests.matcher.cohorts import cohort

MODEL, RULES = fitted(), Rules.load()
CONTRARY = fitted(experts=Experts(weights={n: -w for n, w in EXPERT.items()}, opinions={}))


def test_the_model_agrees_with_itself() -> None:
    inputs = cohort(1, 40, 12)
    made = judge(inputs, MODEL, RULES)
    figures = agreement(inputs, made.scores, MODEL)
    assert (figures["same_first"], figures["swapped"], figures["left_out"]) == (1, 0, 0)
    assert figures["mean"] == figures["challenger_mean"]
    assert figures["pairs"] == (made.rule == 0).sum()


def test_one_that_thinks_the_opposite_turns_every_order_round() -> None:
    inputs = cohort(1, 40, 12)
    made = judge(inputs, MODEL, RULES)
    figures = agreement(inputs, made.scores, CONTRARY)
    assert figures["same_first"] == 0
    assert figures["swapped"] > 0.8
    assert figures["left_out"] > 0
    assert figures["vacancies"] == 12


def test_a_market_without_eligible_pairs_has_no_figures() -> None:
    inputs = cohort(1, 3, 1)
    made = judge(inputs, MODEL, RULES)
    figures = agreement(inputs, np.full_like(made.scores, -1), MODEL)
    assert (figures["pairs"], figures["mean"], figures["same_first"]) == (0, None, None)
