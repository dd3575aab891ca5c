"""What the rules read of a vacancy: a number, or a set of words; ``columns`` remembers them."""

from collections.abc import Collection
from datetime import date

import numpy as np
from numpy.typing import NDArray

from services.matcher import geography
from services.matcher.market import Vacancy
from services.matcher.readings import EMPLOYERS, KINDS, MODES, STANDARDS, UNWANTED, VERDICTS, day


def route(row: Vacancy) -> int:
    """The route's number; 0 where it is not known."""
    return row.profile.route or 0


def route_bit(row: Vacancy) -> int:
    """The route as in ``unwanted_routes``; no bit where it is not known."""
    return 1 << row.profile.route if row.profile.route else 0


def level(row: Vacancy) -> int | None:
    return row.profile.level


def employer(row: Vacancy) -> int:
    return EMPLOYERS.numbers([str(row.profile.employer_id)])[0]


def standard(row: Vacancy) -> int:
    """The number of the apprenticeship standard; that of no name where it is not known."""
    return STANDARDS.numbers([row.profile.standard or ""])[0]


def standard_takes(row: Vacancy) -> bool:
    """Whether the standard, as far as its days are known, takes a start on the work's first day."""
    facts = row.profile
    begun = facts.standard_from is None or facts.standard_from <= facts.starts_on
    return begun and (facts.standard_until is None or facts.starts_on <= facts.standard_until)


def closed(row: Vacancy) -> bool:
    return row.closed is not None


def interviews(row: Vacancy) -> int:
    return row.profile.interviews


def last_day(row: Vacancy) -> int:
    """The last day on which anybody can still be proposed."""
    return day(ends(row)[0])


def ends(row: Vacancy) -> tuple[date, str]:
    """That day, and what ends on it."""
    facts = row.profile
    days = [
        (facts.interview_by, "The last day for the pledged interviews has passed"),
        (facts.starts_on, "The work has already started"),
    ]
    if facts.closes_on:
        days.append((facts.closes_on, "The vacancy's closing date has passed"))
    return min(days)


def starts_on(row: Vacancy) -> int:
    return day(row.profile.starts_on)


def foundation(row: Vacancy) -> bool:
    return row.profile.foundation


def pay_from_18(row: Vacancy) -> int:
    """The place in ``VERDICTS`` of the wage for ages 18 to 20."""
    return VERDICTS.index(row.profile.wage.aged_18_to_20)


def pay_from_21(row: Vacancy) -> int:
    """The place in ``VERDICTS`` of the wage for ages 21 and over."""
    return VERDICTS.index(row.profile.wage.aged_21_up)


def mode(row: Vacancy) -> int:
    """The place in ``MODES`` of where the work is done."""
    return MODES.index(row.profile.mode)


def workplace(row: Vacancy) -> int:
    return geography.number(row.profile.outcode)


def listed_programmes(row: Vacancy) -> Collection[str]:
    return row.profile.programmes


def lists_programmes(row: Vacancy) -> bool:
    return bool(row.profile.programmes)


def essential(row: Vacancy) -> Collection[str]:
    return row.profile.essential


def essential_kind(row: Vacancy) -> int:
    """The number of this set of needs."""
    return KINDS.numbers([" ".join(sorted(set(row.profile.essential)))])[0]


def essential_count(row: Vacancy) -> int:
    return len(set(row.profile.essential))


def unwanted_columns(last: int) -> NDArray[np.intp]:
    """The column in marks of UNWANTED of each employer's number; *last* for those in none."""
    unwanted = [*UNWANTED][:last]
    numbers = EMPLOYERS.numbers(unwanted)
    columns = np.full(len(EMPLOYERS), last, dtype=np.intp)
    columns[numbers] = range(len(unwanted))
    return columns
