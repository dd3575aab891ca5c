"""The score: scikit-learn's own figures, a fast way to them, and a file that cannot lie."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from services.matcher.features import FEATURES, NAMES, vectors
from services.matcher.prior import EVERYTHING_NEUTRAL, EXPERT, Outcomes, fitted
from services.matcher.saved import load, save
from services.matcher.scorer import ModelRefused, spread, verified
from tests.matcher.cohorts import cohort

MODEL = fitted()


def rows(seed: int = 1) -> np.ndarray:
    market = cohort(seed, 50, 30)
    return vectors(market.learners, market.vacancies).reshape(len(FEATURES), -1)


def test_the_fast_path_equals_predict_proba_on_a_market() -> None:
    features = rows()
    slow = MODEL.estimator().predict_proba(MODEL.standardised(features.T.astype(np.float64)))[:, 1]
    fast = MODEL.chances(features)
    assert (fast.shape, fast.dtype) == ((1500,), np.float32)
    assert np.abs(fast - slow).max() < 1e-6
    assert np.ptp(fast) > 0.3


@pytest.mark.parametrize("width", [1, 2, 3, 7, 8, 9, 31, 1000])
def test_a_score_does_not_depend_on_its_neighbours(width: int) -> None:
    """Bit for bit: a changed row scored alone fits into a market scored whole."""
    features = rows()
    parts = [
        MODEL.chances(np.ascontiguousarray(features[:, i : i + width]))
        for i in range(0, features.shape[1], width)
    ]
    assert np.array_equal(np.concatenate(parts), MODEL.chances(features))


def test_scores_are_whole_ten_thousandths() -> None:
    features = rows()
    assert np.array_equal(MODEL.scores(features), np.rint(MODEL.chances(features) * 10_000))
    assert MODEL.scores(features).dtype == np.int16


def test_contributions_add_up_to_the_score() -> None:
    features = rows()[:, :40]
    for column, chance in zip(features.T, MODEL.chances(features), strict=True):
        odds = MODEL.intercept + MODEL.contributions(column).sum()
        assert 1 / (1 + np.exp(-odds)) == pytest.approx(chance, abs=1e-6)


def test_without_outcomes_the_model_is_what_experts_expect_and_says_so() -> None:
    assert dict(zip(NAMES, MODEL.slopes, strict=True)) == pytest.approx(EXPERT, abs=1e-5)
    assert pytest.approx(EVERYTHING_NEUTRAL, abs=1e-5) == MODEL.intercept
    assert MODEL.note == "experts' judgement; no interview's outcome is known yet"


def outcomes(count: int) -> Outcomes:
    """A world where interest is all that counts."""
    drawn = spread(count, seed=3)
    chance = 1 / (1 + np.exp(-6 * (drawn[:, NAMES.index("interest")] - 0.5)))
    started = np.random.default_rng(4).random(count) < chance
    return Outcomes(rows=drawn, started=started.astype(np.int8))


def test_outcomes_outweigh_experts_as_they_come_in() -> None:
    interest, skills = NAMES.index("interest"), NAMES.index("skills-met")
    few, many = fitted(outcomes(20)), fitted(outcomes(3000))
    assert MODEL.slopes[interest] < few.slopes[interest] < many.slopes[interest]
    assert many.slopes[interest] == pytest.approx(6, rel=0.15)
    assert abs(many.slopes[skills]) < 0.4
    assert few.note == "mostly experts' judgement, learnt from 20 interviews' outcomes"
    assert many.note == "learnt from 3000 interviews' outcomes"
    assert len({MODEL.version, few.version, many.version}) == 3


def test_the_weight_of_experts_is_worth_so_many_outcomes() -> None:
    """Ten times the expert weight beside ten times the outcomes gives the same model."""
    seen = outcomes(50)
    ten = Outcomes(rows=np.tile(seen.rows, (10, 1)), started=np.tile(seen.started, 10))
    heavy = fitted(ten, expert_weight=600)
    assert fitted(seen).weights == pytest.approx(heavy.weights, abs=1e-4)


def test_fitting_again_gives_the_same_model() -> None:
    assert fitted() == MODEL
    assert fitted(outcomes(100)) == fitted(outcomes(100))


def test_a_saved_model_comes_back(tmp_path: Path) -> None:
    save(MODEL, tmp_path / "model.json")
    assert load(tmp_path / "model.json") == MODEL


@pytest.mark.parametrize(
    ("name", "changed", "complaint"),
    [
        ("weights", [0.0] * len(NAMES), "digest differs"),
        ("outcomes", 5000, "digest differs"),
        ("intercept", "high", "intercept"),
        ("digest", None, "digest"),
        ("pickle", "gASVAA==", "pickle"),
    ],
)
def test_a_changed_file_is_refused(
    tmp_path: Path, name: str, changed: object, complaint: str
) -> None:
    path = tmp_path / "model.json"
    save(MODEL, path)
    path.write_text(json.dumps(json.loads(path.read_text()) | {name: changed}))
    with pytest.raises(ModelRefused, match=complaint):
        load(path)


def test_a_model_of_another_library_version_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        older.setattr("sklearn.__version__", "1.8.0")
        save(MODEL, tmp_path / "model.json")
    with pytest.raises(ModelRefused, match=r"scikit-learn 1\.8\.0"):
        load(tmp_path / "model.json")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"names": ("skills-met", "shoe-size")}, "shoe-size"),
        ({"weights": MODEL.weights[1:]}, "one finite number a feature"),
        ({"weights": (np.nan, *MODEL.weights[1:])}, "one finite number a feature"),
        ({"scales": (0.0, *MODEL.scales[1:])}, "above 0"),
        ({"intercept": np.inf}, "intercept finite"),
        ({"weights": tuple(100 * w for w in MODEL.weights)}, "log-odds up to"),
    ],
)
def test_a_model_that_does_not_hold_together_is_refused(
    changes: dict[str, object], complaint: str
) -> None:
    with pytest.raises(ModelRefused, match=complaint):
        verified(replace(MODEL, **changes))


def test_a_fast_path_that_strays_from_scikit_learn_is_refused() -> None:
    astray = replace(MODEL)
    vector, constant = MODEL.folded
    astray.__dict__["folded"] = vector, constant + np.float32(1e-4)
    with pytest.raises(ModelRefused, match="differ from predict_proba by"):
        verified(astray)
