"""What of a pair speaks of the work itself: skills, route, interest, level. NaN is unknown."""

import numpy as np
from numpy.typing import NDArray

from schemas.learner import ROUTES
from services.matcher.columns import Rows, Words
from services.matcher.market import Learner, Vacancy

Values = NDArray[np.float32]  # broadcasts to [learners x vacancies]

# DfE's default skills have it, but how fit a body is must decide nothing
NEVER_SCORED = frozenset({"physical-fitness"})
MOST_STEPS = 3.0

SKILLS = Words()  # of both sides of every market
INTERESTS = Words()
INTERESTS.numbers(str(route) for route in range(len(ROUTES) + 1))  # a route's word has its number


def asked(vacancy: Vacancy) -> tuple[str, ...]:
    """The skills a vacancy asks for that may count, in order."""
    return tuple(sorted(set(vacancy.profile.skills) - NEVER_SCORED))


def met(learner: Learner, vacancy: Vacancy) -> tuple[str, ...]:
    return tuple(skill for skill in asked(vacancy) if skill in learner.profile.skills)


def missing(learner: Learner, vacancy: Vacancy) -> tuple[str, ...]:
    return tuple(skill for skill in asked(vacancy) if skill not in learner.profile.skills)


def skills_met(learners: Rows[Learner], vacancies: Rows[Vacancy]) -> Values:
    """Share of the asked skills that the learner shows, 0 to 1."""
    shows, asks = learners.marks(_shown, SKILLS), vacancies.marks(asked, SKILLS)
    width = min(shows.shape[1], asks.shape[1])  # a skill past it is one side's alone
    both = shows[:, :width] @ asks[:, :width].T  # small whole numbers: exact in any order
    shares: Values = both / vacancies.column(_asked_for) + learners.column(_shows_any)[:, None]
    return shares


def skills_words(learner: Learner, vacancy: Vacancy) -> str:
    if not asked(vacancy) or _shows_any(learner) is None:
        return "Skills asked for or shown are not known"
    return f"Shows {len(met(learner, vacancy))} of {len(asked(vacancy))} skills asked for"


def course_route(learners: Rows[Learner], vacancies: Rows[Vacancy]) -> Values:
    """1 where the course was of the vacancy's route, else 0."""
    course, route = learners.column(_course_route)[:, None], vacancies.column(_route)[None, :]
    same: Values = (course == route) + np.float32(0) * (course + route)  # NaN where one is unknown
    return same.astype(np.float32)


def course_words(learner: Learner, vacancy: Vacancy) -> str:
    course, route = learner.profile.course.route, vacancy.profile.route
    if course is None or route is None:
        return "Route of the course or of the work is not known"
    same = "the route of" if course == route else "another route than"
    return f"Trained in {ROUTES[course - 1]}, {same} this work"


def interest(learners: Rows[Learner], vacancies: Rows[Vacancy]) -> Values:
    """1 where the vacancy's route is among those the learner named, 0 where it is not."""
    which = vacancies.column(_route_number, np.intp)
    routes = np.arange(len(ROUTES) + 1)
    if len(learners) > len(vacancies):  # only of the routes there are: of one vacancy that is one
        routes, which = np.unique(which, return_inverse=True)
    table = learners.marks(_interests, INTERESTS)[:, routes] + learners.column(_names_any)[:, None]
    table[:, routes == 0] = np.nan  # vacancies without a route
    named: Values = table[:, which]
    return named


def interest_words(learner: Learner, vacancy: Vacancy) -> str:
    if not learner.profile.interests or vacancy.profile.route is None:
        return "Interest in this work is not known"
    if vacancy.profile.route in learner.profile.interests:
        return "Named this kind of work as an interest"
    return "Named other kinds of work as an interest"


def level_above(learners: Rows[Learner], vacancies: Rows[Vacancy]) -> Values:
    """Levels beyond one step up from what the learner has reached, 0 to 3."""
    above: Values = np.clip(_steps(learners, vacancies) - 1, 0, MOST_STEPS)
    return above


def level_below(learners: Rows[Learner], vacancies: Rows[Vacancy]) -> Values:
    """Levels under what the learner has reached, 0 to 3."""
    below: Values = np.clip(-_steps(learners, vacancies), 0, MOST_STEPS)
    return below


def level_words(learner: Learner, vacancy: Vacancy) -> str:
    reached, level = _reached(learner), vacancy.profile.level
    if reached is None or level is None:
        return "Level reached or level of the work is not known"
    return f"Has reached level {reached}, the work is at level {level}"


def _reached(learner: Learner) -> int | None:
    known = (learner.profile.prior_level, learner.profile.course.level)
    return max((level for level in known if level is not None), default=None)


def _steps(learners: Rows[Learner], vacancies: Rows[Vacancy]) -> Values:
    steps: Values = vacancies.column(_level) - learners.column(_reached)[:, None]
    return steps


def _shown(learner: Learner) -> tuple[str, ...]:
    return learner.profile.skills


def _shows_any(learner: Learner) -> int | None:
    return 0 if set(learner.profile.skills) - NEVER_SCORED else None


def _asked_for(vacancy: Vacancy) -> int | None:
    return len(asked(vacancy)) or None


def _course_route(learner: Learner) -> int | None:
    return learner.profile.course.route


def _route(vacancy: Vacancy) -> int | None:
    return vacancy.profile.route


def _route_number(vacancy: Vacancy) -> int:
    return vacancy.profile.route or 0


def _interests(learner: Learner) -> list[str]:
    return [str(route) for route in learner.profile.interests]


def _names_any(learner: Learner) -> int | None:
    return 0 if learner.profile.interests else None


def _level(vacancy: Vacancy) -> int | None:
    return vacancy.profile.level
