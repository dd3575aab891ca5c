"""Versions count up, and a key's events keep their order, repeats or not."""

from dataclasses import replace
from typing import Any

import pytest

from services.audit.history import History, Market, Record, Screens, Spot
from services.audit.versions import order, versions
from tests.audit.make import LEARNER, VACANCY, Told, history, with_row


def proposed(*numbers: int, stands: int) -> History:
    told = Told()
    for number in numbers:
        told.post("ShortlistProposed", VACANCY, version=number)
    return replace(
        history(), posted=tuple(told.rows), taken=(), shortlists={VACANCY: stands}, screens=()
    )


def subjects(whole: History) -> list[str]:
    return [finding.subject for finding in versions(whole).findings]


def test_versions_of_a_shortlist_rise_by_one() -> None:
    assert subjects(proposed(1, 2, 3, stands=3)) == []
    for wrong in ((1, 3), (2, 1), (1, 1)):
        assert subjects(proposed(*wrong, stands=2)) == [f"vacancy {VACANCY}"]


def test_the_matcher_stands_where_it_proposed() -> None:
    assert subjects(proposed(1, 2, stands=1)) == [f"shortlist {VACANCY}"]
    assert subjects(replace(proposed(1, stands=1), shortlists={})) == [f"shortlist {VACANCY}"]


@pytest.mark.parametrize(
    ("changed", "subject"),
    [
        ({"round_revision": 5}, "market m"),
        ({"reload_from": 5}, "market m"),
        ({"highest_row": 5}, "market m"),
        ({"rounds": (4, 2)}, "rounds of m"),
        ({"rounds": (2, 5)}, "last round of m"),
    ],
)
def test_nothing_of_a_market_is_newer_than_it(changed: dict[str, Any], subject: str) -> None:
    sound = Market(market="m", revision=4, round_revision=4, rounds=(2, 2, 4))
    assert subjects(history(markets=(sound,))) == []
    assert subjects(history(markets=(replace(sound, **changed),))) == [subject]


@pytest.mark.parametrize(
    ("changed", "subject"),
    [
        ({"version": 2}, "screen of"),
        ({"kept": 2}, "screen of"),
        ({"highest": 4}, "screen of"),
        ({"shortlist_version": 0}, "shown shortlist of"),
        ({"shortlist_version": 2}, "shown shortlist of"),
    ],
)
def test_review_is_where_its_screens_are(changed: dict[str, Any], subject: str) -> None:
    sound = Screens(vacancy_id=VACANCY, version=3, kept=3, highest=3, shortlist_version=1)
    found = subjects(history(screens=(replace(sound, **changed),)))
    assert found == [f"{subject} {VACANCY}"]


def on_topic(*numbers: int) -> History:
    """Three facts of one learner, their copies on the topic in the order of *numbers*."""
    told = Told()
    rows = [told.post("LearnerChanged", LEARNER) for _ in range(3)]
    records = [
        Record(spot=Spot(rows[0].topic, 0, offset), id=rows[number].id, type=rows[number].type)
        for offset, number in enumerate(numbers)
    ]
    return replace(history(), posted=tuple(rows), records=tuple(records))


@pytest.mark.parametrize(
    "copies", [(0, 1, 2), (0, 0, 1, 2), (0, 1, 2, 1, 2), (0, 2, 1, 2), (0, 1, 2, 0)]
)
def test_copies_after_a_lost_tail_are_in_order(copies: tuple[int, ...]) -> None:
    assert order(on_topic(*copies)).findings == ()


@pytest.mark.parametrize("copies", [(0, 2, 1), (1, 0, 2), (2, 1, 0), (0, 2, 1, 1)])
def test_a_later_event_that_came_first_is_told(copies: tuple[int, ...]) -> None:
    assert order(on_topic(*copies)).findings != ()


def test_other_keys_may_come_in_any_order() -> None:
    whole = with_row(on_topic(0, 2, 1), "LearnerChanged", key=LEARNER)
    rows = [replace(row, key=f"{number}") for number, row in enumerate(whole.posted)]
    assert order(replace(whole, posted=tuple(rows))).findings == ()
