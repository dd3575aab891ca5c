"""A step judges the pairs whose verdict may be another, and no pair beside them."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from services.matcher import judged
from services.matcher.board import Touched
from services.matcher.judged import COUNTING, TOLD, Given, OtherPairs
from services.matcher.market import RoundInputs
from services.matcher.proposal import propose
from services.matcher.steps import Step
from tests.matcher.cohorts import cohort
from tests.matcher.test_board import MODEL, RULES, Kept, assert_same_verdicts

# another of each fact that is told only, and of some that count
OTHERS: Mapping[str, object] = {
    "title": "Apprentice of another name",
    "wanted": ("patience",),
    "skills_from_standard": True,
    "disability_confident": True,
}
COUNT: Mapping[str, object] = {
    "interviews": 7, "hours_per_week": 12.5, "essential": ("forklift",), "cluster": "another",
}  # fmt: skip


def taken(kept: Kept, now: RoundInputs) -> Touched:
    """What a step judged, once its verdicts are seen to be those of a whole round."""
    touched = kept.board.take(Step.between(kept.inputs, now))
    kept.inputs = replace(now, current=kept.board.pairs())
    assert_same_verdicts(kept, propose(kept.inputs, MODEL, RULES))
    return touched


def saying(kept: Kept, facts: Mapping[str, object]) -> RoundInputs:
    """The market with other facts of its first vacancy, which must be other indeed."""
    first, *rest = kept.inputs.vacancies
    changed = replace(first, profile=first.profile.model_copy(update=dict(facts)))
    assert changed != first
    return replace(kept.inputs, vacancies=(changed, *rest))


@pytest.mark.parametrize("fact", sorted(TOLD))
def test_what_is_only_told_of_a_vacancy_judges_nobody(fact: str) -> None:
    kept = Kept(cohort(3, 20, 8, pledged=3))
    touched = taken(kept, saying(kept, {fact: OTHERS[fact]}))
    assert (touched.judged.rows.shape, touched.judged.columns.shape) == ((0, 8), (20, 0))
    assert touched.named == {kept.board.judged.column_of[kept.inputs.vacancies[0].vacancy_id]}


@pytest.mark.parametrize("fact", sorted(COUNT))
def test_what_counts_of_a_vacancy_judges_everybody_there(fact: str) -> None:
    assert fact in COUNTING
    kept = Kept(cohort(3, 20, 8, pledged=3))
    touched = taken(kept, saying(kept, {fact: COUNT[fact]}))
    assert (touched.judged.rows.shape, touched.judged.columns.shape) == ((0, 8), (20, 1))


@pytest.mark.parametrize("block", [1, 7, 16])
def test_many_pairs_are_judged_and_counted_block_by_block(
    monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    """A market of any size: as if all were judged at once."""
    monkeypatch.setattr(judged, "BLOCK", block)
    kept = Kept(cohort(3, 20, 8, pledged=3))
    assert_same_verdicts(kept, propose(kept.inputs, MODEL, RULES))
    now = saying(kept, {"hours_per_week": 12.5})
    learners = (replace(now.learners[0], paused=True), *now.learners[1:])
    touched = taken(kept, replace(now, learners=learners))
    assert (touched.judged.rows.shape, touched.judged.columns.shape) == ((1, 8), (20, 1))


def test_scores_of_other_pairs_are_refused() -> None:
    """As when another release judged by other facts."""
    kept = Kept(cohort(3, 20, 8, pledged=3))
    step = Step.between(kept.inputs, saying(kept, {"title": "Other"}))
    given = Given(rows=np.empty((0, 8), np.int16), columns=np.zeros((20, 1), np.int16))
    with pytest.raises(OtherPairs, match=r"\(20, 1\), to be judged are \(20, 0\)"):
        kept.board.take(step, given)


def test_a_vacancy_that_closes_judges_everybody_there() -> None:
    kept = Kept(cohort(3, 20, 8, pledged=3))
    first, *rest = kept.inputs.vacancies
    closed = replace(first, closed="filled")
    touched = taken(kept, replace(kept.inputs, vacancies=(closed, *rest)))
    assert touched.judged.columns.shape == (20, 1)


def test_a_refusal_judges_nobody_and_taking_it_back_judges_that_learner() -> None:
    kept = Kept(cohort(3, 20, 8, pledged=3))
    pair = min(kept.board.pairs())
    refused = taken(kept, replace(kept.inputs, excluded=frozenset({pair})))
    assert (refused.judged.rows.shape, refused.judged.columns.shape) == ((0, 8), (20, 0))
    assert pair not in kept.board.pairs()
    back = taken(kept, replace(kept.inputs, excluded=frozenset()))
    assert (back.judged.rows.shape, back.judged.columns.shape) == ((1, 8), (20, 0))
