"""What the rules read of a learner: a number, or a set of words; ``columns`` remembers them."""

from collections.abc import Collection

from services.matcher import geography
from services.matcher.market import Learner
from services.matcher.readings import ALWAYS, NEVER, PROGRAMMES, age, day


def first_half(row: Learner) -> int:
    """The upper 64 bits of the id: ids are in order where both halves are."""
    return row.learner_id.int >> 64


def second_half(row: Learner) -> int:
    return row.learner_id.int & (2**64 - 1)


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
