"""England's working days, and the time as people in England say it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from holidays import HolidayBase, country_holidays

LONDON = ZoneInfo("Europe/London")
SATURDAY = 5


class NoSuchTime(Exception):
    """The clocks jump over this local time."""


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


@cache
def _holidays() -> HolidayBase:
    return country_holidays("GB", subdiv="ENG")


def is_working_day(day: date) -> bool:
    """Whether *day* is neither at a weekend nor a bank holiday in England."""
    return day.weekday() < SATURDAY and day not in _holidays()


def working_days_after(day: date) -> Iterator[date]:
    """The working days after *day*, without end."""
    while True:
        day += timedelta(days=1)
        if is_working_day(day):
            yield day


def add_working_days(day: date, count: int) -> date:
    """The *count*-th working day after *day*; *day* itself does not count."""
    following = working_days_after(day)
    for _ in range(count):
        day = next(following)
    return day


def local_day(moment: datetime) -> date:
    """The day *moment* falls on in England."""
    return moment.astimezone(LONDON).date()


def end_of(day: date) -> datetime:
    """The moment *day* ends in England, in UTC."""
    return datetime.combine(day + timedelta(days=1), time(), LONDON).astimezone(UTC)


def from_local(wall: datetime) -> datetime:
    """The moment a clock on an English wall shows *wall*, in UTC; raises NoSuchTime."""
    moment = wall.replace(tzinfo=LONDON, fold=0).astimezone(UTC)
    if moment.astimezone(LONDON).replace(tzinfo=None) != wall:
        raise NoSuchTime(f"{wall:%H:%M on %d %B} does not exist: the clocks go forward")
    return moment


def day_words(day: date) -> str:
    """Such as ``Tuesday 24 November 2026``."""
    return f"{day:%A} {day.day} {day:%B %Y}"


def time_words(moment: datetime) -> str:
    """Such as ``10:30am on Tuesday 24 November 2026``."""
    wall = moment.astimezone(LONDON)
    minutes = f":{wall:%M}" if wall.minute else ""
    half = "am" if wall.hour < 12 else "pm"  # noqa: PLR2004 - noon
    return f"{wall.hour % 12 or 12}{minutes}{half} on {day_words(wall.date())}"


def local_entry(moment: datetime) -> str:
    """As a form's field for day and time holds it: ``2026-11-24T10:30``."""
    return f"{moment.astimezone(LONDON):%Y-%m-%dT%H:%M}"
