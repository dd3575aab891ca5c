"""Who may be matched with what: each rule at its edges, in order, with words."""

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from schemas.learner import Attainment, Course
from schemas.vacancy import Asked, Mode, Wage, WageVerdict
from services.matcher.columns import Rows
from services.matcher.market import Learner, Vacancy
from services.matcher.rulefile import RulesUnreadable
from services.matcher.rules import Rules
from tests.matcher.cohorts import TODAY, cohort, learner, vacancy

RULES = Rules.load()
ANYBODY, ANYTHING = learner(), vacancy()


def first(row: Learner, other: Vacancy, rules: Rules = RULES, today: date = TODAY) -> str | None:
    number = int(rules.first_failures([row], [other], today)[0, 0])
    return rules.ids[number - 1] if number else None


def begun(day: date) -> Course:
    return ANYBODY.profile.course.model_copy(update={"started_on": day})


def born(day: date, **facts: Any) -> Learner:
    """Somebody of that birth date whose course began at 20, so that its band never matters."""
    return learner(date_of_birth=day, course=begun(date(day.year + 20, 12, 31)), **facts)


def paid(younger: WageVerdict, older: WageVerdict) -> Vacancy:
    return vacancy(wage=Wage(aged_18_to_20=younger, aged_21_up=older))


MEETS, BELOW, LEGAL = WageVerdict.MEETS, WageVerdict.BELOW, WageVerdict.LEGAL_ONLY
LEAP = date(2004, 2, 29)
FOUNDATION = vacancy(foundation=True, starts_on=date(2027, 1, 11))

HAS_1 = Attainment(held=1)
LEVEL_1 = ANYBODY.profile.course.model_copy(update={"level": 1})

CASES = [
    (ANYBODY, ANYTHING, None),
    (learner(completed_on=None), ANYTHING, "completed"),
    (learner(completed_on=date(2026, 11, 3)), ANYTHING, "completed"),
    (learner(completed_on=TODAY), ANYTHING, None),
    (learner(withdrawn=True), ANYTHING, "withdrawn"),
    (learner(paused=True), ANYTHING, "paused"),
    (learner(paused=True, paused_until=TODAY), ANYTHING, "paused"),
    (learner(paused=True, paused_until=date(2026, 11, 1)), ANYTHING, None),
    # 19th birthday to the day before the 30th, at the start of the course
    (learner(date_of_birth=date(2007, 6, 1)), ANYTHING, None),
    (learner(date_of_birth=date(2007, 6, 2)), ANYTHING, "age-window"),
    (learner(date_of_birth=date(1996, 6, 2)), ANYTHING, None),
    (learner(date_of_birth=date(1996, 6, 1)), ANYTHING, "age-window"),
    # born on a leap day: older from 1 March
    (learner(date_of_birth=LEAP, course=begun(date(2023, 2, 28))), ANYTHING, "age-window"),
    (learner(date_of_birth=LEAP, course=begun(date(2023, 3, 1))), ANYTHING, None),
    (ANYBODY, vacancy(closed="filled"), "closed"),
    (ANYBODY, vacancy(closes_on=TODAY), None),
    (ANYBODY, vacancy(closes_on=date(2026, 11, 1)), "dates"),
    (ANYBODY, vacancy(interview_by=TODAY), None),
    (ANYBODY, vacancy(interview_by=date(2026, 11, 1)), "dates"),
    (ANYBODY, vacancy(starts_on=TODAY), None),
    (ANYBODY, vacancy(starts_on=date(2026, 11, 1)), "dates"),
    (born(date(2005, 1, 12)), FOUNDATION, None),
    (born(date(2005, 1, 11)), FOUNDATION, "foundation-gate"),
    (born(date(2005, 1, 11), foundation_grounds=True), FOUNDATION, None),
    (born(date(2002, 1, 12), foundation_grounds=True), FOUNDATION, None),
    (born(date(2002, 1, 11), foundation_grounds=True), FOUNDATION, "foundation-gate"),
    (born(date(2002, 1, 11)), ANYTHING, None),
    # the band of the learner's age at the start of the work
    (born(date(2006, 1, 12)), paid(MEETS, BELOW), None),
    (born(date(2006, 1, 11)), paid(MEETS, BELOW), "wage-floor"),
    (born(date(2006, 1, 12)), paid(BELOW, MEETS), "wage-floor"),
    (born(date(2006, 1, 11)), paid(BELOW, MEETS), None),
    (ANYBODY, paid(LEGAL, LEGAL), None),
    (ANYBODY, vacancy(programmes=("bootcamp",)), "programme"),
    (ANYBODY, vacancy(programmes=("bootcamp", "path2")), None),
    (learner(available_from=date(2027, 1, 11)), ANYTHING, None),
    (learner(available_from=date(2027, 1, 12)), ANYTHING, "start-date"),
    # B1 to CV1 is 17.6 miles
    (learner(max_miles=17.6), vacancy(outcode="CV1"), None),
    (learner(max_miles=17.5), vacancy(outcode="CV1"), "travel-reach"),
    (learner(max_miles=1), vacancy(outcode="CV1", mode=Mode.HYBRID), None),
    (learner(max_miles=1), vacancy(outcode="CV1", mode=Mode.REMOTE), None),
    (learner(outcode="CV1"), vacancy(outcode="HR1"), "travel-reach"),
    # an unknown place is never next door, and never too far
    (learner(max_miles=1, outcode="B99"), vacancy(outcode="CV1"), None),
    (learner(max_miles=1), vacancy(outcode=None), None),
    (ANYBODY, vacancy(essential=("driving-licence",)), "essential-needs"),
    (learner(holds=("driving-licence", "cscs")), vacancy(essential=("driving-licence",)), None),
    (learner(holds=("cscs",)), vacancy(essential=("driving-licence", "cscs")), "essential-needs"),
    # the standard's own days, both included; the work starts on 11 January
    (ANYBODY, vacancy(standard_from=date(2027, 1, 11)), None),
    (ANYBODY, vacancy(standard_from=date(2027, 1, 12)), "standard"),
    (ANYBODY, vacancy(standard_until=date(2027, 1, 11)), None),
    (ANYBODY, vacancy(standard_until=date(2027, 1, 10)), "standard"),
    # what the learner does not want
    (learner(unwanted_employers=(UUID(int=1),)), ANYTHING, "learner-choice"),
    (learner(unwanted_employers=(UUID(int=2), UUID(int=3))), ANYTHING, None),
    (learner(unwanted_routes=(3, 9)), ANYTHING, "learner-choice"),
    (learner(unwanted_routes=(3,)), ANYTHING, None),
    (learner(unwanted_routes=(9,)), vacancy(route=None), None),
    # wishes and levels keep nobody off unless a file says so
    (learner(english=HAS_1), vacancy(english=Asked(level=2, essential=True)), None),
    (learner(prior_level=0, course=LEVEL_1), vacancy(level=7), None),
]  # fmt: skip


@pytest.mark.parametrize(("row", "other", "rule"), CASES)
def test_each_rule_at_its_edge(row: Learner, other: Vacancy, rule: str | None) -> None:
    assert first(row, other) == rule


@pytest.mark.parametrize(("row", "other", "rule"), [case for case in CASES if case[2]])
def test_every_failure_has_words_and_no_personal_fact(
    row: Learner, other: Vacancy, rule: str
) -> None:
    failure = RULES.failure(row, other, TODAY, rule)
    assert failure.rule == rule
    assert len(failure.words.split()) >= 4
    said = f"{failure.words} {failure.value} {failure.limit}"
    assert row.profile.date_of_birth.isoformat() not in said
    assert str(row.learner_id) not in said


def test_every_verdict_carries_the_version_of_its_rules() -> None:
    failure = RULES.failure(learner(withdrawn=True), ANYTHING, TODAY, "withdrawn")
    assert failure.version == RULES.version
    assert RULES.failure(ANYBODY, ANYTHING, TODAY, "excluded").version == RULES.version


def test_a_failure_says_what_was_found_and_what_is_needed() -> None:
    far = RULES.failure(learner(max_miles=10), vacancy(outcode="CV1"), TODAY, "travel-reach")
    assert (far.value, far.limit) == ("17.6 miles", "10 miles")
    old = RULES.failure(learner(date_of_birth=date(1990, 1, 1)), ANYTHING, TODAY, "age-window")
    assert (old.value, old.limit) == ("36", "19 to 29")
    need = vacancy(essential=("driving-licence", "cscs"))
    lacks = RULES.failure(learner(holds=("cscs",)), need, TODAY, "essential-needs")
    assert (lacks.value, lacks.limit) == ("without driving-licence", "driving-licence, cscs")


def test_the_first_failing_rule_is_named_in_a_fixed_order() -> None:
    """Everything wrong at once: repaired one by one, the next rule appears."""
    row = learner(completed_on=None, withdrawn=True, paused=True)
    other = vacancy(closed="filled", programmes=("bootcamp",), essential=("cscs",))
    assert first(row, other) == "completed"
    assert first(learner(withdrawn=True, paused=True), other) == "withdrawn"
    assert first(learner(paused=True), other) == "paused"
    assert first(ANYBODY, other) == "closed"
    assert first(ANYBODY, vacancy(programmes=("x",), essential=("cscs",))) == "programme"


def test_a_block_of_pairs_says_what_each_pair_alone_would() -> None:
    market, chance = cohort(5, 40, 15), Random(5)
    needs, routes = ("cscs", "dbs", "licence"), range(1, 16)

    def some(of: Sequence[Any], most: int) -> tuple[Any, ...]:
        return tuple(chance.sample(of, chance.randint(0, most)))

    learners = [
        changed(
            row,
            programme=chance.choice(("path2", "bootcamp")),
            holds=some(needs, 3),
            unwanted_routes=some(routes, 3),
            unwanted_employers=tuple(UUID(int=n) for n in some(range(15), 2)),
        )
        for row in market.learners
    ]
    vacancies = [
        changed(
            row,
            programmes=some(("path2", "other"), 1),
            essential=some(needs, 1),
            standard_until=chance.choice((None, row.profile.starts_on, TODAY)),
        )
        for row in market.vacancies
    ]
    block = RULES.first_failures(learners, vacancies, TODAY)
    alone = [
        [RULES.first_failures([row], [other], TODAY)[0, 0] for other in vacancies]
        for row in learners
    ]
    assert np.array_equal(block, alone)
    said = {RULES.ids[number - 1] for number in np.unique(block) if number}
    assert said >= {"programme", "learner-choice", "essential-needs", "standard", "travel-reach"}


def test_one_learner_costs_as_much_python_whatever_the_number_of_known_vacancies() -> None:
    """Nothing is done for each vacancy: calls are counted, for time is never the same twice."""
    calls = {}
    for size in (10, 1000):
        market = cohort(7, 3, size)
        vacancies = Rows(market.vacancies)
        RULES.first_failures(market.learners, vacancies, TODAY)
        one = [replace(market.learners[0], paused=True)]
        counted: Counter[str] = Counter()

        def count(_: object, event: str, __: object, counted: Counter[str] = counted) -> None:
            counted[event] += 1

        sys.setprofile(count)
        failures = RULES.first_failures(one, vacancies, TODAY)
        sys.setprofile(None)
        calls[size] = counted.total()
        assert {RULES.ids[number - 1] for number in failures[0]} == {"paused"}
    assert calls[10] == calls[1000]


def test_rows_that_changed_are_judged_as_they_are_now() -> None:
    market = cohort(9, 20, 12)
    learners, vacancies = Rows(market.learners), Rows(market.vacancies)
    RULES.first_failures(learners, vacancies, TODAY)

    new = vacancy(99, essential=("a-need-never-seen",), programmes=("another",))
    learners.put({3: replace(market.learners[3], withdrawn=True), 20: ANYBODY})
    vacancies.put({5: new})

    kept = RULES.first_failures(learners, vacancies, TODAY)
    assert np.array_equal(kept, RULES.first_failures(list(learners), list(vacancies), TODAY))


def changed(row: Any, **facts: Any) -> Any:
    return replace(row, profile=row.profile.model_copy(update=facts))


def written(folder: Path, text: str) -> Path:
    path = folder / "rules.toml"
    path.write_text(text)
    return path


def test_rules_can_be_off_dated_and_set(tmp_path: Path) -> None:
    text = (
        'version = "a"\n[completed]\non = false\n[withdrawn]\nfrom = 2026-11-03\n'
        "[age-window]\nyoungest = 16\noldest = 18\nuntil = 2026-11-02\n"
    )
    rules = Rules.load(written(tmp_path, text))
    row = learner(completed_on=None, withdrawn=True)
    assert first(row, ANYTHING, rules) is None
    assert first(row, ANYTHING, rules, date(2026, 11, 3)) == "withdrawn"
    assert first(ANYBODY, ANYTHING, rules, date(2026, 11, 1)) == "age-window"
    assert first(ANYBODY, vacancy(closed="filled"), rules) is None


def test_another_file_is_another_version(tmp_path: Path) -> None:
    one = Rules.load(written(tmp_path, 'version = "a"\n[completed]\n')).version
    two = Rules.load(written(tmp_path, 'version = "a"\n[completed]\non = false\n')).version
    assert one != two
    assert one.startswith("a-")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('version = "a', "rules.toml"),
        ("[completed]", "version"),
        ('version = "a"\n[complete]', "no rule is called complete"),
        ('version = "a"\n[completed]\nyears = 3', "completed has no setting years"),
        ('version = "a"\n[completed]\nfrom = "May"', "completed.from: a date is needed"),
        ('version = "a"\n[age-window]\nyoungest = 19', "age-window: oldest"),
        ('version = "a"\n[age-window]\nyoungest = "x"\noldest = 2', "age-window: youngest"),
    ],
)
def test_a_wrong_file_is_refused_by_name(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(RulesUnreadable, match=complaint):
        Rules.load(written(tmp_path, text))
