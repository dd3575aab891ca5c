"""The score: scikit-learn's own figures, a fast way to them, and a file that cannot lie."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from services.matcher.columns import Rows
from services.matcher.experts import EVERYTHING_NEUTRAL, EXPERT, EXPERTS, OPINIONS, Experts, Opinion
from services.matcher.features import NAMES, vectors
from services.matcher.market import Vacancy
from services.matcher.prior import Outcomes, fitted
from services.matcher.saved import load, save
from services.matcher.scorer import ModelRefused, Weights, spread, verified
from services.matcher.sectors import NUMBERS, SECTORS, sector_of, sectors_of
from tests.matcher.cohorts import cohort

MODEL = fitted()


def market(seed: int = 1) -> tuple[np.ndarray, Rows[Vacancy]]:
    """Features of a market, [features x 50 x 30], and its vacancies, of every sector."""
    inputs = cohort(seed, 50, 30)
    return vectors(inputs.learners, inputs.vacancies), Rows(inputs.vacancies)


def test_the_fast_path_equals_predict_proba_on_a_market() -> None:
    features, vacancies = market()
    fast = MODEL.chances(features, sectors_of(vacancies))
    assert (fast.shape, fast.dtype) == ((50, 30), np.float32)
    for at, vacancy in enumerate(vacancies):
        rows = MODEL.standardised(features[:, :, at].T.astype(np.float64))
        slow = MODEL.estimator(sector_of(vacancy)).predict_proba(rows)[:, 1]
        assert np.abs(fast[:, at] - slow).max() < 1e-6
    assert np.ptp(fast) > 0.3
    assert len(set(sectors_of(vacancies).tolist())) > 8


@pytest.mark.parametrize("width", [1, 2, 3, 7, 8, 9, 29, 30])
@pytest.mark.parametrize("height", [1, 2, 7, 50])
def test_a_score_does_not_depend_on_its_neighbours(width: int, height: int) -> None:
    """Bit for bit: a changed row scored alone fits into a market scored whole."""
    features, vacancies = market()
    sector = sectors_of(vacancies)
    whole = MODEL.chances(features, sector)
    for i in range(0, 50, height):
        for j in range(0, 30, width):
            part = MODEL.chances(features[:, i : i + height, j : j + width], sector[j : j + width])
            assert np.array_equal(part, whole[i : i + height, j : j + width])


def test_scores_are_whole_ten_thousandths() -> None:
    features, vacancies = market()
    scores, chances = (
        MODEL.scores(features, vacancies),
        MODEL.chances(features, sectors_of(vacancies)),
    )
    assert np.array_equal(scores, np.rint(chances * 10_000))
    assert scores.dtype == np.int16


def test_contributions_add_up_to_the_score() -> None:
    features, vacancies = market()
    chances = MODEL.chances(features, sectors_of(vacancies))
    for at, vacancy in enumerate(vacancies):
        odds = MODEL.base(vacancy) + MODEL.contributions(features[:, 3, at], vacancy).sum()
        assert 1 / (1 + np.exp(-odds)) == pytest.approx(chances[3, at], abs=1e-6)


def test_without_outcomes_the_model_is_what_experts_expect_and_says_so() -> None:
    assert MODEL.slopes[0] == pytest.approx([EXPERT[name] for name in NAMES], abs=1e-5)
    for name, number in NUMBERS.items():
        assert MODEL.slopes[number] == pytest.approx(EXPERTS.slopes(name), abs=1e-5)
    assert pytest.approx(EVERYTHING_NEUTRAL, abs=1e-5) == MODEL.intercept
    assert MODEL.note == "experts' judgement; no interview's outcome is known yet"


def test_every_route_is_in_one_sector_and_every_sector_has_an_opinion_with_a_reason() -> None:
    assert sorted(route for routes in SECTORS.values() for route in routes) == list(range(1, 16))
    assert OPINIONS.keys() == SECTORS.keys()
    for opinion in OPINIONS.values():
        assert len(opinion.why.split()) > 5
        for name, weight in opinion.weights.items():
            assert weight != EXPERT[name]
            assert np.sign(weight) == np.sign(EXPERT[name])


def test_changing_creative_weights_leaves_all_other_sectors_scores_as_they_were() -> None:
    """Byte for byte, with outcomes of every sector in both models."""
    other = Opinion("for this test", {"skills-met": 3.0, "interest": 0.1})
    changed = Experts(opinions={**OPINIONS, "creative": other})
    features, vacancies = market(seed=2)
    creative = sectors_of(vacancies) == NUMBERS["creative"]
    seen = outcomes(200)
    before = fitted(seen).scores(features, vacancies)
    after = fitted(seen, experts=changed).scores(features, vacancies)
    assert creative.any()
    assert np.array_equal(before[:, ~creative], after[:, ~creative])
    assert not np.array_equal(before[:, creative], after[:, creative])


def test_an_opinion_about_nothing_we_know_is_refused() -> None:
    with pytest.raises(ValueError, match="no sector is called ballet"):
        Experts(opinions={"ballet": Opinion("there is none", {})})
    with pytest.raises(ValueError, match="care: no feature is called age"):
        Experts(opinions={"care": Opinion("never", {"age": 1.0})})


def outcomes(count: int) -> Outcomes:
    """A world where interest is all that counts, in work of every sector."""
    drawn = spread(count, seed=3)
    chance = 1 / (1 + np.exp(-6 * (drawn[:, NAMES.index("interest")] - 0.5)))
    started = np.random.default_rng(4).random(count) < chance
    sectors = np.arange(count) % (len(SECTORS) + 1)
    return Outcomes(rows=drawn, started=started.astype(np.int8), sectors=sectors)


def test_outcomes_outweigh_experts_as_they_come_in() -> None:
    interest, skills = NAMES.index("interest"), NAMES.index("skills-met")
    few, many = fitted(outcomes(20)), fitted(outcomes(3000))
    assert MODEL.slopes[0, interest] < few.slopes[0, interest] < many.slopes[0, interest]
    assert many.slopes[0, interest] == pytest.approx(6, rel=0.15)
    assert abs(many.slopes[0, skills]) < 0.4
    assert few.note == "mostly experts' judgement, and what 20 interviews led to"
    assert many.note == "learnt from what 3000 interviews led to; not yet checked on later ones"
    assert len({MODEL.version, few.version, many.version}) == 3


def test_a_sector_learns_most_from_its_own_interviews() -> None:
    """Interest decides in care alone; care's own weight follows, the others' a little."""
    drawn, care = spread(600, seed=5), NUMBERS["care"]
    sectors = np.where(np.arange(600) % 2, care, NUMBERS["digital"])
    chance = 1 / (1 + np.exp(-6 * (drawn[:, NAMES.index("interest")] - 0.5) * (sectors == care)))
    started = (np.random.default_rng(6).random(600) < chance).astype(np.int8)
    slopes = fitted(Outcomes(rows=drawn, started=started, sectors=sectors)).slopes
    interest = slopes[:, NAMES.index("interest")]
    assert interest[care] > interest[NUMBERS["hair"]] > interest[NUMBERS["digital"]] > 0


def test_the_weight_of_experts_is_worth_so_many_outcomes() -> None:
    """Ten times the expert weight beside ten times the outcomes gives the same model."""
    seen = outcomes(50)
    ten = seen.part(np.tile(np.arange(50), 10))
    heavy = fitted(ten, expert_weight=600)
    assert fitted(seen).slopes == pytest.approx(heavy.slopes, abs=1e-4)


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
        ("sectors", [], "digest differs"),
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
        ({"sectors": (Weights(sector="ballet", weights=MODEL.weights, intercept=0),)}, "ballet"),
        ({"sectors": (Weights(sector="care", weights=(1.0,), intercept=0),)}, "one finite number"),
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
