"""What would change a verdict, tried: the change opens the place, anything smaller does not."""

from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from schemas.learner import LearnerProfile
from schemas.vacancy import Wage, WageVerdict
from services.matcher import prior
from services.matcher.case import Case
from services.matcher.changes import LEARNER_FACTS, Change, NotForUs, applied
from services.matcher.explanation import Explanation, explanation, rounds_for
from services.matcher.market import Learner, Outcome, Pair, RoundInputs, Vacancy
from services.matcher.proposal import propose
from services.matcher.rules import Rules
from tests.matcher.cohorts import TODAY, cohort, learner, round_of, vacancy

MODEL = prior.fitted()
RULES = Rules.load()
NEVER_ASKED = {
    "date_of_birth", "foundation_grounds", "programme", "ukprn", "course", "outcode",
    "outcode_proves_home", "prior_level", "interests", "shares_with_cluster", "adjustments",
    "unwanted_routes", "unwanted_employers",
}  # fmt: skip


def case_of(inputs: RoundInputs) -> tuple[Case, Outcome]:
    outcome = propose(inputs, MODEL, RULES)
    return Case.after(inputs, outcome, MODEL, RULES), outcome


def explained(inputs: RoundInputs, who: Learner, where: Vacancy) -> Explanation:
    case, outcome = case_of(inputs)
    return explanation(case, outcome, who.learner_id, where.vacancy_id)


def opens(case: Case, change: Change, pair: Pair) -> bool:
    """Whether a round from nothing, with the change, gives the pair a place."""
    return pair in applied(case, change).outcome().allocated


def all_open(inputs: RoundInputs, said: Explanation, who: Learner, where: Vacancy) -> bool:
    """Whether the place is shut as things are, and each change alone opens it."""
    case, outcome = case_of(inputs)
    pair = who.learner_id, where.vacancy_id
    return pair not in outcome.allocated and all(opens(case, each, pair) for each in said.changes)


def given_to(inputs: RoundInputs, who: Learner, where: Vacancy, **facts: Any) -> bool:
    """Whether the learner gets the place when their own facts are these instead."""
    row = replace(who, profile=who.profile.model_copy(update=facts))
    case, _ = case_of(inputs)
    return (who.learner_id, where.vacancy_id) in case.with_learner(row).outcome().allocated


def test_the_miles_that_are_missing_and_not_one_less() -> None:
    who, where = learner(1, max_miles=5, outcode="B1"), vacancy(1, outcode="WV1")
    said = explained(round_of([who], [where]), who, where)
    assert said.standing.rule == "travel-reach"
    change = said.changes[0]
    assert (change.kind, change.unit) == ("reach", "mile")
    needed = 5 + change.amount
    inputs = round_of([who], [where])
    assert given_to(inputs, who, where, max_miles=needed)
    assert not given_to(inputs, who, where, max_miles=needed - 1)
    assert f"Travels {needed:g} miles, {change.amount:g} miles more" in change.words


def test_the_day_on_which_somebody_must_be_free_and_not_a_day_later() -> None:
    who = learner(1, available_from=date(2027, 1, 20))
    where = vacancy(1, starts_on=date(2027, 1, 12))
    inputs = round_of([who], [where])
    said = explained(inputs, who, where)
    change = said.changes[0]
    assert (change.kind, change.amount, change.unit) == ("free-from", 8, "day")
    assert "Tuesday 12 January 2027" in change.words
    day = where.profile.starts_on
    assert given_to(inputs, who, where, available_from=day)
    assert not given_to(inputs, who, where, available_from=day + timedelta(days=1))
    # the employer could wait as well: said after what the learner could do
    assert [each.kind for each in said.changes] == ["free-from", "starts", "rule"]
    assert all_open(inputs, said, who, where)


def test_a_need_that_is_missing() -> None:
    who, where = learner(1), vacancy(1, essential=("driving-licence",))
    inputs = round_of([who], [where])
    change = explained(inputs, who, where).changes[0]
    assert (change.kind, change.words) == ("holds", "Holds driving licence")
    assert given_to(inputs, who, where, holds=("driving-licence",))
    assert not given_to(inputs, who, where, holds=("forklift",))


def test_two_missing_needs_are_no_single_change_of_the_learner() -> None:
    who, where = learner(1), vacancy(1, essential=("driving-licence", "dbs"))
    inputs = round_of([who], [where])
    said = explained(inputs, who, where)
    assert [change.kind for change in said.changes] == ["rule"]
    assert "holds" in said.tried
    assert all_open(inputs, said, who, where)


def test_an_age_is_never_what_would_have_to_change() -> None:
    """Neither the age rules nor the wage by age are ever suggested, and no change reaches them."""
    too_old = learner(1, date_of_birth=date(1990, 1, 1))
    gated = learner(2, date_of_birth=date(2000, 1, 1))
    below = Wage(aged_18_to_20=WageVerdict.MEETS, aged_21_up=WageVerdict.BELOW)
    for who, where in (
        (too_old, vacancy(1)),
        (gated, vacancy(1, foundation=True)),
        (gated, vacancy(1, wage=below)),
    ):
        said = explained(round_of([who], [where]), who, where)
        assert said.standing.rule in {"age-window", "foundation-gate", "wage-floor"}
        assert said.changes == ()
    for name in NEVER_ASKED:
        with pytest.raises(NotForUs, match=name):
            Change(kind="reach", amount=1, unit="mile", words="", facts={name: None})
    own = {field.name for field in fields(Learner)} - {"learner_id", "profile"}
    known = set(LearnerProfile.model_fields) | own
    assert known == NEVER_ASKED | LEARNER_FACTS | {"completed_on", "withdrawn"}


def test_one_more_interview_for_who_is_next() -> None:
    first, second = learner(1, completed_on=date(2026, 9, 1)), learner(2)
    where = vacancy(1)
    inputs = round_of([first, second], [where])
    said = explained(inputs, second, where)
    assert [(change.kind, change.amount) for change in said.changes] == [("pledge", 1)]
    case, _ = case_of(inputs)
    assert opens(case, said.changes[0], (second.learner_id, where.vacancy_id))


def test_as_many_more_as_it_takes_when_others_come_first() -> None:
    rows = [learner(n, completed_on=date(2026, 9, n)) for n in range(1, 5)]
    where = vacancy(1)
    said = explained(round_of(rows, [where]), rows[2], where)
    (change,) = said.changes
    assert (change.kind, change.amount) == ("pledge", 2)


def test_a_refusal_that_could_be_taken_back() -> None:
    who, where = learner(1), vacancy(1)
    refused = frozenset({(who.learner_id, where.vacancy_id)})
    inputs = round_of([who], [where], excluded=refused)
    said = explained(inputs, who, where)
    assert [change.kind for change in said.changes] == ["refusal"]
    assert all_open(inputs, said, who, where)


def test_another_programme_is_the_employers_to_let_in() -> None:
    who, where = learner(1), vacancy(1, programmes=("bootcamp",))
    inputs = round_of([who], [where])
    said = explained(inputs, who, where)
    assert [change.kind for change in said.changes] == ["open-to", "rule"]
    assert all_open(inputs, said, who, where)


def test_a_break_that_ends() -> None:
    who, where = learner(1, paused=True, paused_until=date(2026, 12, 1)), vacancy(1)
    inputs = round_of([who], [where])
    said = explained(inputs, who, where)
    assert [change.kind for change in said.changes] == ["break"]
    assert all_open(inputs, said, who, where)


def test_a_skill_or_hours_where_the_fit_alone_decides() -> None:
    """Two who waited as long: the one who fits a little less has the place with one skill more."""
    asks = ("it", "number", "team-working")
    fits = learner(1, skills=asks, outcode="WS1")
    other = learner(2, skills=("it", "number"), interests=(9,), hours_to=30.0, outcode="B5")
    where = vacancy(1, skills=asks, hours_per_week=37.5)
    inputs = round_of([fits, other], [where])
    said = explained(inputs, other, where)
    by_kind = {change.kind: change for change in said.changes}
    assert by_kind["skill"].words == "Shows team working"
    assert given_to(inputs, other, where, skills=asks)
    assert not given_to(inputs, other, where, skills=("it", "number", "organisation"))
    hours = by_kind["hours"].amount
    assert given_to(inputs, other, where, hours_to=30 + hours)
    assert not given_to(inputs, other, where, hours_to=30 + hours - 1)


def test_who_would_lose_is_told_along_the_places_as_they_free() -> None:
    """X takes A; Y leaves A for B; Z leaves B and has none."""
    x = learner(1, max_miles=3, outcode="B5", completed_on=date(2026, 10, 20))
    y = learner(2, outcode="B1", max_miles=30, completed_on=date(2026, 9, 1))
    z = learner(3, max_miles=3, outcode="CV1", completed_on=date(2026, 9, 20))
    a, b = vacancy(1, outcode="B5"), vacancy(2, outcode="CV1")
    inputs = round_of([x, y, z], [a, b])
    said = explained(inputs, x, a)
    assert said.swap
    assert [(m.learner_id, m.leaves, m.takes) for m in said.swap.moves] == [
        (x.learner_id, None, a.vacancy_id),
        (y.learner_id, a.vacancy_id, b.vacancy_id),
        (z.learner_id, b.vacancy_id, None),
    ]
    assert said.swap.losers == (z.learner_id,)
    assert (said.swap.placed_before, said.swap.placed_after) == (2, 2)


def test_nobody_can_be_moved_where_no_place_could_be_given() -> None:
    """A rule forbids it, or approved matches have every place."""
    who, other, where = learner(1), learner(2), vacancy(1)
    locks = frozenset({(other.learner_id, where.vacancy_id)})
    assert explained(round_of([who, other], [where], locks=locks), who, where).swap is None
    far = learner(1, max_miles=1, outcode="WV1")
    assert explained(round_of([far], [where]), far, where).swap is None


def test_why_here_says_what_counts_and_which_skills() -> None:
    who = learner(1, skills=("it",), interests=(9,))
    where = vacancy(1, skills=("it", "number"))
    said = explained(round_of([who], [where]), who, where)
    assert said.standing.standing == "placed"
    assert (said.line.met_skills, said.line.missing_skills) == (("it",), ("number",))
    assert {move.feature for move in said.line.contributions} >= {"course-route", "interest"}
    assert said.changes == ()


def test_a_large_market_runs_few_rounds() -> None:
    case, _ = case_of(cohort(1, 3, 2))
    assert rounds_for(case) == 40
    many = replace(case, inputs=replace(
        case.inputs,
        learners=tuple(learner(n) for n in range(1, 5001)),
        vacancies=tuple(vacancy(n) for n in range(1, 1001)),
    ))  # fmt: skip
    assert rounds_for(many) == 6


def test_what_the_limit_on_rounds_cut_off_is_said() -> None:
    rows = [learner(n, completed_on=date(2026, 9, n)) for n in range(1, 5)]
    where = vacancy(1)
    case, outcome = case_of(round_of(rows, [where]))
    who = rows[3].learner_id
    assert explanation(case, outcome, who, where.vacancy_id, most=2).cut_short
    assert not explanation(case, outcome, who, where.vacancy_id).cut_short


def test_unknown_ids_are_refused() -> None:
    case, outcome = case_of(round_of([learner(1)], [vacancy(1)]))
    with pytest.raises(KeyError):
        explanation(case, outcome, UUID(int=99), vacancy(1).vacancy_id)
    assert case.inputs.today == TODAY
