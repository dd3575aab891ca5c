"""Days as England works them, and times as people there read them."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from holidays import country_holidays

ENGLAND = ZoneInfo("Europe/London")
SATURDAY = 5


@lru_cache(maxsize=64)
def _bank_holidays(year: int) -> frozenset[date]:
    return frozenset(country_holidays("GB", subdiv="ENG", years=year))


def is_working(day: date) -> bool:
    """Neither a weekend nor a bank holiday in England."""
    return day.weekday() < SATURDAY and day not in _bank_holidays(day.year)


def deadline(day: date) -> date:
    """The working day on which something promised by *day* falls due: *day*, or the next one."""
    while not is_working(day):
        day += timedelta(days=1)
    return day


def working_days_after(day: date, count: int) -> date:
    """The *count*-th working day after *day*."""
    for _ in range(count):
        day = deadline(day + timedelta(days=1))
    return day


@lru_cache(maxsize=4096)
def working_days_between(first: date, last: date) -> int:
    """How many working days lie after *first* up to and with *last*; 0 if *last* is not later."""
    days = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
    return sum(1 for day in days if is_working(day))


def today(now: datetime) -> date:
    """The date in England at *now*."""
    return now.astimezone(ENGLAND).date()


def day_in_words(day: date, *, this_year: int | None = None) -> str:
    """Such as ``Tuesday 24 November``, with the year unless it is *this_year*."""
    words = f"{day:%A} {day.day} {day:%B}"
    return words if day.year == this_year else f"{words} {day.year}"


def time_in_words(moment: datetime) -> str:
    """Such as ``14:32`` in England; with seconds when they are what matters in a short window."""
    return f"{moment.astimezone(ENGLAND):%H:%M}"


def moment_in_words(moment: datetime) -> str:
    """Such as ``24 November 2026 at 14:32`` in England."""
    local = moment.astimezone(ENGLAND)
    return f"{local.day} {local:%B %Y} at {local:%H:%M}"
