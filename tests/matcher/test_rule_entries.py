"""Rules are dated and scoped configuration: which entry applies, on which day, to whom."""

from datetime import date
from typing import Any

import numpy as np
import pytest

from schemas.learner import Attainment, Course
from schemas.vacancy import Asked, Wage, WageVerdict
from services.matcher.columns import Rows
from services.matcher.market import Learner, Vacancy
from services.matcher.rulefile import RulesUnreadable
from services.matcher.rules import Rules
from tests.matcher.cohorts import TODAY, cohort, learner, vacancy

HEAD = 'version = "a"\n[sectors]\ncreative = [6]\ncare = [3, 11]\n'
TOMORROW = date(2026, 11, 3)
BELOW = Wage(aged_18_to_20=WageVerdict.LEGAL_ONLY, aged_21_up=WageVerdict.LEGAL_ONLY)


def rules(text: str) -> Rules:
    return Rules.of((HEAD + text).encode())


def first(book: Rules, row: Learner, other: Vacancy, today: date = TODAY) -> str | None:
    number = int(book.first_failures([row], [other], today)[0, 0])
    return book.ids[number - 1] if number else None


def aged(years: int, **facts: Any) -> Learner:
    """Somebody of so many whole years when the course starts."""
    return learner(date_of_birth=date(2026 - years, 6, 1), **facts)


AGES = """
[[age-window]]
youngest = 19
oldest = 29
[[age-window]]
programmes = ["young"]
youngest = 16
oldest = 18
[[age-window]]
programmes = ["young"]
sectors = ["care"]
youngest = 18
oldest = 18
[[age-window]]
sectors = ["creative"]
on = false
[[age-window]]
programmes = ["young"]
sectors = ["creative"]
youngest = 17
oldest = 18
"""


@pytest.mark.parametrize(
    ("row", "route", "fails"),
    [
        (aged(19), 9, False),
        (aged(18), 9, True),
        (aged(18, programme="young"), 9, False),
        (aged(19, programme="young"), 9, True),
        (aged(16, programme="young"), 9, False),
        (aged(16, programme="young"), None, False),
        (aged(16, programme="young"), 3, True),
        (aged(18, programme="young"), 11, False),
        (aged(45), 6, False),
        (aged(45), 3, True),
        (aged(16, programme="young"), 6, True),
        (aged(17, programme="young"), 6, False),
    ],
)
def test_the_narrowest_entry_is_the_one_that_applies(
    row: Learner, route: int | None, *, fails: bool
) -> None:
    book, other = rules(AGES), vacancy(route=route)
    assert (first(book, row, other) == "age-window") is fails
    if fails:
        assert book.failure(row, other, TODAY, "age-window").words


def test_a_verdict_quotes_the_limits_of_the_entry_that_applied() -> None:
    book = rules(AGES)
    young = book.failure(aged(19, programme="young"), vacancy(route=9), TODAY, "age-window")
    assert (young.value, young.limit) == ("19", "16 to 18")
    assert book.failure(aged(18), vacancy(route=9), TODAY, "age-window").limit == "19 to 29"


def test_a_rule_that_is_off_for_a_pair_has_nothing_to_say_of_it() -> None:
    with pytest.raises(ValueError, match="age-window is off here"):
        rules(AGES).failure(aged(45), vacancy(route=6), TODAY, "age-window")


def test_a_future_entry_changes_tomorrow_and_nothing_today() -> None:
    now = rules("[age-window]\nyoungest = 19\noldest = 29\n")
    soon = rules(
        "[[age-window]]\nyoungest = 19\noldest = 29\nuntil = 2026-11-03\n"
        "[[age-window]]\nyoungest = 19\noldest = 24\nfrom = 2026-11-03\n"
    )
    market = cohort(4, 60, 12)
    before = now.first_failures(market.learners, market.vacancies, TODAY)
    assert np.array_equal(soon.first_failures(market.learners, market.vacancies, TODAY), before)
    after = soon.first_failures(market.learners, market.vacancies, TOMORROW)
    old = np.array([row.profile.date_of_birth < date(2001, 6, 2) for row in market.learners])
    assert old.any()
    assert np.array_equal(after.any(axis=1), before.any(axis=1) | old)
    assert now.version != soon.version


def test_an_entry_holds_from_its_first_day_to_the_day_before_its_end() -> None:
    book = rules("[withdrawn]\nfrom = 2026-11-02\nuntil = 2026-11-04\n")
    gone = learner(withdrawn=True)
    found = [first(book, gone, vacancy(), date(2026, 11, day)) for day in (1, 2, 3, 4)]
    assert found == [None, "withdrawn", "withdrawn", None]


def test_changing_the_creative_entry_leaves_every_verdict_on_care_as_it_was() -> None:
    """Not by happening to agree: the creative verdicts do change."""
    written = (
        '[[travel-reach]]\nmodes = ["onsite"]\nusual_miles = 35.0\n'
        '[[travel-reach]]\nsectors = ["creative"]\nmodes = ["onsite"]\nusual_miles = {}\n'
        '[[travel-reach]]\nsectors = ["care"]\nmodes = ["onsite"]\nusual_miles = 12.0\n'
    )
    market = cohort(11, 80, 60)
    verdicts = {}
    for miles in (20.0, 3.0):
        book = rules(written.format(miles))
        found = book.first_failures(market.learners, market.vacancies, TODAY)
        for at, other in enumerate(market.vacancies):
            sector = {6: "creative", 3: "care", 11: "care"}.get(other.profile.route or 0, "other")
            said = [
                book.failure(row, other, TODAY, "travel-reach") if number else None
                for row, number in zip(market.learners, found[:, at], strict=True)
            ]
            words = [(w.rule, w.words, w.value, w.limit) if w else None for w in said]
            verdicts.setdefault((sector, miles), []).append((found[:, at].tobytes(), words))
    assert verdicts["care", 20.0] == verdicts["care", 3.0]
    assert any(b"\x01" in marks for marks, _ in verdicts["care", 3.0])
    assert verdicts["other", 20.0] == verdicts["other", 3.0]
    assert verdicts["creative", 20.0] != verdicts["creative", 3.0]


def test_a_block_of_pairs_under_scoped_rules_says_what_each_pair_alone_would() -> None:
    book, market = rules(AGES), cohort(6, 30, 20)
    learners = Rows(
        [
            aged(16 + at % 16, programme=("young", "path2", "another")[at % 3])
            for at in range(len(market.learners))
        ]
    )
    block = book.first_failures(learners, market.vacancies, TODAY)
    alone = [[first(book, row, other) for other in market.vacancies] for row in learners]
    assert np.array_equal(block > 0, [[each is not None for each in row] for row in alone])
    assert 0 < block.mean() < 1


OVER = '[programme]\nnever_matched = ["old"]\n'
WAGE = '[[wage-floor]]\nrefused = ["below"]\n[[wage-floor]]\nprogrammes = ["p"]\n'


@pytest.mark.parametrize(
    ("text", "row", "other", "rule"),
    [
        # the age rate promised to one programme, the legal floor to the rest
        (WAGE + 'refused = ["below", "legal-only"]\n', learner(), vacancy(wage=BELOW), None),
        (
            WAGE + 'refused = ["below", "legal-only"]\n',
            learner(programme="p"),
            vacancy(wage=BELOW),
            "wage-floor",
        ),
        # programmes that are over are kept and not matched
        (OVER, learner(programme="old"), vacancy(), "programme"),
        (OVER, learner(), vacancy(), None),
        # standards that are closed before adverts say so
        ("[standard]\nlast_starts = { ST1 = 2027-01-10 }\n", learner(), vacancy(standard="ST1"),
         "standard"),
        ("[standard]\nlast_starts = { ST1 = 2027-01-11 }\n", learner(), vacancy(standard="ST1"),
         None),
        ("[standard]\nlast_starts = { ST1 = 2027-01-10 }\n", learner(), vacancy(), None),
    ],
)  # fmt: skip
def test_limits_of_an_entry(text: str, row: Learner, other: Vacancy, rule: str | None) -> None:
    book = rules(text)
    assert first(book, row, other) == rule
    if rule:
        assert book.failure(row, other, TODAY, rule).limit


COURSE = Course(course_id=learner().profile.course.course_id, started_on=date(2026, 6, 1), level=1)


@pytest.mark.parametrize(
    ("reached", "level", "fails"), [(1, 3, False), (1, 4, True), (2, 4, False), (None, None, False)]
)
def test_levels_above_count_only_where_a_file_says_so(
    reached: int | None, level: int | None, *, fails: bool
) -> None:
    book, row = rules("[level]\nmost_above = 2\n"), learner(prior_level=reached, course=COURSE)
    assert (first(book, row, vacancy(level=level)) == "level") is fails


def test_a_level_too_high_is_told_with_the_level_that_would_do() -> None:
    said = rules("[level]\nmost_above = 1\n").failure(learner(), vacancy(level=4), TODAY, "level")
    assert (said.value, said.limit) == ("level 4", "level 3 or below")


BOTH = '[[withdrawn]]\nprogrammes = ["p"]\nsectors = ["care"]\n'
TOWARDS = Attainment(held=1, towards=2, due=date(2027, 1, 10))
LATE = Attainment(held=1, towards=2, due=date(2027, 1, 11))
MUST, WISH = Asked(level=2, essential=True), Asked(level=2)


@pytest.mark.parametrize(
    ("text", "own", "asked", "fails"),
    [
        ("", Attainment(held=1), MUST, True),
        ("", Attainment(held=2), MUST, False),
        ("", Attainment(held=1), WISH, False),
        ('asked = "any"', Attainment(held=1), WISH, True),
        # due the day before the work starts, and on the day
        ("", TOWARDS, MUST, False),
        ("", LATE, MUST, True),
        ("towards = false", TOWARDS, MUST, True),
        ("", Attainment(held=0, towards=1, due=date(2026, 12, 1)), MUST, True),
        # an unknown never fails
        ("", None, MUST, False),
        ("", Attainment(), MUST, False),
        ("", Attainment(held=1), None, False),
    ],
)
@pytest.mark.parametrize("subject", ["english", "maths"])
def test_english_and_maths_are_a_condition_only_where_a_file_says_so(
    text: str, own: Attainment | None, asked: Asked | None, subject: str, *, fails: bool
) -> None:
    book = rules(f'[english-maths]\nsectors = ["care"]\n{text}\n')
    row, care = learner(**{subject: own}), vacancy(route=3, **{subject: asked})
    assert (first(book, row, care) == "english-maths") is fails
    assert first(book, row, vacancy(route=9, **{subject: asked})) is None
    if fails:
        said = book.failure(row, care, TODAY, "english-maths")
        assert said.limit == f"{subject.title() if subject == 'english' else subject} level 2"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            "[[withdrawn]]\n[[withdrawn]]\n",
            "entry 1 of withdrawn and entry 2 of withdrawn both apply to others and other work",
        ),
        (
            "[[withdrawn]]\nuntil = 2026-11-04\n[[withdrawn]]\nfrom = 2026-11-03\n",
            "both apply to others and other work from 2026-11-03",
        ),
        (
            '[[withdrawn]]\nprogrammes = ["p"]\n[[withdrawn]]\nsectors = ["care"]\non = false\n',
            "entry 1 of withdrawn and entry 2 of withdrawn both apply to p and work of route 3",
        ),
        (
            '[[withdrawn]]\n[[withdrawn]]\nsectors = ["care"]\n[[withdrawn]]\nsectors = ["care"]',
            "entry 2 of withdrawn and entry 3 of withdrawn both apply to others and work of",
        ),
        (
            '[[withdrawn]]\nsectors = ["care"]\n' + 2 * BOTH,
            "entry 2 of withdrawn and entry 3 of withdrawn both apply to p",
        ),
        ('[withdrawn]\nsectors = ["retail"]', r"\[sectors\] gives no routes for retail"),
        ("[withdrawn]\nprogrammes = []", "withdrawn.programmes: name some"),
        ('[withdrawn]\nprogrammes = ["A B"]', "withdrawn.programmes: 0"),
        ("[withdrawn]\nfrom = 2026-11-03\nuntil = 2026-11-03", "withdrawn ends on 2026-11-03"),
        ('[withdrawn]\non = "no"', "withdrawn.on: true or false"),
        ('[wage-floor]\nrefused = ["low"]', "wage-floor: refused"),
        ('[english-maths]\nasked = "all"', "english-maths: asked"),
    ],
)
def test_a_file_that_leaves_open_what_applies_is_refused_by_its_entries(
    text: str, complaint: str
) -> None:
    with pytest.raises(RulesUnreadable, match=complaint):
        rules(text)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [("[sectors]\ncare = [16]", "sectors: care"), ("paused = 3", "paused: a ")],
)
def test_a_file_that_is_out_of_shape_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(RulesUnreadable, match=complaint):
        Rules.of(f'version = "a"\n{text}\n'.encode())
