"""Drift: what moved is said to have moved, and too little data says nothing."""

import numpy as np
import pytest

from services.matcher.drift import report, shift, words
from services.matcher.lessons import Lessons
from tests.matcher.world import lived

CHANCE = np.random.default_rng(1)


def test_the_same_distribution_has_not_moved_and_another_has() -> None:
    before = CHANCE.normal(size=2000)
    same, other = (
        shift("score", before, CHANCE.normal(size=500)),
        shift("score", before, before + 1),
    )
    assert same.psi < 0.05
    assert not same.moved
    assert other.psi > 0.5
    assert other.moved
    assert same.ks < 0.08
    assert other.ks > 0.3


def test_distances_worked_out_by_hand() -> None:
    """Half of the values at 0 and half at 1, then a quarter and three quarters."""
    found = shift("interest", np.array([0.0, 1.0] * 8), np.array([0.0, 1, 1, 1] * 4))
    assert found.psi == pytest.approx(0.25 * np.log(1.5) - 0.25 * np.log(0.5))
    assert found.ks == pytest.approx(0.25)
    assert (found.before, found.now) == (0.5, 0.75)


def test_a_report_says_what_moved_what_was_expected_and_how_often_people_disagreed() -> None:
    shown = lived(400)
    recent = shown.days > shown.days.max() - 30
    shown.outcomes.rows[recent, 0] = 1.0  # everybody suddenly shows all skills
    found = report(shown, shown, {"approved": 30, "rejected": 6, "moved": 4}, days=30)
    moved = [each["name"] for each in found["shifts"] if each["moved"]]
    assert moved == ["skills-met"]
    assert found["expected"] == 0.5
    assert found["observed"] == pytest.approx(shown.outcomes.started.mean(), abs=1e-4)
    assert found["overrides"] == 0.25
    text = "\n".join(words(found))
    moved_line = next(line for line in text.splitlines() if line.endswith("  MOVED"))
    assert moved_line.startswith("  Skills shown (skills-met) ")
    assert "Score of a match" in text
    assert "PSI and KS say how far values have moved" in text
    assert "against the ranking in 25% of 40 decisions" in text


def test_too_few_matches_compare_nothing() -> None:
    found = report(lived(60), Lessons.of([]), {}, days=5)
    assert not found["enough"]
    assert found["shifts"] == []
    assert "Too few matches" in words(found)[0]
    assert report(Lessons.of([]), Lessons.of([]), {}, days=5)["now"] == 0
