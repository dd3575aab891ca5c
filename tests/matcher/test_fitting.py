"""A fit: learns what there is to learn, and says so when there is nothing."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from services.matcher import heldout, saved
from services.matcher.calibration import Slope, calibrated, slope_of
from services.matcher.card import card
from services.matcher.cardtext import markdown
from services.matcher.cardwords import LABELS, UNITS
from services.matcher.features import FEATURES, NAMES
from services.matcher.fitting import ALL_ALIKE, NO_BETTER, NOT_FOLLOWED, Fit, fit
from services.matcher.heldout import Recipe
from services.matcher.lessons import Lessons
from services.matcher.never import Flipped, flip_test
from services.matcher.prior import fitted
from services.matcher.scorer import STEEPEST, Calibration, steepest
from tests.matcher.cohorts import cohort
from tests.matcher.world import lived

FLIPPED = Flipped(pairs=10, moved={"age": 0})


@pytest.fixture(scope="module")
def learnt() -> Fit:
    """Of 400 interviews in which skills and interest decided."""
    return fit(lived(400))


@pytest.fixture(scope="module")
def nothing_to_learn() -> Fit:
    """Of the same interviews with their outcomes shuffled."""
    return fit(lived(400, shuffled=True), measured=False)


def text(of: Fit) -> str:
    return markdown(card(of, FLIPPED, made_on="2026-11-28"))


def figure(of: Fit, way: str, kind: str, who: str, name: str) -> float:
    (trial,) = (each for each in of.trials if each.way == way)
    (found,) = (each for each in getattr(trial, kind)[who] if each.name == name)
    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    assert found.low <= found.value <= found.high
    return float(found.value)


def test_what_decides_is_learnt_and_calibrated(learnt: Fit) -> None:
    slopes = dict(zip(NAMES, learnt.model.slopes[0], strict=True))
    assert slopes["skills-met"] == max(slopes.values())
    assert learnt.slope is not None
    assert learnt.slope.follows
    assert learnt.model.calibration is not None
    assert learnt.model.calibration.outcomes == learnt.slope.outcomes == 100
    assert learnt.model.fallback is None
    assert learnt.model.note == "learnt from what 300 interviews led to, and checked on later ones"
    assert learnt.verdict.startswith("Calibrated on the 100 latest outcomes")


@pytest.mark.parametrize("way", ["whole learners", "whole employers", "latest weeks"])
def test_on_what_it_has_not_seen_it_beats_experts_rules_and_chance(learnt: Fit, way: str) -> None:
    ranks = {
        who: figure(learnt, way, "ranking", who, "NDCG@5")
        for who in ("model", "experts alone", "rules only", "random order")
    }
    assert ranks["model"] == max(ranks.values())
    assert ranks["model"] > ranks["random order"] + 0.1
    brier = {
        who: figure(learnt, way, "probability", who, "Brier")
        for who in ("model", "experts alone", "rules only")
    }
    assert brier["model"] == min(brier.values())


def test_shuffled_outcomes_fall_back_to_experts_and_say_so(nothing_to_learn: Fit) -> None:
    """The guide's check: labels without meaning must not move a score."""
    found = nothing_to_learn
    assert found.model.slopes == pytest.approx(fitted().slopes)
    assert found.model.calibration is None
    assert found.model.fallback in {NOT_FOLLOWED, NO_BETTER}
    assert found.model.note == f"experts' judgement; {found.model.fallback}"
    assert "the 100 latest outcomes" in text(found)
    assert "Calibration failed" in text(found)
    assert "experts' opinion alone" in text(found)
    assert found.table, "expected against observed is shown all the more"


@pytest.mark.parametrize("seed", [2, 3, 4])
def test_other_shuffles_fall_back_too(seed: int) -> None:
    assert fit(lived(200, shuffled=True, seed=seed), measured=False).model.fallback


@pytest.mark.parametrize("count", [160, 240, 800])
def test_outcomes_that_follow_the_score_without_exception_are_learnt_from(count: int) -> None:
    """Perfect separation: the slope has no largest likelihood, and its interval no end."""
    found = fit(lived(count, certain=True), measured=False)
    assert found.model.fallback is None
    assert found.model.calibration is not None
    assert found.slope is not None
    assert 0 < found.slope.low < found.slope.slope < found.slope.high < 40


def test_outcomes_always_against_the_score_are_not() -> None:
    lessons = lived(240, certain=True)
    later = heldout.latest(lessons)
    at = np.isin(np.arange(len(lessons)), np.arange(len(lessons) - len(later), len(lessons)))
    started = np.where(at, 1 - lessons.outcomes.started, lessons.outcomes.started)
    against = replace(lessons, outcomes=replace(lessons.outcomes, started=started))
    assert fit(against, measured=False).model.fallback == NOT_FOLLOWED


def test_later_interviews_of_one_score_cannot_be_judged_by() -> None:
    lessons = lived(240)
    neutral = np.tile([feature.neutral for feature in FEATURES], (len(lessons), 1))
    sectors = np.zeros(len(lessons), dtype=np.intp)
    alike = replace(lessons.outcomes, rows=neutral, sectors=sectors)
    found = fit(replace(lessons, outcomes=alike), measured=False)
    assert (found.slope, found.model.fallback) == (None, ALL_ALIKE)
    assert ALL_ALIKE in text(found)


def test_a_slope_steeper_than_a_model_may_have_is_held_there() -> None:
    """Scores a hair apart that told every outcome: the order is learnt, no certainty."""
    steep = Slope(slope=300.0, shift=60.0, low=200.0, high=400.0, outcomes=100)
    model = calibrated(fitted(), steep)
    assert steepest(model) <= STEEPEST
    assert model.calibration is not None
    assert model.calibration.shift == pytest.approx(model.calibration.slope / 5)
    assert calibrated(fitted(), replace(steep, slope=2, shift=1)).calibration == Calibration(
        slope=2, shift=1, outcomes=100
    )


def test_the_one_figure_in_what_a_score_says_of_itself_is_that_of_outcomes(
    learnt: Fit, nothing_to_learn: Fit
) -> None:
    few, some = fit(lived(20), measured=False), fit(lived(80), measured=False)
    for found in (learnt, nothing_to_learn, few, some):
        assert set(re.findall("[0-9]+", found.model.note)) <= {str(found.model.outcomes)}
    assert few.model.note == "mostly experts' judgement, and what 20 interviews led to"
    assert some.model.note == "learnt from what 80 interviews led to; not yet checked on later ones"


def test_few_outcomes_join_the_opinion_without_calibration() -> None:
    found = fit(lived(30), measured=False)
    assert found.slope is found.model.calibration is None
    assert found.model.outcomes == 30
    assert found.verdict.startswith("Not calibrated: 10 later outcomes are known; 40 are needed")


def test_without_outcomes_it_is_the_opinion_alone() -> None:
    found = fit(Lessons.of([]))
    assert found.model == fitted()
    assert "It has learnt nothing yet, because no interview has an outcome." in text(found)


def test_the_same_lessons_give_the_same_model_and_card(learnt: Fit) -> None:
    assert fit(lived(400), measured=False).model == learnt.model
    assert text(fit(lived(20))) == text(fit(lived(20)))


def test_no_learner_is_on_both_sides_of_the_calibration() -> None:
    lessons = lived(120)
    later = heldout.latest(lessons)
    before = heldout.earlier(lessons, later)
    assert before.days.max() < later.days.min()
    assert not set(before.learners.tolist()) & set(later.learners.tolist())


def test_calibration_folds_into_every_sectors_weights() -> None:
    model, lessons = fitted(), lived(100)
    odds = heldout.log_odds(model, lessons.outcomes)
    slope = slope_of(odds, lessons.outcomes.started)
    stretched = heldout.log_odds(calibrated(model, slope), lessons.outcomes)
    assert stretched == pytest.approx(slope.slope * odds + slope.shift, abs=1e-4)


def test_a_slope_is_found_again_where_it_is_known() -> None:
    """Outcomes drawn from chances of twice the log-odds plus a half."""
    chance = np.random.default_rng(5)
    odds = chance.normal(size=20_000)
    started = (chance.random(20_000) < 1 / (1 + np.exp(-(2 * odds + 0.5)))).astype(np.int8)
    slope = slope_of(odds, started)
    assert (slope.slope, slope.shift) == pytest.approx((2, 0.5), abs=0.08)
    assert slope.low < 2 < slope.high
    assert slope.high - slope.low < 0.2


def test_a_feature_left_out_has_no_weight_anywhere_and_the_card_says_so() -> None:
    found = fit(lived(60), Recipe(without=("interest", "pay")), measured=False)
    for name in ("pay", "interest"):
        assert not found.model.slopes[:, NAMES.index(name)].any()
        (row,) = (line for line in text(found).splitlines() if f"(`{name}`) |" in line)
        assert "left out" in row
    assert "**Left out of this model on purpose: Interest named (`interest`), Pay" in text(found)
    assert "left out" not in text(fit(lived(60), measured=False))
    with pytest.raises(ValueError, match="no feature is called age"):
        Recipe(without=("age",))


def test_a_fit_saves_and_comes_back(learnt: Fit, nothing_to_learn: Fit) -> None:
    for found in (learnt, nothing_to_learn):
        assert saved.read(saved.text(found.model), "a fit") == found.model


def test_the_card_has_every_part_and_is_json(learnt: Fit) -> None:
    market = cohort(1, 20, 10)
    flipped = flip_test(learnt.model, market.learners, market.vacancies)
    facts = card(learnt, flipped, made_on="2026-11-28")
    assert json.loads(json.dumps(facts)) == facts
    assert (
        {each["feature"] for each in facts["features"]} == set(NAMES) == set(UNITS) == set(LABELS)
    )
    said = markdown(facts)
    for part in (
        "What it is not for", "What counts", "Sectors", "What never counts",
        "What it was made of", "How good the order is", "Does it happen as often as it says?",
        "Fairness", "Limits", "For analysts",
    ):  # fmt: skip
        assert f"## {part}" in said
    assert facts["digest"] in said
    assert "No score moved: age, " in said
    assert facts["data"]["outcomes"] == 400


def test_a_card_that_went_through_the_database_reads_the_same(learnt: Fit) -> None:
    """PostgreSQL's jsonb sorts keys, by length and bytes."""
    facts = card(learnt, Flipped(pairs=9, moved={"place": 0, "age": 1}), made_on="2026-11-28")
    assert markdown(json.loads(json.dumps(facts, sort_keys=True))) == markdown(facts)


def test_a_sectors_own_outcomes_are_counted_whatever_became_of_the_model(
    learnt: Fit, nothing_to_learn: Fit
) -> None:
    for found in (learnt, nothing_to_learn):
        facts = card(found, FLIPPED, made_on="2026-11-28")
        assert sum(each["outcomes"] for each in facts["sectors"]) == facts["data"]["outcomes"]


def test_a_weight_against_its_reason_is_pointed_out() -> None:
    facts = card(fit(lived(60), measured=False), FLIPPED, made_on="2026-11-28")
    assert {each["verdict"] for each in facts["features"]} <= {"as-expected", "not-shown"}
    facts["features"][0] |= {"verdict": "opposite"}
    assert "Outcomes show the opposite: a person should look" in markdown(facts)
