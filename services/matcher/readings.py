"""
What the rules read of a row, a number or a set of words each; ``columns`` remembers them.

Days are whole numbers, yyyymmdd, so that n years later is + n * ``YEARS`` and no age needs
a division.
"""

from collections.abc import Collection
from datetime import date

import numpy as np
from numpy.typing import NDArray

from schemas.vacancy import Mode, WageVerdict
from services.matcher import geography
from services.matcher.columns import Rows, Words
from services.matcher.market import Learner, Vacancy

Mask = NDArray[np.bool_]  # broadcasts to [learners x vacancies]

YEARS = 10_000
ALWAYS = 0  # a day before all others
NEVER = 99_999_999  # a day after all others
VERDICTS = tuple(WageVerdict)
MODES = tuple(Mode)

# both sides of every market number these words alike; they are keys, so there are few
PROGRAMMES, NEEDS, STANDARDS, EMPLOYERS, UNWANTED = Words(), Words(), Words(), Words(), Words()


def day(when: date) -> int:
    """A date as yyyymmdd."""
    return (when.year * 100 + when.month) * 100 + when.day


def age(born: date, on: date) -> int:
    """Whole years on *on*; someone born on 29 February has a birthday on 1 March."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def completed_on(row: Learner) -> int:
    return day(row.completed_on) if row.completed_on else NEVER


def withdrawn(row: Learner) -> bool:
    return row.withdrawn


def paused_until(row: Learner) -> int:
    """The last day of a break."""
    if not row.paused:
        return ALWAYS
    return day(row.paused_until) if row.paused_until else NEVER


def age_at_course(row: Learner) -> int:
    """Whole years at the start of the course."""
    return age(row.profile.date_of_birth, row.profile.course.started_on)


def born_on(row: Learner) -> int:
    return day(row.profile.date_of_birth)


def special_grounds(row: Learner) -> bool:
    return row.profile.foundation_grounds


def free_from(row: Learner) -> int:
    return day(row.profile.available_from) if row.profile.available_from else ALWAYS


def own_miles(row: Learner) -> float | None:
    return row.profile.max_miles


def home(row: Learner) -> int:
    return geography.number(row.profile.outcode)


def programme(row: Learner) -> Collection[str]:
    return (row.profile.programme,)


def programme_number(row: Learner) -> int:
    return PROGRAMMES.numbers(programme(row))[0]


def level_reached(row: Learner) -> int | None:
    """The higher of the level from before and that of the course."""
    known = (row.profile.prior_level, row.profile.course.level)
    return max((level for level in known if level is not None), default=None)


def unwanted_employers(row: Learner) -> Collection[str]:
    return [str(employer_id) for employer_id in row.profile.unwanted_employers]


def unwanted_routes(row: Learner) -> int:
    """A bit for each route."""
    return sum(1 << route for route in set(row.profile.unwanted_routes))


def holds(row: Learner) -> Collection[str]:
    return row.profile.holds


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


def unwanted_columns(last: int) -> NDArray[np.intp]:
    """The column in marks of UNWANTED of each employer's number; *last* for those in none."""
    unwanted = [*UNWANTED][:last]
    numbers = EMPLOYERS.numbers(unwanted)
    columns = np.full(len(EMPLOYERS), last, dtype=np.intp)
    columns[numbers] = range(len(unwanted))
    return columns


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


def essential_count(row: Vacancy) -> int:
    return len(set(row.profile.essential))


def shared(ones: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """How many words each of *ones* has in common with each of *others*, by their marks."""
    width = min(ones.shape[1], others.shape[1])  # a word beyond it is met on one side only
    counts: NDArray[np.float32] = ones[:, :width] @ others[:, :width].T
    return counts


def reached(learners: Rows[Learner], vacancies: Rows[Vacancy], years: int) -> Mask:
    """Whether each learner is *years* old or older when each vacancy starts."""
    born = learners.column(born_on, np.int32)
    starts: Mask = born[:, None] + years * YEARS <= vacancies.column(starts_on, np.int32)[None, :]
    return starts


def age_at_start(learner: Learner, vacancy: Vacancy) -> int:
    """Whole years when the work starts."""
    return age(learner.profile.date_of_birth, vacancy.profile.starts_on)


def down(column: NDArray[np.bool_]) -> Mask:
    """One boolean a learner, to broadcast over vacancies."""
    return column[:, None]


def across(column: NDArray[np.bool_]) -> Mask:
    """One boolean a vacancy, to broadcast over learners."""
    return column[None, :]
