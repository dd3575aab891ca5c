"""What a learner's aims add up to."""

from datetime import date
from typing import Any

import pytest

from services.intake.aims import Aim, Standing, as_given, faults, standing

ENDED = date(2026, 3, 1)


def aim(status: str, *, start: date = date(2026, 1, 5), **more: Any) -> Aim:
    ended = {"2": ENDED, "3": ENDED, "6": ENDED}.get(status)
    said: dict[str, Any] = {
        "reference": "P2AWELD2", "aim_type": "4", "number": 1, "started_on": start,
        "fund_model": "38", "status": status, "ended_on": ended, "outcome": "1" if ended else None,
    }  # fmt: skip
    return Aim(**said | more)


LATER = date(2026, 4, 1)


@pytest.mark.parametrize(
    ("aims", "told"),
    [
        ([aim("1")], "on course"),
        ([aim("2")], "complete"),
        ([aim("2", ended_on=None)], "on course"),
        ([aim("2"), aim("1", number=2)], "on course"),
        ([aim("2"), aim("2", number=2)], "complete"),
        # components do not count, whichever way they stand
        ([aim("2"), aim("1", aim_type="3", number=2)], "complete"),
        ([aim("1"), aim("2", aim_type="3", number=2)], "on course"),
        # nobody is completed by an empty list of aims that count
        ([aim("2", aim_type="3")], "on course"),
        ([aim("2", aim_type="5")], "on course"),
        ([aim("3")], "withdrawn"),
        ([aim("6")], "paused"),
        # a later aim supersedes one withdrawn or interrupted, never the other way round
        ([aim("3"), aim("2", start=LATER)], "complete"),
        ([aim("3"), aim("1", start=LATER)], "on course"),
        ([aim("6"), aim("2", start=LATER)], "complete"),
        ([aim("2"), aim("3", start=LATER)], "withdrawn"),
        ([aim("1"), aim("3", start=LATER)], "on course"),
        ([aim("2"), aim("6", start=LATER)], "paused"),
    ],
)
def test_where_a_learner_stands(aims: list[Aim], told: str) -> None:
    for order in (aims, aims[::-1]):
        assert name(standing(order)) == told


def name(found: Standing) -> str:
    if found.withdrawn:
        return "withdrawn"
    if found.paused:
        return "paused"
    return "complete" if found.completed_on else "on course"


def test_the_course_is_the_latest_and_began_with_the_first() -> None:
    found = standing([aim("2"), aim("2", start=LATER, reference="P2AMACH3", number=2)])
    assert found.aims == ("P2AMACH3", "P2AWELD2")
    assert (found.began_on, found.latest_on) == (date(2026, 1, 5), LATER)


def test_completion_carries_its_day_and_outcome() -> None:
    assert as_given(standing([aim("2")]))["completion"] == {"on": "2026-03-01", "outcome": 1}


@pytest.mark.parametrize(
    ("odd", "words"),
    [
        (aim("1", outcome="1"), "Outcome without"),
        (aim("2", outcome=None), "without Outcome"),
        (aim("1", outcome="3", ended_on=ENDED), "Outcome 3 with CompStatus 1"),
        (aim("3", outcome="8"), "Outcome 8 needs"),
    ],
)
def test_codes_that_do_not_fit_are_told(odd: Aim, words: str) -> None:
    assert any(words in fault for fault in faults(odd))
