"""Limits an entry of a rule can set: wages, programmes, standards, levels, English and maths."""

from datetime import date

import pytest

from schemas.learner import Attainment, Course
from schemas.vacancy import Asked, Wage, WageVerdict
from services.matcher.market import Learner, Vacancy
from tests.matcher.cohorts import TODAY, learner, vacancy
from tests.matcher.ruled import first, rules

BELOW = Wage(aged_18_to_20=WageVerdict.LEGAL_ONLY, aged_21_up=WageVerdict.LEGAL_ONLY)
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
