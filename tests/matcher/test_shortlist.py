"""Everything on a shortlist, and everybody who is not, is explained."""

import re
from datetime import date

import pytest

from services.matcher.market import Outcome, Policy, RoundInputs, match_id
from services.matcher.placement import is_completer, percent, points
from services.matcher.prior import fitted
from services.matcher.proposal import propose
from services.matcher.rules import Rules
from services.matcher.standing import standing
from tests.matcher.cohorts import cohort, learner, round_of, vacancy

MODEL, RULES = fitted(), Rules.load()


def proposed(inputs: RoundInputs) -> Outcome:
    return propose(inputs, MODEL, RULES)


def test_a_match_carries_its_reasons() -> None:
    one = learner(1, skills=("it", "number"), completed_on=date(2026, 9, 1))
    only = vacancy(1, skills=("it", "communication", "physical-fitness"))
    (shortlist,) = proposed(round_of([one], [only])).shortlists
    (match,) = shortlist.matches
    assert match.match_id == match_id((one.learner_id, only.vacancy_id))
    assert (match.position, match.locked, match.barrier) == (1, False, None)
    assert match.waiting_since == date(2026, 9, 1)
    assert match.distance_miles == 0.8
    assert (match.met_skills, match.missing_skills) == (("it",), ("communication",))
    effects = [abs(each.effect) for each in match.contributions]
    assert effects == sorted(effects, reverse=True)
    assert all(effects)
    words = {each.feature: each.words for each in match.contributions}
    trained = "Trained in Engineering and manufacturing, the route of this work"
    assert words["course-route"] == trained
    assert "skills-met" not in words  # half of the skills is where nothing is known either


def test_matches_stand_by_score_and_reserves_by_need() -> None:
    inputs = cohort(11, 60, 10, pledged=4, policy=Policy(reserves=6))
    outcome = proposed(inputs)
    placed = {learner_id for learner_id, _ in outcome.allocated}
    seen = 0
    for shortlist in outcome.shortlists:
        scores = [match.score for match in shortlist.matches]
        assert scores == sorted(scores, reverse=True)
        need = [(r.learner_id in placed, -r.score, r.learner_id) for r in shortlist.reserves]
        assert need == sorted(need)
        assert len(need) <= 6
        positions = [m.position for m in (*shortlist.matches, *shortlist.reserves)]
        assert positions == list(range(1, len(positions) + 1))
        assert all(reserve.barrier for reserve in shortlist.reserves)
        seen += len(need)
    assert seen > 20


def test_everybody_is_on_a_shortlist_or_counted_among_its_absences() -> None:
    inputs = cohort(12, 60, 10, pledged=4)
    completers = sum(is_completer(row, inputs.today) for row in inputs.learners)
    for shortlist in proposed(inputs).shortlists:
        listed = len(shortlist.matches) + len(shortlist.reserves)
        assert listed + sum(shortlist.absences.values()) == completers
        assert "completed" not in shortlist.absences


def test_a_coordinators_position_stands() -> None:
    rows = [learner(i, skills=("it",) if i < 3 else ()) for i in (1, 2, 3)]
    only = vacancy(1, interviews=3, skills=("it", "number"))
    plain = proposed(round_of(rows, [only])).shortlists[0].matches
    assert [match.learner_id.int for match in plain][:2] == [1, 2]
    last = plain[-1].learner_id
    moved = {(last, only.vacancy_id): 1}
    order = proposed(round_of(rows, [only], moved=moved)).shortlists[0].matches
    assert [match.learner_id.int for match in order] == [3, 1, 2]
    assert [match.position for match in order] == [1, 2, 3]


def test_a_closed_vacancy_has_a_shortlist_only_for_its_locks() -> None:
    row, shut = learner(1), vacancy(1, closed="filled")
    assert proposed(round_of([row], [shut])).shortlists == ()
    locks = frozenset({(row.learner_id, shut.vacancy_id)})
    (shortlist,) = proposed(round_of([row], [shut], locks=locks)).shortlists
    assert [match.locked for match in shortlist.matches] == [True]


def test_who_has_an_approved_interview_elsewhere_is_no_reserve() -> None:
    row, one, two = learner(1), vacancy(1), vacancy(2)
    locks = frozenset({(row.learner_id, one.vacancy_id)})
    outcome = proposed(round_of([row], [one, two], locks=locks))
    assert outcome.shortlists[1].reserves == ()
    assert outcome.shortlists[1].absences == {"placed-elsewhere": 1}


def test_unplaced_completers_have_a_reason_and_others_are_not_counted() -> None:
    rows = [
        learner(1),
        learner(2, completed_on=date(2026, 10, 1)),
        learner(3, paused=True),
        learner(4, completed_on=None),
        learner(5, withdrawn=True),
        learner(6, outcode="CV6", max_miles=1),
    ]
    shut = [vacancy(i, closed="filled") for i in (2, 3)]
    outcome = proposed(round_of(rows, [vacancy(1), *shut]))
    reasons = {learner_id.int: why.reason for learner_id, why in outcome.unplaced.items()}
    assert reasons == {2: "scarce", 3: "paused", 6: "travel-reach"}
    scarce = outcome.unplaced[rows[1].learner_id]
    assert (scarce.learners, scarce.places) == (2, 1)
    assert scarce.words == "2 learners can between them reach only 1 place"


def test_where_somebody_stands_is_answered_for_every_pair() -> None:
    """The answer agrees with the shortlists, the rules and the counts of absences."""
    inputs = cohort(13, 40, 8, pledged=3)
    outcome = proposed(inputs)
    for shortlist in outcome.shortlists:
        listed = {match.learner_id: match for match in shortlist.matches}
        reserves = {match.learner_id: match for match in shortlist.reserves}
        absent: dict[str, int] = {}
        for row in inputs.learners:
            found = standing(inputs, outcome, RULES, row.learner_id, shortlist.vacancy_id)
            match = listed.get(row.learner_id) or reserves.get(row.learner_id)
            assert found.position == (match.position if match else None)
            if row.learner_id in listed:
                assert (found.standing, found.rule) == ("placed", None)
            elif match:
                assert (found.standing, found.words) == ("reserve", match.barrier)
            else:
                assert found.standing == "absent"
                assert found.rule is not None
                if is_completer(row, inputs.today):
                    absent[found.rule] = absent.get(found.rule, 0) + 1
        assert absent == shortlist.absences


def test_chances_are_told_no_finer_than_they_are_known() -> None:
    """Points are cut, not rounded: what is told to be lacking at least is."""
    assert [percent(score) for score in (40, 99, 100, 653, 10_000)] == [
        "under 1%", "under 1%", "1%", "7%", "100%"
    ]  # fmt: skip
    assert [points(short) for short in (1, 99, 100, 2029, 2090)] == [
        "under 1 point more", "under 1 point more", "at least 1 point more",
        "at least 20 points more", "at least 20 points more",
    ]  # fmt: skip


def test_what_a_place_would_cost_is_true() -> None:
    """Giving the reserve the place lowers the best total by what the barrier says."""
    inputs = cohort(21, 25, 8, pledged=4)
    outcome = proposed(inputs)
    checked = 0
    for shortlist in outcome.shortlists:
        for reserve in shortlist.reserves:
            pair = (reserve.learner_id, shortlist.vacancy_id)
            found = standing(inputs, outcome, RULES, *pair)
            if found.limit is None:
                continue
            told = re.fullmatch(r"at least (\d+) points? more|under 1 point more", found.limit)
            assert told
            cost = 100 * int(told[1] or 0)
            assert re.match(r"(\d+|under 1)% estimated chance", found.value)
            assert "taken together" in found.words
            assert not any(letter.isdigit() for letter in found.words)
            forced = proposed(
                RoundInputs(
                    market=inputs.market,
                    today=inputs.today,
                    learners=inputs.learners,
                    vacancies=inputs.vacancies,
                    locks=frozenset({pair}),
                )
            )
            total = forced.proof.total_score + reserve.score
            assert outcome.proof.total_score - total >= cost
            checked += 1
    assert checked > 5


def test_unknown_ids_are_said_to_be_unknown() -> None:
    inputs = round_of([learner(1)], [vacancy(1)])
    with pytest.raises(KeyError):
        standing(inputs, proposed(inputs), RULES, learner(2).learner_id, vacancy(1).vacancy_id)


def test_an_approved_match_is_told_from_a_proposed_one() -> None:
    row, one, two = learner(1), vacancy(1), vacancy(2)
    locks = frozenset({(row.learner_id, one.vacancy_id)})
    inputs = round_of([row], [one, two], locks=locks)
    outcome = proposed(inputs)
    approved = standing(inputs, outcome, RULES, row.learner_id, one.vacancy_id)
    assert (approved.standing, approved.words) == ("placed", "Approved by a coordinator")
    other = standing(inputs, outcome, RULES, row.learner_id, two.vacancy_id)
    assert (other.rule, other.words) == (
        "placed-elsewhere",
        "Has an approved interview elsewhere",
    )
