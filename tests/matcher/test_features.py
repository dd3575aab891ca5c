"""What reaches the scorer, and what never does."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from schemas.learner import Course
from schemas.vacancy import Mode, VacancyProfile, Wage, WageVerdict
from services.matcher.columns import Rows
from services.matcher.experts import EXPERT
from services.matcher.features import FEATURES, NAMES, vector, vectors
from services.matcher.market import Learner, Vacancy
from services.matcher.prior import fitted
from services.matcher.rules import EXCLUDED, ORDER, Rules
from tests.matcher.cohorts import cohort, learner, vacancy
from tests.matcher.world import lived

MODEL, RULES = fitted(), Rules.load()
LEARNT = fitted(lived(200).outcomes)


def value(name: str, row: Learner, other: Vacancy) -> float:
    return float(vector(row, other)[NAMES.index(name)])


def course(route: int | None, level: int | None) -> Course:
    return Course(course_id=UUID(int=7), started_on=date(2026, 6, 1), route=route, level=level)


PAID = Wage(yearly_pence=2_340_000, aged_18_to_20=WageVerdict.MEETS, aged_21_up=WageVerdict.MEETS)
START = date(2027, 1, 11)
CASES: list[tuple[str, dict[str, Any], dict[str, Any], float]] = [
    ("skills-met", {"skills": ("it",)}, {"skills": ("it", "number")}, 0.5),
    ("skills-met", {"skills": ("it",)}, {"skills": ("it", "physical-fitness")}, 1),
    ("skills-met", {"skills": ("physical-fitness",)}, {"skills": ("it",)}, 0.5),
    ("skills-met", {"skills": ("other",)}, {"skills": ("it",)}, 0),
    ("skills-met", {"skills": ()}, {"skills": ("it",)}, 0.5),
    ("skills-met", {"skills": ("it",)}, {"skills": ()}, 0.5),
    ("course-route", {"course": course(9, 2)}, {"route": 9}, 1),
    ("course-route", {"course": course(9, 2)}, {"route": 7}, 0),
    ("course-route", {"course": course(None, 2)}, {"route": 7}, 0.5),
    ("course-route", {"course": course(9, 2)}, {"route": None}, 0.5),
    ("interest", {"interests": (7, 9)}, {"route": 9}, 1),
    ("interest", {"interests": (7, 9)}, {"route": 15}, 0),
    ("interest", {"interests": ()}, {"route": 9}, 0.5),
    ("interest", {"interests": (7,)}, {"route": None}, 0.5),
    ("level-above", {"prior_level": 1, "course": course(9, 2)}, {"level": 3}, 0),
    ("level-above", {"prior_level": 1, "course": course(9, 2)}, {"level": 4}, 1),
    ("level-above", {"prior_level": None, "course": course(9, None)}, {"level": 4}, 0),
    ("level-below", {"prior_level": 4, "course": course(9, 2)}, {"level": 2}, 2),
    ("level-below", {"prior_level": 2, "course": course(9, 2)}, {"level": 2}, 0),
    ("distance", {"outcode": "B1"}, {"outcode": "CV1"}, 1.76),
    ("distance", {"outcode": "B99"}, {"outcode": "CV1"}, 0.8),
    ("distance", {"outcode": "B1"}, {"outcode": "CV1", "mode": Mode.REMOTE}, 0),
    ("distance", {"outcode": "B1"}, {"outcode": "OX1"}, 4),
    ("reach", {"outcode": "B1", "max_miles": 35.2}, {"outcode": "CV1"}, 0.5),
    ("reach", {"outcode": "B1", "max_miles": 5}, {"outcode": "CV1", "mode": Mode.HYBRID}, 1),
    ("reach", {"outcode": "B1"}, {"outcode": "CV1"}, 0.5),
    ("start-gap", {"available_from": date(2027, 1, 11)}, {"starts_on": START}, 0),
    ("start-gap", {"available_from": date(2026, 11, 11)}, {"starts_on": START}, 61 / 30.44),
    ("start-gap", {}, {"starts_on": START}, 1),
    ("hours-gap", {"hours_to": 30.0}, {"hours_per_week": 37.5}, 0.75),
    ("hours-gap", {"hours_from": 40.0}, {"hours_per_week": 35}, 0.5),
    ("hours-gap", {"hours_to": 30.0}, {"hours_per_week": None}, 0),
    ("hours-gap", {}, {"hours_per_week": 37.5}, 0),
    ("pay", {}, {"wage": PAID, "hours_per_week": 37.5}, 4),
    ("pay", {}, {"wage": PAID, "hours_per_week": None}, 4),
    ("pay", {}, {"wage": PAID, "hours_per_week": 30}, 7),
    ("positions", {}, {"positions": 1, "interviews": 4}, 0.25),
    ("positions", {}, {"positions": 5, "interviews": 4}, 1),
]


@pytest.mark.parametrize(("name", "mine", "theirs", "expected"), CASES)
def test_each_feature_measures_what_it_says(
    name: str, mine: dict[str, Any], theirs: dict[str, Any], expected: float
) -> None:
    assert value(name, learner(**mine), vacancy(**theirs)) == pytest.approx(expected, rel=1e-6)


def test_every_feature_is_measured_in_a_case_above() -> None:
    assert {case[0] for case in CASES} == set(NAMES)


def test_an_unknown_contributes_nothing_and_the_words_say_so() -> None:
    nobody = learner(
        course=course(None, None), outcode=None, prior_level=None, completed_on=date(2026, 9, 1)
    )
    nothing = vacancy(route=None, level=None, hours_per_week=None, outcode=None, positions=1,
                      interviews=2)  # fmt: skip
    effects = MODEL.contributions(vector(nobody, nothing), nothing)
    assert np.abs(effects).max() < 1e-6
    said = {feature.name: feature.words(nobody, nothing) for feature in FEATURES}
    assert all("not known" in words for name, words in said.items() if name != "positions")


def test_every_weight_has_the_sign_its_reason_gives() -> None:
    assert set(EXPERT) == set(NAMES)
    for feature, weight in zip(FEATURES, MODEL.weights, strict=True):
        assert np.sign(weight) == feature.direction, feature.name
        assert feature.low <= feature.neutral <= feature.high
        assert len(feature.reason.split()) > 4


def test_all_values_of_a_market_are_bounded_and_known() -> None:
    market = cohort(2, 60, 25)
    values = vectors(market.learners, market.vacancies)
    assert (values.shape, values.dtype) == ((len(FEATURES), 60, 25), np.float32)
    for feature, row in zip(FEATURES, values, strict=True):
        assert row.min() >= feature.low
        assert row.max() <= feature.high
        assert row.std() > 0, feature.name


class Read:
    """A vacancy that counts how often something is read off it."""

    def __init__(self, row: Vacancy) -> None:
        self.row, self.times = row, 0

    @property
    def profile(self) -> VacancyProfile:
        self.times += 1
        return self.row.profile


def test_a_changed_learner_among_known_vacancies_reads_no_vacancy_again() -> None:
    market = cohort(3, 20, 30)
    known: Rows[Any] = Rows([Read(row) for row in market.vacancies])
    vectors(market.learners[:10], known)
    before = [row.times for row in known]

    one = vectors(market.learners[12:13], known)

    assert all(before)
    assert [row.times for row in known] == before
    assert np.array_equal(one, vectors(market.learners, market.vacancies)[:, 12:13])


def test_waiting_longer_is_no_merit_of_the_score() -> None:
    """It decides who is placed, never how likely a start is."""
    early, late = learner(), learner(completed_on=date(2026, 9, 30) - timedelta(days=300))
    assert np.array_equal(vector(early, vacancy()), vector(late, vacancy()))


def test_the_page_on_matching_has_every_feature_and_every_rule() -> None:
    page = Path(__file__).parents[2] / "docs" / "architecture" / "matching.md"
    rows = {
        line.split("`")[1] for line in page.read_text("utf-8").splitlines() if line[:3] == "| `"
    }
    assert rows == {*NAMES, *(rule.id for rule in ORDER), EXCLUDED}
