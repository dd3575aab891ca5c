"""What reaches the scorer, and what never does."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.learner import Course, LearnerProfile
from schemas.match import Match
from schemas.vacancy import Mode, VacancyProfile, Wage, WageVerdict
from services.matcher.columns import Rows
from services.matcher.experts import EXPERT
from services.matcher.features import FEATURES, NAMES, vector, vectors
from services.matcher.market import Learner, Outcome, RoundInputs, Vacancy
from services.matcher.never import FLIPS, UNWANTED_ROUTE, flip_test, flipped_vacancy
from services.matcher.prior import fitted
from services.matcher.proposal import propose
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


MEASURED = {
    "course", "outcode", "prior_level", "skills", "interests", "max_miles", "available_from",
    "hours_from", "hours_to",
}  # fmt: skip


def test_every_fact_of_a_learner_is_either_measured_or_flipped() -> None:
    """A new fact must be decided on: scored, with a reason, or never scored."""
    plain = learner(skills=("it",)).profile
    flipped = {
        name for name in LearnerProfile.model_fields
        if any(getattr(flip(plain), name) != getattr(plain, name) for flip in FLIPS.values())
    }  # fmt: skip
    assert flipped | MEASURED == LearnerProfile.model_fields.keys()
    assert flipped & MEASURED == {"skills"}


def turned(market: RoundInputs, flips: list[set[str]], *, signs: bool) -> RoundInputs:
    """Each learner with the facts named turned round; and vacancies' signs, if so."""

    def other(row: Learner, names: set[str]) -> Learner:
        profile = row.profile
        for name in sorted(names):
            profile = FLIPS[name](profile)
        return replace(row, profile=profile)

    learners = tuple(other(r, n) for r, n in zip(market.learners, flips, strict=True))
    vacancies = market.vacancies
    if signs:
        vacancies = tuple(replace(v, profile=flipped_vacancy(v.profile)) for v in vacancies)
    return replace(market, learners=learners, vacancies=vacancies)


def in_every_band(market: RoundInputs) -> RoundInputs:
    """Everybody of an age, and work of kinds, at which rules say the same after the flip."""
    facts = {"date_of_birth": date(2001, 1, 1)}
    rows = (replace(r, profile=r.profile.model_copy(update=facts)) for r in market.learners)
    vacancies = (
        replace(v, profile=v.profile.model_copy(update={"route": 12}))
        if v.profile.route == UNWANTED_ROUTE
        else v
        for v in market.vacancies
    )
    return replace(market, learners=tuple(rows), vacancies=tuple(vacancies))


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 50),
    flips=st.lists(st.sets(st.sampled_from(sorted(FLIPS))), min_size=12, max_size=12),
    signs=st.booleans(),
    taught=st.booleans(),
)
def test_flipping_facts_that_are_never_scored_changes_no_score_and_no_order(
    seed: int,
    flips: list[set[str]],
    signs: bool,  # noqa: FBT001  # a drawn fact
    taught: bool,  # noqa: FBT001  # the same
) -> None:
    """Over whole cohorts and rounds, for experts' opinion and for a model that has learnt."""
    model = LEARNT if taught else MODEL
    market = in_every_band(cohort(seed, 12, 6, pledged=1))
    before = propose(market, model, RULES)
    after = propose(turned(market, flips, signs=signs), model, RULES)
    assert np.array_equal(before.judgement.scores, after.judgement.scores)
    assert unprompted(before) == unprompted(after)


def unprompted(outcome: Outcome) -> list[tuple[list[Match], list[Match]]]:
    """The lists without what a coordinator is told to ask: that is shown, and never counts."""
    return [
        tuple([m.model_copy(update={"prompts": ()}) for m in some]
              for some in (row.matches, row.reserves))
        for row in outcome.shortlists
    ]  # fmt: skip


def test_the_flip_test_of_a_fit_counts_what_moves() -> None:
    market = cohort(4, 10, 5)
    found = flip_test(MODEL, market.learners, market.vacancies)
    assert (found.pairs, found.holds) == (50, True)
    assert found.moved.keys() == {*FLIPS, "disability-confident sign"}


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
