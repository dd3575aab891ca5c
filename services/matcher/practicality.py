"""What of a pair speaks of getting there and staying: travel, dates, pay. NaN is unknown."""

import numpy as np

from schemas.vacancy import Mode
from services.matcher import geography
from services.matcher.columns import Rows
from services.matcher.market import Learner, Vacancy
from services.matcher.suitability import Values

FAR = 40.0  # miles; beyond it further makes no difference
LONG = 6.0  # months; the same
MONTH = 30.44  # days
ANYWHERE = frozenset({Mode.REMOTE, Mode.NATIONAL})
LOWEST_PAY = 8.0  # pounds an hour, the apprentice rate from April 2026
HIGHEST_PAY = 20.0
WEEKS = 52


def distance(learners: Rows[Learner], vacancies: Rows[Vacancy]) -> Values:
    """Tens of miles to the work, 0 to 4; 0 where the work has no place."""
    within: Values = np.minimum(_apart(learners, vacancies), np.float32(FAR))
    return within / np.float32(10)


def distance_words(learner: Learner, vacancy: Vacancy) -> str:
    apart = geography.distance(learner.profile.outcode, vacancy.profile.outcode)
    if vacancy.profile.mode in ANYWHERE:
        return "The work can be done from anywhere"
    if apart is None:
        return "Distance is not known"
    return f"{apart} miles to the work" if apart else "In the same postcode district as the work"


def reach(learners: Rows[Learner], vacancies: Rows[Vacancy]) -> Values:
    """The way to the work as a share of what the learner said they can travel, 0 to 1."""
    limits = learners.column(_most_miles)[:, None]
    share: Values = np.minimum(_apart(learners, vacancies) / limits, np.float32(1))
    return share


def reach_words(learner: Learner, vacancy: Vacancy) -> str:
    if learner.profile.max_miles is None:
        return "How far the learner can travel is not known"
    return f"{distance_words(learner, vacancy)}, can travel {learner.profile.max_miles:g}"


def start_gap(learners: Rows[Learner], vacancies: Rows[Vacancy]) -> Values:
    """Months between the day the learner is free and the start of the work, 0 to 6."""
    free, starts = learners.column(_free), vacancies.column(_starts)
    months: Values = np.clip((starts - free[:, None]) / np.float32(MONTH), 0, np.float32(LONG))
    return months


def start_words(learner: Learner, vacancy: Vacancy) -> str:
    starts, free = vacancy.profile.starts_on, learner.profile.available_from
    known = f"free from {free.isoformat()}" if free else "day the learner is free not known"
    return f"Starts {starts.isoformat()}, {known}"


def hours_gap(learners: Rows[Learner], vacancies: Rows[Vacancy]) -> Values:
    """Tens of weekly hours outside what the learner asked for, 0 to 3."""
    least, most = learners.column(_least_hours)[:, None], learners.column(_most_hours)[:, None]
    hours = vacancies.column(_hours)
    outside = np.maximum(np.maximum(least - hours, hours - most), np.float32(0))
    tens: Values = np.minimum(outside / np.float32(10), np.float32(3))
    return tens


def hours_words(learner: Learner, vacancy: Vacancy) -> str:
    facts = learner.profile
    if vacancy.profile.hours_per_week is None:
        return "Weekly hours are not known"
    least, most = facts.hours_from or 0, facts.hours_to or "any number"
    return f"{vacancy.profile.hours_per_week:g} hours a week, asked for {least} to {most}"


def pay(_: Rows[Learner], vacancies: Rows[Vacancy]) -> Values:
    """Pounds an hour above the apprentice rate, 0 to 12; the same for every learner."""
    hourly = vacancies.column(_hourly)
    above: Values = np.clip(hourly, LOWEST_PAY, HIGHEST_PAY) - np.float32(LOWEST_PAY)
    return above


def pay_words(_: Learner, vacancy: Vacancy) -> str:
    hourly = _hourly(vacancy)
    return "Pay is not known" if hourly is None else f"Pays £{hourly:.2f} an hour"


def positions(_: Rows[Learner], vacancies: Rows[Vacancy]) -> Values:
    """Positions for each pledged interview, 0 to 1."""
    share: Values = np.minimum(vacancies.column(_positions), np.float32(1))
    return share


def positions_words(_: Learner, vacancy: Vacancy) -> str:
    facts = vacancy.profile
    return f"Positions open: {facts.positions}, interviews pledged: {facts.interviews}"


def _hourly(vacancy: Vacancy) -> float | None:
    pence, hours = vacancy.profile.wage.yearly_pence, vacancy.profile.hours_per_week
    return None if pence is None or hours is None else pence / 100 / WEEKS / hours


def _apart(learners: Rows[Learner], vacancies: Rows[Vacancy]) -> Values:
    """Miles to the work; 0 where it can be done from anywhere."""
    here, there = learners.column(_place, np.intp), vacancies.column(_place, np.intp)
    # the smaller side first: each of its places is one row of the table, cut once
    few = len(here) <= len(there)
    apart = geography.apart(here, there) if few else geography.apart(there, here).T
    apart[:, vacancies.column(_from_anywhere, np.bool_)] = 0
    return apart


def _place(row: Learner | Vacancy) -> int:
    return geography.number(row.profile.outcode)


def _from_anywhere(vacancy: Vacancy) -> bool:
    return vacancy.profile.mode in ANYWHERE


def _most_miles(learner: Learner) -> float | None:
    return learner.profile.max_miles


def _free(learner: Learner) -> int | None:
    free = learner.profile.available_from
    return free.toordinal() if free else None


def _starts(vacancy: Vacancy) -> int:
    return vacancy.profile.starts_on.toordinal()


def _least_hours(learner: Learner) -> float:
    return learner.profile.hours_from or 0


def _most_hours(learner: Learner) -> float:
    most = learner.profile.hours_to
    return np.inf if most is None else most


def _hours(vacancy: Vacancy) -> float | None:
    return vacancy.profile.hours_per_week


def _positions(vacancy: Vacancy) -> float:
    return vacancy.profile.positions / vacancy.profile.interviews
