"""What of a pair speaks of getting there and staying: travel, dates, pay. NaN is unknown."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from schemas.vacancy import Mode
from services.matcher import geography
from services.matcher.market import Learner, Vacancy
from services.matcher.suitability import Values

FAR = 40.0  # miles; beyond it further makes no difference
LONG = 6.0  # months; the same
MONTH = 30.44  # days
ANYWHERE = frozenset({Mode.REMOTE, Mode.NATIONAL})
LOWEST_PAY = 8.0  # pounds an hour, the apprentice rate from April 2026
HIGHEST_PAY = 20.0
WEEKS = 52


def distance(learners: Sequence[Learner], vacancies: Sequence[Vacancy]) -> Values:
    """Tens of miles to the work, 0 to 4; 0 where the work has no place."""
    apart = geography.miles(
        [row.profile.outcode for row in learners], [row.profile.outcode for row in vacancies]
    )
    within: Values = np.minimum(_unless_anywhere(apart, vacancies), np.float32(FAR))
    return within / np.float32(10)


def distance_words(learner: Learner, vacancy: Vacancy) -> str:
    apart = geography.distance(learner.profile.outcode, vacancy.profile.outcode)
    if vacancy.profile.mode in ANYWHERE:
        return "The work can be done from anywhere"
    if apart is None:
        return "Distance is not known"
    return f"{apart} miles to the work" if apart else "In the same postcode district as the work"


def reach(learners: Sequence[Learner], vacancies: Sequence[Vacancy]) -> Values:
    """The way to the work as a share of what the learner said they can travel, 0 to 1."""
    apart = geography.miles(
        [row.profile.outcode for row in learners], [row.profile.outcode for row in vacancies]
    )
    limits = np.array([row.profile.max_miles or np.nan for row in learners], dtype=np.float32)
    share: Values = np.minimum(_unless_anywhere(apart, vacancies) / limits[:, None], np.float32(1))
    return share


def reach_words(learner: Learner, vacancy: Vacancy) -> str:
    if learner.profile.max_miles is None:
        return "How far the learner can travel is not known"
    return f"{distance_words(learner, vacancy)}, can travel {learner.profile.max_miles:g}"


def start_gap(learners: Sequence[Learner], vacancies: Sequence[Vacancy]) -> Values:
    """Months between the day the learner is free and the start of the work, 0 to 6."""
    free = _days([row.profile.available_from for row in learners])
    starts = _days([row.profile.starts_on for row in vacancies])
    months: Values = np.clip((starts - free[:, None]) / np.float32(MONTH), 0, np.float32(LONG))
    return months


def start_words(learner: Learner, vacancy: Vacancy) -> str:
    starts, free = vacancy.profile.starts_on, learner.profile.available_from
    known = f"free from {free.isoformat()}" if free else "day the learner is free not known"
    return f"Starts {starts.isoformat()}, {known}"


def hours_gap(learners: Sequence[Learner], vacancies: Sequence[Vacancy]) -> Values:
    """Tens of weekly hours outside what the learner asked for, 0 to 3."""
    least = np.array([[row.profile.hours_from or 0] for row in learners], dtype=np.float32)
    most = np.array(
        [[np.inf if row.profile.hours_to is None else row.profile.hours_to] for row in learners],
        dtype=np.float32,
    )
    hours = _known([row.profile.hours_per_week for row in vacancies])
    outside = np.maximum(np.maximum(least - hours, hours - most), np.float32(0))
    tens: Values = np.minimum(outside / np.float32(10), np.float32(3))
    return tens


def hours_words(learner: Learner, vacancy: Vacancy) -> str:
    facts = learner.profile
    if vacancy.profile.hours_per_week is None:
        return "Weekly hours are not known"
    least, most = facts.hours_from or 0, facts.hours_to or "any number"
    return f"{vacancy.profile.hours_per_week:g} hours a week, asked for {least} to {most}"


def pay(_: Sequence[Learner], vacancies: Sequence[Vacancy]) -> Values:
    """Pounds an hour above the apprentice rate, 0 to 12; the same for every learner."""
    hourly = [_hourly(row) for row in vacancies]
    above: Values = np.clip(_known(hourly), LOWEST_PAY, HIGHEST_PAY) - np.float32(LOWEST_PAY)
    return above


def pay_words(_: Learner, vacancy: Vacancy) -> str:
    hourly = _hourly(vacancy)
    return "Pay is not known" if hourly is None else f"Pays £{hourly:.2f} an hour"


def positions(_: Sequence[Learner], vacancies: Sequence[Vacancy]) -> Values:
    """Positions for each pledged interview, 0 to 1."""
    shares = [row.profile.positions / row.profile.interviews for row in vacancies]
    share: Values = np.minimum(_known(shares), np.float32(1))
    return share


def positions_words(_: Learner, vacancy: Vacancy) -> str:
    facts = vacancy.profile
    return f"Positions open: {facts.positions}, interviews pledged: {facts.interviews}"


def _hourly(vacancy: Vacancy) -> float | None:
    pence, hours = vacancy.profile.wage.yearly_pence, vacancy.profile.hours_per_week
    return None if pence is None or hours is None else pence / 100 / WEEKS / hours


def _unless_anywhere(apart: Values, vacancies: Sequence[Vacancy]) -> Values:
    anywhere = np.array([row.profile.mode in ANYWHERE for row in vacancies], dtype=np.bool_)
    return np.where(anywhere[None, :], np.float32(0), apart).astype(np.float32)


def _known(values: Sequence[float | None]) -> Values:
    return np.array([[np.nan if v is None else v for v in values]], dtype=np.float32)


def _days(values: Sequence[date | None]) -> Values:
    return np.array([np.nan if v is None else v.toordinal() for v in values], dtype=np.float32)
