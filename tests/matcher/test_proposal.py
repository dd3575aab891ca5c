"""A round from rows to shortlists: what it keeps, what it never does, how it is replayed."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import maximum_flow

from schemas.learner import Course
from services.matcher.market import Outcome, Pair, Policy, RoundInputs
from services.matcher.prior import Outcomes, fitted
from services.matcher.proposal import propose
from services.matcher.rules import Rules
from services.matcher.scorer import spread
from tests.matcher.cohorts import TODAY, cohort, learner, round_of, vacancy

MODEL, RULES = fitted(), Rules.load()


def proposed(inputs: RoundInputs, earlier: Outcome | None = None) -> Outcome:
    return propose(inputs, MODEL, RULES, earlier=earlier)


def written(outcome: Outcome) -> list[str]:
    return [
        f"{row.vacancy_id} {row.absences} {[m.model_dump_json() for m in row.matches]}"
        f" {[m.model_dump_json() for m in row.reserves]}"
        for row in outcome.shortlists
    ]


def some_locks(inputs: RoundInputs, outcome: Outcome, every: int = 2) -> RoundInputs:
    kept = frozenset(sorted(outcome.allocated)[::every])
    return replace(inputs, locks=kept, current=outcome.allocated - kept)


def coverage(inputs: RoundInputs, outcome: Outcome) -> int:
    """The most completers that can be placed, by scipy's maximum flow over all eligible pairs."""
    eligible = outcome.judgement.rule == 0
    learners, vacancies = eligible.shape
    size = learners + vacancies + 2
    capacities = np.zeros((size, size), dtype=np.int32)
    capacities[0, 1 : 1 + learners] = 1
    capacities[1 : 1 + learners, 1 + learners : -1] = eligible
    capacities[1 + learners : -1, -1] = [row.profile.interviews for row in inputs.vacancies]
    return int(maximum_flow(csr_matrix(capacities), 0, size - 1).flow_value)


@pytest.mark.parametrize("seed", range(5))
def test_as_many_completers_are_placed_as_can_be(seed: int) -> None:
    inputs = cohort(seed, 80, 25, pledged=4)
    outcome = proposed(inputs)
    assert outcome.proof.optimal
    assert outcome.proof.placed == outcome.proof.most == coverage(inputs, outcome)
    assert outcome.proof.placed == len({learner_id for learner_id, _ in outcome.allocated})


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), each=st.integers(1, 3), every=st.integers(1, 4))
def test_a_pledge_is_never_exceeded_and_a_lock_never_moves(
    seed: int, each: int, every: int
) -> None:
    """Whatever is locked, and however many interviews each may have."""
    plain = cohort(seed, 20, 8, pledged=7, policy=Policy(interviews_each=each))
    inputs = some_locks(plain, proposed(plain), every)
    outcome = proposed(inputs)
    assert outcome.proof.optimal
    assert inputs.locks <= outcome.allocated
    pledged = {row.vacancy_id: row.profile.interviews for row in inputs.vacancies}
    for vacancy_id, places in pledged.items():
        assert sum(other == vacancy_id for _, other in outcome.allocated) <= places
    for learner_id in {learner_id for learner_id, _ in outcome.allocated}:
        assert sum(other == learner_id for other, _ in outcome.allocated) <= each


def test_locking_what_was_proposed_changes_nothing() -> None:
    inputs = cohort(4, 40, 12)
    before = proposed(inputs)
    after = proposed(some_locks(inputs, before))
    assert after.allocated == before.allocated


def test_a_lock_stands_even_where_a_rule_fails_now() -> None:
    """Whether it may go on is a person's or the service's to say, and the place stays used."""
    gone, other, one = learner(1, withdrawn=True), learner(2), vacancy(1)
    lock = frozenset({(gone.learner_id, one.vacancy_id)})
    outcome = proposed(round_of([gone, other], [one], locks=lock))
    (shortlist,) = outcome.shortlists
    assert [(m.learner_id, m.locked) for m in shortlist.matches] == [(gone.learner_id, True)]
    assert other.learner_id in outcome.unplaced
    erased = proposed(round_of([other], [one], locks=lock))
    assert erased.shortlists[0].matches == ()
    assert erased.unplaced[other.learner_id].reason == "scarce"


def test_more_locks_than_interviews_leave_no_place_and_no_error() -> None:
    """A pledge was lowered after letters went out."""
    rows, one = [learner(i) for i in (1, 2, 3)], vacancy(1, interviews=1)
    locks = frozenset((row.learner_id, one.vacancy_id) for row in rows[:2])
    outcome = proposed(round_of(rows, [one], locks=locks))
    assert outcome.allocated == locks


def test_an_excluded_pair_is_never_proposed_again() -> None:
    one, other, only = learner(1), learner(2), vacancy(1)
    refused = frozenset({(one.learner_id, only.vacancy_id)})
    outcome = proposed(round_of([one, other], [only], excluded=refused))
    assert outcome.allocated == {(other.learner_id, only.vacancy_id)}
    assert outcome.shortlists[0].reserves == ()
    assert outcome.shortlists[0].absences == {"excluded": 1}
    assert outcome.unplaced[one.learner_id].reason == "excluded"
    resting = learner(1, paused=True)
    first = proposed(round_of([resting, other], [only], excluded=refused))
    assert first.unplaced[one.learner_id].reason == "paused"


def test_the_longest_waiting_is_placed_though_another_scores_better() -> None:
    """Waiting decides who has a place."""
    new = learner(1, skills=("it",), completed_on=date(2026, 10, 2))
    old = learner(2, completed_on=date(2026, 10, 1))
    only = vacancy(1, skills=("it",))
    outcome = proposed(round_of([new, old], [only]))
    assert outcome.allocated == {(old.learner_id, only.vacancy_id)}
    assert outcome.judgement.scores[0, 0] > outcome.judgement.scores[1, 0]
    (reserve,) = outcome.shortlists[0].reserves
    assert reserve.learner_id == new.learner_id
    assert reserve.barrier is not None
    assert "waited longer" in reserve.barrier


def test_a_locked_match_is_not_proposed_a_second_time() -> None:
    """Though its learner may have two interviews and the vacancy has a place left."""
    row, only = learner(1), vacancy(1, interviews=2)
    locks = frozenset({(row.learner_id, only.vacancy_id)})
    inputs = round_of([row], [only], locks=locks, policy=Policy(interviews_each=2))
    (shortlist,) = proposed(inputs).shortlists
    assert [match.locked for match in shortlist.matches] == [True]


def test_fewer_placed_than_the_bound_is_no_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    """The two halves of the proof share nothing: either can refuse a round."""
    inputs = round_of([learner(1)], [vacancy(1)])
    monkeypatch.setattr("services.matcher.proposal.most", lambda *_: 2)
    proof = proposed(inputs).proof
    assert (proof.placed, proof.most, proof.optimal) == (1, 2, False)
    monkeypatch.undo()
    monkeypatch.setattr("services.matcher.allocation.prices", lambda *_: None)
    assert proposed(inputs).proof.optimal is False


def test_where_everybody_has_a_place_scores_say_where() -> None:
    digital = Course(course_id=learner().learner_id, started_on=date(2026, 6, 1), route=7, level=2)
    rows = [learner(1, course=digital), learner(2)]
    vacancies = [vacancy(1, route=9), vacancy(2, route=7)]
    outcome = proposed(round_of(rows, vacancies))
    assert outcome.allocated == {
        (rows[0].learner_id, vacancies[1].vacancy_id),
        (rows[1].learner_id, vacancies[0].vacancy_id),
    }


def noisy(inputs: RoundInputs, outcome: Outcome, most: int) -> RoundInputs:
    """The same market with every score a little off."""
    noise = np.random.default_rng(1).integers(-most, most + 1, size=outcome.judgement.scores.shape)
    scores = np.clip(outcome.judgement.scores + noise, 0, 10_000).astype(np.int16)
    return replace(inputs, scores=np.where(outcome.judgement.scores < 0, -1, scores))


def test_noise_in_the_scores_moves_nobody() -> None:
    """Stickiness of 0.02 holds against noise of 0.001; without it, many move."""
    inputs = cohort(7, 200, 40, pledged=8)
    first = proposed(inputs)
    current = replace(noisy(inputs, first, 10), current=first.allocated)
    assert proposed(current).allocated == first.allocated
    loose = replace(current, policy=Policy(stickiness=0))
    assert proposed(loose).allocated != first.allocated


def test_stickiness_never_costs_a_place() -> None:
    """Who stands on the only vacancy another can reach makes room."""
    settled, other = learner(1, max_miles=20), learner(2, max_miles=5)
    near, far = vacancy(1, outcode="B5"), vacancy(2, outcode="CV1")
    current = frozenset({(settled.learner_id, near.vacancy_id)})
    policy = Policy(stickiness=10_000)
    outcome = proposed(round_of([settled, other], [near, far], current=current, policy=policy))
    assert outcome.allocated == {
        (settled.learner_id, far.vacancy_id),
        (other.learner_id, near.vacancy_id),
    }


def test_a_replay_from_stored_scores_is_the_same_byte_for_byte() -> None:
    inputs = cohort(9, 60, 20)
    first = proposed(inputs)
    again = proposed(replace(inputs, scores=first.judgement.scores.copy()))
    assert written(again) == written(first)
    assert again.unplaced == first.unplaced
    with pytest.raises(ValueError, match="the market is"):
        proposed(replace(inputs, scores=first.judgement.scores[1:]))


def changed(inputs: RoundInputs, seed: int) -> RoundInputs:
    """A day's changes: somebody new, somebody gone, somebody moved, a vacancy changed or closed."""
    rows, vacancies = list(inputs.learners), list(inputs.vacancies)
    moved = rows[seed % len(rows)]
    rows[seed % len(rows)] = replace(
        moved, profile=moved.profile.model_copy(update={"outcode": "WV1", "max_miles": 8.0})
    )
    rows.pop((seed * 7) % len(rows))
    rows.append(learner(5000 + seed))
    vacancies[0] = replace(vacancies[0], closed="filled")
    facts = vacancies[1].profile.model_copy(update={"skills": ("it",), "interviews": 3})
    vacancies[1] = replace(vacancies[1], profile=facts)
    return replace(inputs, learners=tuple(rows), vacancies=tuple(vacancies))


@pytest.mark.parametrize("seed", range(6))
def test_a_round_on_what_is_known_equals_one_from_nothing(seed: int) -> None:
    """Only changed rows are judged again, and nobody can tell."""
    inputs = cohort(seed, 30, 10)
    first = proposed(inputs)
    pair = next(iter(sorted(first.allocated)))
    for later in (
        changed(inputs, seed),
        replace(inputs, excluded=frozenset({pair})),
        replace(inputs, today=TODAY + timedelta(days=40)),
        some_locks(inputs, first),
    ):
        fresh, warm = proposed(later), proposed(later, earlier=first)
        assert written(warm) == written(fresh)
        assert np.array_equal(warm.judgement.rule, fresh.judgement.rule)
        assert np.array_equal(warm.judgement.scores, fresh.judgement.scores)
        back = proposed(inputs, earlier=warm)
        assert written(back) == written(first)


def test_another_model_or_other_rules_begin_from_nothing(tmp_path: Path) -> None:
    inputs = cohort(3, 30, 10)
    first = proposed(inputs)
    seen = Outcomes(rows=spread(40, seed=1), started=np.ones(40, dtype=np.int8))
    (tmp_path / "rules.toml").write_text('version = "none"\n')
    for model, rules in ((fitted(seen), RULES), (MODEL, Rules.load(tmp_path / "rules.toml"))):
        fresh, warm = propose(inputs, model, rules), propose(inputs, model, rules, earlier=first)
        assert written(warm) == written(fresh) != written(first)


def test_only_changed_rows_are_judged_again(monkeypatch: pytest.MonkeyPatch) -> None:
    inputs = cohort(3, 30, 10)
    first, judged = proposed(inputs), []
    counted = Rules.first_failures
    monkeypatch.setattr(
        Rules,
        "first_failures",
        lambda self, rows, others, day: (
            judged.append(len(rows) * len(others)) or counted(self, rows, others, day)
        ),
    )
    proposed(inputs, earlier=first)
    assert judged == []
    proposed(changed(inputs, 1), earlier=first)
    assert sum(judged) == 2 * 10 + 28 * 2  # two changed learners, two changed vacancies


def test_rows_out_of_order_are_refused() -> None:
    with pytest.raises(ValueError, match="learners must be sorted by id"):
        round_of([learner(2), learner(1)], [])
    with pytest.raises(ValueError, match="vacancies must be sorted by id"):
        round_of([], [vacancy(1), vacancy(1)])


@pytest.mark.parametrize(("rows", "others"), [(0, 0), (0, 3), (3, 0)])
def test_an_empty_side_is_no_error(rows: int, others: int) -> None:
    outcome = proposed(cohort(1, rows, others))
    assert (outcome.proof.optimal, outcome.allocated) == (True, frozenset())
    assert {each.reason for each in outcome.unplaced.values()} <= {"no-vacancy"}


def pairs_of(outcome: Outcome) -> set[Pair]:
    return {
        (match.learner_id, row.vacancy_id) for row in outcome.shortlists for match in row.matches
    }


def test_a_second_interview_comes_when_places_remain() -> None:
    rows, vacancies = [learner(1), learner(2)], [vacancy(1, interviews=2), vacancy(2)]
    one = proposed(round_of(rows, vacancies))
    two = proposed(round_of(rows, vacancies, policy=Policy(interviews_each=2)))
    assert (len(one.allocated), len(two.allocated)) == (2, 3)
    assert pairs_of(two) == two.allocated
