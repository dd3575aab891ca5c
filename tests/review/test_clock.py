"""Working days in England."""

from datetime import UTC, date, datetime

import pytest

from services.review import clock

MAUNDY_THURSDAY = date(2026, 4, 2)
GOOD_FRIDAY = date(2026, 4, 3)
EASTER_TUESDAY = date(2026, 4, 7)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (MAUNDY_THURSDAY, True),
        (GOOD_FRIDAY, False),
        (date(2026, 4, 4), False),
        (date(2026, 4, 6), False),
        (EASTER_TUESDAY, True),
        (date(2026, 12, 28), False),  # Boxing Day's substitute
        (date(2026, 1, 2), True),  # a bank holiday in Scotland alone
    ],
)
def test_bank_holidays_are_englands(day: date, *, works: bool) -> None:
    """Good Friday, Easter Monday and substitute days count; Scotland's do not."""
    assert clock.is_working(day) is works


def test_a_promise_for_good_friday_falls_due_after_easter() -> None:
    """The next working day is the day it counts as lapsed."""
    assert clock.deadline(GOOD_FRIDAY) == EASTER_TUESDAY
    assert clock.deadline(MAUNDY_THURSDAY) == MAUNDY_THURSDAY


def test_days_are_counted_over_easter() -> None:
    """One working day lies between Maundy Thursday and the Tuesday after Easter."""
    assert clock.working_days_between(MAUNDY_THURSDAY, EASTER_TUESDAY) == 1
    assert clock.working_days_between(EASTER_TUESDAY, MAUNDY_THURSDAY) == 0
    assert clock.working_days_after(MAUNDY_THURSDAY, 2) == date(2026, 4, 8)


def test_days_begin_at_midnight_in_england() -> None:
    """In summer a late evening in UTC is the next day there, and is shown so."""
    late = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
    assert clock.today(late) == date(2026, 7, 2)
    assert clock.moment_in_words(late) == "2 July 2026 at 00:30"
