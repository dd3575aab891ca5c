"""Working days and the words for times."""

from datetime import UTC, date, datetime

import pytest

from services.notifier import clock


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (date(2026, 9, 7), 1, date(2026, 9, 8)),
        (date(2026, 9, 4), 1, date(2026, 9, 7)),  # a Friday
        (date(2026, 9, 5), 1, date(2026, 9, 7)),  # a Saturday
        (date(2026, 8, 28), 1, date(2026, 9, 1)),  # over the summer bank holiday
        (date(2026, 4, 2), 1, date(2026, 4, 7)),  # over Easter
        (date(2026, 12, 24), 3, date(2026, 12, 31)),  # Boxing Day is kept on the Monday
        (date(2026, 12, 31), 1, date(2027, 1, 4)),
    ],
)
def test_working_days_skip_weekends_and_englands_bank_holidays(
    day: date, count: int, expected: date
) -> None:
    assert clock.add_working_days(day, count) == expected


def test_scotlands_holidays_are_working_days() -> None:
    assert clock.is_working_day(date(2026, 11, 30))


def test_a_day_ends_at_midnight_in_england() -> None:
    assert clock.end_of(date(2026, 9, 7)) == datetime(2026, 9, 7, 23, tzinfo=UTC)
    assert clock.end_of(date(2026, 12, 7)) == datetime(2026, 12, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (datetime(2026, 9, 10, 9, tzinfo=UTC), "10am on Thursday 10 September 2026"),
        (datetime(2026, 11, 24, 10, 30, tzinfo=UTC), "10:30am on Tuesday 24 November 2026"),
        (datetime(2026, 11, 24, 12, tzinfo=UTC), "12pm on Tuesday 24 November 2026"),
        (datetime(2026, 11, 24, 0, 5, tzinfo=UTC), "12:05am on Tuesday 24 November 2026"),
    ],
)
def test_times_are_said_as_people_say_them(moment: datetime, words: str) -> None:
    assert clock.time_words(moment) == words


def test_a_local_time_that_does_not_exist_is_refused() -> None:
    with pytest.raises(clock.NoSuchTime):
        clock.from_local(datetime.fromisoformat("2027-03-28T01:30"))
    assert clock.from_local(datetime.fromisoformat("2026-10-25T01:30")) == datetime(
        2026, 10, 25, 0, 30, tzinfo=UTC
    ), "of two such times the first"
