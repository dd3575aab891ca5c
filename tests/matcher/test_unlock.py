"""What would place those without an interview; and whom one rule alone keeps out."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from schemas.learner import Attainment, Course
from schemas.vacancy import Asked
from services.matcher.barriers import barrier_report
from services.matcher.case import Case
from services.matcher.changes import applied
from services.matcher.market import RoundInputs
from services.matcher.proposal import propose
from services.matcher.rule_changes import RuleUnknown, limits, with_limit, without
from services.matcher.rules import Rules
from services.matcher.unlock import UnlockReport, unlock_report
from tests.matcher.cohorts import learner, round_of, vacancy
from tests.matcher.test_explanation import MODEL, RULES, case_of


def report_of(inputs: RoundInputs) -> UnlockReport:
    return unlock_report(*case_of(inputs))


def placed_with(inputs: RoundInputs, who: UUID, **facts: object) -> bool:
    """Whether *who* gets an interview when their own facts are these."""
    case, _ = case_of(inputs)
    row = case.learner(who)
    changed = replace(row, profile=row.profile.model_copy(update=facts))
    return who not in case.with_learner(changed).outcome().unplaced


def test_each_unplaced_learner_gets_their_own_smallest_change() -> None:
    """Some miles, a Tuesday, a licence; each applied alone places that learner."""
    inputs = round_of(
        [
            learner(1, max_miles=10, outcode="WV1"),
            learner(2, available_from=date(2027, 1, 20), holds=("shifts",)),
            learner(3, outcode="HR1", max_miles=5),
        ],
        [
            vacancy(1, outcode="B5"),
            vacancy(2, starts_on=date(2027, 1, 12), essential=("shifts",)),
            vacancy(3, essential=("driving-licence",), outcode="HR1"),
        ],
    )
    case, outcome = case_of(inputs)
    report = unlock_report(case, outcome)
    kinds = {each.learner_id.int: each.change.kind for each in report.unlocks}
    assert kinds == {1: "reach", 2: "free-from", 3: "holds"}
    for unlock in report.unlocks:
        made = applied(case, unlock.change).outcome()
        assert unlock.learner_id not in made.unplaced
        assert (unlock.learner_id, unlock.vacancy_id) in made.allocated


def test_miles_and_no_mile_less() -> None:
    far = learner(1, max_miles=10, outcode="WV1")
    inputs = round_of([far], [vacancy(1, outcode="B5")])
    (unlock,) = report_of(inputs).unlocks
    assert (unlock.change.kind, unlock.displaced) == ("reach", 0)
    needed = 10 + unlock.change.amount
    assert placed_with(inputs, far.learner_id, max_miles=needed)
    assert not placed_with(inputs, far.learner_id, max_miles=needed - 1)


def test_a_tuesday_and_no_day_later() -> None:
    late = learner(1, available_from=date(2027, 1, 20))
    tuesday = date(2027, 1, 12)
    earlier = vacancy(2, starts_on=date(2027, 1, 4))
    inputs = round_of([late], [vacancy(1, starts_on=tuesday), earlier])
    (unlock,) = report_of(inputs).unlocks
    assert (unlock.change.kind, unlock.change.amount) == ("free-from", 8)
    assert placed_with(inputs, late.learner_id, available_from=tuesday)
    later = tuesday + timedelta(days=1)
    assert not placed_with(inputs, late.learner_id, available_from=later)


def test_a_need_such_as_mathematics() -> None:
    lacks = learner(1)
    inputs = round_of([lacks], [vacancy(1, essential=("maths-level-2",))])
    (unlock,) = report_of(inputs).unlocks
    assert unlock.change.words == "Holds maths level 2"
    assert placed_with(inputs, lacks.learner_id, holds=("maths-level-2",))
    assert not placed_with(inputs, lacks.learner_id, holds=("english-level-2",))


def test_where_places_are_scarce_as_many_interviews_as_bring_ones_turn() -> None:
    rows = [learner(n, completed_on=date(2026, 9, n)) for n in range(1, 5)]
    report = report_of(round_of(rows, [vacancy(1)]))
    amounts = {each.learner_id: each.change.amount for each in report.unlocks}
    assert amounts == {rows[1].learner_id: 1, rows[2].learner_id: 2, rows[3].learner_id: 3}
    assert {each.change.kind for each in report.unlocks} == {"pledge"}


def test_who_would_lose_a_turn_is_counted() -> None:
    """A learner who waited longer takes the only place, so it is said what that costs."""
    holder = learner(1, completed_on=date(2026, 10, 1))
    older = learner(2, completed_on=date(2026, 9, 1), max_miles=10, outcode="WV1")
    (unlock,) = report_of(round_of([holder, older], [vacancy(1, outcode="B5")])).unlocks
    said = unlock.learner_id, unlock.change.kind, unlock.displaced
    assert said == (older.learner_id, "reach", 1)


def test_whom_no_single_change_helps_is_counted_so() -> None:
    too_old = learner(1, date_of_birth=date(1990, 1, 1))
    report = report_of(round_of([too_old], [vacancy(1)]))
    assert (report.unplaced, report.unlocks, report.nothing) == (1, (), 1)


def test_the_limit_on_rounds_holds_and_says_who_was_not_looked_at() -> None:
    rows = [learner(n, max_miles=1, outcode="WV1") for n in range(1, 9)]
    inputs = round_of(rows, [vacancy(n, outcode="B5") for n in range(1, 9)])
    report = unlock_report(*case_of(inputs), most=5)
    assert report.rounds == 5
    assert report.unread == 8 - len(report.unlocks)


def test_small_cells_are_hidden_by_kind_route_and_month() -> None:
    far = [learner(n, max_miles=1, outcode="WV1") for n in range(1, 7)]
    late = [learner(n, available_from=date(2027, 1, 20)) for n in range(7, 9)]
    inputs = round_of([*far, *late], [vacancy(1, interviews=8)])
    report = report_of(inputs)
    assert report.by_kind.cells == {"free-from": None, "reach": None}
    assert (report.by_kind.total, report.by_route.total) == (8, 8)
    assert report.by_route.cells == {"Engineering and manufacturing": 8}
    assert report.by_month.cells == {"2027-01": 8}


def test_a_later_start_where_an_earlier_day_of_the_learners_would_not_do() -> None:
    """The standard takes no starts on the day as it is, nor on a day before it does."""
    late, opens = learner(1, available_from=date(2027, 1, 20)), date(2027, 1, 14)
    inputs = round_of([late], [vacancy(1, starts_on=date(2027, 1, 12), standard_from=opens)])
    case, outcome = case_of(inputs)
    (unlock,) = unlock_report(case, outcome).unlocks
    assert (unlock.change.kind, unlock.change.amount) == ("starts", 8)
    assert late.learner_id in outcome.unplaced
    assert applied(case, unlock.change).outcome().allocated == {
        (late.learner_id, unlock.vacancy_id)
    }


def course(route: int) -> Course:
    return Course(course_id=UUID(int=7), started_on=date(2026, 6, 1), route=route, level=2)


def test_dropping_a_rule_admits_exactly_those_it_alone_keeps_out() -> None:
    """Seven lack mathematics alone, three live too far alone, two both."""
    lacks = [learner(n, course=course(3)) for n in range(1, 8)]
    far = [learner(n, max_miles=1, outcode="WV1", holds=("maths",)) for n in range(8, 11)]
    both = [learner(n, max_miles=1, outcode="WV1") for n in range(11, 13)]
    inputs = round_of(
        [*lacks, *far, *both], [vacancy(1, essential=("maths",), interviews=20, outcode="B5")]
    )
    case, outcome = case_of(inputs)
    report = barrier_report(case)
    counts = {each.rule: len(each.learners) for each in report.barriers}
    assert counts == {"essential-needs": 7, "travel-reach": 3}
    assert (report.completers, report.barred, report.by_more) == (12, 12, 2)
    for rule, count in counts.items():
        made = propose(inputs, case.model, without(RULES, rule))
        assert len(outcome.unplaced) - len(made.unplaced) == count
    (maths, _) = sorted(report.barriers, key=lambda each: each.rule)
    assert (maths.by_route.cells, maths.by_month.cells) == ({"Care services": 7}, {"2026-09": 7})
    assert report.table.cells == {"essential-needs": None, "travel-reach": None}


def test_nobody_and_nothing_make_empty_reports() -> None:
    for inputs in (round_of([], []), round_of([learner(1)], []), round_of([], [vacancy(1)])):
        assert report_of(inputs).unlocks == ()
        assert barrier_report(case_of(inputs)[0]).barriers == ()


def test_a_changed_rule_has_another_version_and_unknown_ones_are_refused() -> None:
    assert without(RULES, "travel-reach").version != RULES.version
    assert limits(with_limit(RULES, "travel-reach", "usual_miles", "50"), "travel-reach") == {
        "modes": ("onsite",),
        "usual_miles": 50.0,
    }
    with pytest.raises(RuleUnknown, match="no rule in force is called horoscope"):
        without(RULES, "horoscope")
    with pytest.raises(RuleUnknown, match="has no limit size"):
        with_limit(RULES, "travel-reach", "size", 3)
    with pytest.raises(RuleUnknown, match="usual_miles"):
        with_limit(RULES, "travel-reach", "usual_miles", "far")
    dated = with_limit(RULES, "travel-reach", "from", "2030-01-01")
    (reach,) = (each for each in dated.rulings if each.id == "travel-reach")
    assert [entry.since for entry in reach.entries] == [date(2030, 1, 1)]


def test_mathematics_by_the_day_before_the_start() -> None:
    """Worked towards in time it counts; a level less, or a day later, does not."""
    lacks = learner(1, maths=Attainment(held=0))
    asks = Asked(level=2, essential=True)
    inputs = round_of([lacks], [vacancy(1, maths=asks, starts_on=date(2027, 6, 8))])
    strict = Rules.of(b'version = "strict"\n[english-maths]\n')
    outcome = propose(inputs, MODEL, strict)
    case = Case.after(inputs, outcome, MODEL, strict)
    (unlock,) = unlock_report(case, outcome).unlocks
    assert unlock.change.words == "Maths level 2 by 7 June 2027"
    for held, places in (
        (Attainment(held=0, towards=2, due=date(2027, 6, 7)), True),
        (Attainment(held=0, towards=2, due=date(2027, 6, 8)), False),
        (Attainment(held=0, towards=1, due=date(2027, 6, 7)), False),
    ):
        row = replace(lacks, profile=lacks.profile.model_copy(update={"maths": held}))
        made = case.with_learner(row).outcome()
        assert (lacks.learner_id not in made.unplaced) is places
