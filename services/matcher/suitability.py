"""What of a pair speaks of the work itself: skills, route, interest, level. NaN is unknown."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from schemas.learner import ROUTES
from services.matcher.market import Learner, Vacancy

Values = NDArray[np.float32]  # broadcasts to [learners x vacancies]

# DfE's default skills have it, but how fit a body is must decide nothing
NEVER_SCORED = frozenset({"physical-fitness"})
MOST_STEPS = 3.0


def asked(vacancy: Vacancy) -> tuple[str, ...]:
    """The skills a vacancy asks for that may count, in order."""
    return tuple(sorted(set(vacancy.profile.skills) - NEVER_SCORED))


def met(learner: Learner, vacancy: Vacancy) -> tuple[str, ...]:
    return tuple(skill for skill in asked(vacancy) if skill in learner.profile.skills)


def missing(learner: Learner, vacancy: Vacancy) -> tuple[str, ...]:
    return tuple(skill for skill in asked(vacancy) if skill not in learner.profile.skills)


def skills_met(learners: Sequence[Learner], vacancies: Sequence[Vacancy]) -> Values:
    """Share of the asked skills that the learner shows, 0 to 1."""
    wanted = [asked(row) for row in vacancies]
    column = {skill: i for i, skill in enumerate(sorted({s for row in wanted for s in row}))}
    asks = np.zeros((len(vacancies), len(column)), dtype=np.float32)
    for i, skills in enumerate(wanted):
        asks[i, [column[skill] for skill in skills]] = 1
    shows = np.full((len(learners), len(column)), 0, dtype=np.float32)
    for i, row in enumerate(learners):
        shows[i, [column[skill] for skill in row.profile.skills if skill in column]] = 1
    number = np.array([len(skills) or np.nan for skills in wanted], dtype=np.float32)
    known = np.array([[0 if row.profile.skills else np.nan] for row in learners], dtype=np.float32)
    shares: Values = shows @ asks.T / number + known  # small whole numbers: exact in any order
    return shares


def skills_words(learner: Learner, vacancy: Vacancy) -> str:
    if not asked(vacancy) or not learner.profile.skills:
        return "Skills asked for or shown are not known"
    return f"Shows {len(met(learner, vacancy))} of {len(asked(vacancy))} skills asked for"


def course_route(learners: Sequence[Learner], vacancies: Sequence[Vacancy]) -> Values:
    """1 where the course was of the vacancy's route, else 0."""
    course = _numbers([row.profile.course.route for row in learners])[:, None]
    route = _numbers([row.profile.route for row in vacancies])[None, :]
    same: Values = (course == route) + np.float32(0) * (course + route)  # NaN where one is unknown
    return same.astype(np.float32)


def course_words(learner: Learner, vacancy: Vacancy) -> str:
    course, route = learner.profile.course.route, vacancy.profile.route
    if course is None or route is None:
        return "Route of the course or of the work is not known"
    same = "the route of" if course == route else "another route than"
    return f"Trained in {ROUTES[course - 1]}, {same} this work"


def interest(learners: Sequence[Learner], vacancies: Sequence[Vacancy]) -> Values:
    """1 where the vacancy's route is among those the learner named, 0 where it is not."""
    table = np.zeros((len(learners), len(ROUTES) + 1), dtype=np.float32)
    for i, row in enumerate(learners):
        table[i, list(row.profile.interests)] = 1
        if not row.profile.interests:
            table[i] = np.nan
    table[:, 0] = np.nan  # the column of vacancies without a route
    return table[:, [row.profile.route or 0 for row in vacancies]]


def interest_words(learner: Learner, vacancy: Vacancy) -> str:
    if not learner.profile.interests or vacancy.profile.route is None:
        return "Interest in this work is not known"
    if vacancy.profile.route in learner.profile.interests:
        return "Named this kind of work as an interest"
    return "Named other kinds of work as an interest"


def level_above(learners: Sequence[Learner], vacancies: Sequence[Vacancy]) -> Values:
    """Levels beyond one step up from what the learner has reached, 0 to 3."""
    above: Values = np.clip(_steps(learners, vacancies) - 1, 0, MOST_STEPS)
    return above


def level_below(learners: Sequence[Learner], vacancies: Sequence[Vacancy]) -> Values:
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


def _steps(learners: Sequence[Learner], vacancies: Sequence[Vacancy]) -> Values:
    reached = _numbers([_reached(row) for row in learners])
    steps: Values = _numbers([row.profile.level for row in vacancies]) - reached[:, None]
    return steps


def _numbers(values: Sequence[int | None]) -> Values:
    return np.array([np.nan if v is None else v for v in values], dtype=np.float32)
