"""Rules are dated and scoped configuration: which entry applies, on which day, to whom."""

from dataclasses import replace
from datetime import date, timedelta
from importlib.resources import files
from typing import Any

import numpy as np
import pytest

from services.matcher.archive import outcome_bytes
from services.matcher.columns import Rows
from services.matcher.market import Learner
from services.matcher.prior import fitted
from services.matcher.proposal import propose
from services.matcher.rulefile import RulesUnreadable
from services.matcher.rules import Rules
from tests.matcher.cohorts import TODAY, cohort, learner, vacancy
from tests.matcher.ruled import first, rules

RULES_FILE = files("services.matcher") / "rules.toml"
TOMORROW = date(2026, 11, 3)


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


def test_a_future_entry_leaves_todays_round_as_it_is_and_makes_tomorrows_another() -> None:
    now = RULES_FILE.read_text("utf-8")
    soon = now.replace("usual_miles = 35.0", "usual_miles = 35.0\nuntil = 2026-11-03") + (
        '[[travel-reach]]\nfrom = 2026-11-03\nmodes = ["onsite", "hybrid"]\nusual_miles = 2.0\n'
    )
    soon = soon.replace("[travel-reach]", "[[travel-reach]]", 1)
    market, model = cohort(14, 40, 15), fitted()
    rounds = {
        (text, day): outcome_bytes(
            propose(replace(market, today=day), model, Rules.of(text.encode()))
        )
        for text in (now, soon)
        for day in (TODAY, TOMORROW)
    }
    assert rounds[soon, TODAY] == rounds[now, TODAY]
    assert rounds[soon, TOMORROW] != rounds[now, TOMORROW]


def test_an_entry_holds_from_its_first_day_to_the_day_before_its_end() -> None:
    book = rules("[withdrawn]\nfrom = 2026-11-02\nuntil = 2026-11-04\n")
    gone = learner(withdrawn=True)
    found = [first(book, gone, vacancy(), date(2026, 11, day)) for day in (1, 2, 3, 4)]
    assert found == [None, "withdrawn", "withdrawn", None]


def test_the_packaged_gate_of_foundation_apprenticeships_holds_from_august_2025() -> None:
    """On the day before it somebody of 25 may have one, on its first day nobody may."""
    since = date(2025, 8, 1)
    course = learner().profile.course.model_copy(update={"started_on": date(2025, 1, 6)})
    row = learner(date_of_birth=date(2000, 9, 1), course=course, completed_on=date(2025, 7, 1))
    other = vacancy(foundation=True, starts_on=date(2025, 9, 1), interview_by=date(2025, 8, 20))
    book = Rules.load()
    assert first(book, row, other, since - timedelta(days=1)) is None
    assert first(book, row, other, since) == "foundation-gate"
    assert first(book, row, vacancy(), since) is None


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


BOTH = '[[withdrawn]]\nprogrammes = ["p"]\nsectors = ["care"]\n'


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
