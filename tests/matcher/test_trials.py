"""Changes are tried as the next round would take them: a step where it can be one."""

from dataclasses import replace

import numpy as np
import pytest

from services.matcher.case import Case, changed_vacancy
from services.matcher.changes import Change, applied
from services.matcher.fork import Fork
from services.matcher.market import RoundInputs
from services.matcher.proposal import propose
from services.matcher.trials import Trials, allowed, judged
from tests.matcher.cohorts import cohort
from tests.matcher.scene import MODEL, RULES

MARKET = cohort(6, 40, 12, pledged=2)


def trials(inputs: RoundInputs = MARKET) -> Trials:
    outcome = propose(inputs, MODEL, RULES)
    case = Case.after(inputs, outcome, MODEL, RULES)
    return Trials(case=case, base=case.outcome(outcome), most=9)


def pledge(more: int) -> Change:
    first = MARKET.vacancies[0]
    facts = {"interviews": first.profile.interviews + more}
    return Change(kind="pledge", amount=more, unit="", words="", vacancy_id=first.vacancy_id,
                  facts=facts)  # fmt: skip


def test_a_change_of_rows_is_a_step_and_as_good_as_a_whole_round() -> None:
    tried, change = trials(), pledge(2)
    made, whole = tried.outcome(change), applied(tried.case, change).outcome()
    assert made
    assert (made.proof.solves, whole.proof.solves) == (0, 1)
    assert made.proof.placed == whole.proof.placed > tried.base.proof.placed
    assert made.proof.total_score == whole.proof.total_score


def test_every_change_is_tried_on_the_market_as_it_stands() -> None:
    """Not on what the change before has made of it."""
    tried = trials()
    more, none = tried.outcome(pledge(2)), tried.after(tried.case)
    assert more
    assert none.allocated == tried.base.allocated != more.allocated


def test_a_change_of_rules_is_a_whole_round() -> None:
    change = Change(kind="rule", amount=1, unit="", words="", rule="travel-reach")
    made = trials().outcome(change)
    assert made
    assert made.proof.solves >= 1


def test_where_the_market_cannot_be_laid_out_the_round_is_whole() -> None:
    tried = trials()
    tried.base = replace(tried.base, prices=None)  # nothing to go on from
    made = tried.outcome(pledge(2))
    assert made
    assert made.proof.solves >= 1


@pytest.mark.parametrize("seed", range(3))
def test_variants_are_judged_as_a_round_judges_them(seed: int) -> None:
    inputs = cohort(seed, 12, 6, pledged=2)
    tried = trials(inputs)
    hours = [changed_vacancy(row, {"hours_per_week": 20.0}) for row in inputs.vacancies]
    now = replace(inputs, vacancies=tuple(hours))
    judgement = propose(now, MODEL, RULES).judgement
    may, scores = judged(tried.case, inputs.learners, hours)
    assert np.array_equal(may, judgement.rule == 0)
    assert np.array_equal(scores, judgement.scores)
    assert np.array_equal(allowed(tried.case, inputs.learners, hours), may)


def test_a_step_without_its_proof_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = trials()
    step = tried.outcome(pledge(2))
    assert step
    unproven = replace(step, proof=replace(step.proof, optimal=False))
    monkeypatch.setattr(Fork, "after", lambda *_: unproven)
    made = trials().outcome(pledge(2))
    assert made
    assert made.proof.optimal
    assert made.proof.solves >= 1
