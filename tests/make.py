"""Valid events, every field defaulted: a test names only what it is about."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

from schemas.learner import (
    Course,
    CourseCompleted,
    LearnerEnrolled,
    LearnerProfile,
    LearnerResumed,
    LearnerWithdrawn,
)
from schemas.vacancy import VacancyPledged, VacancyProfile, Wage, WageVerdict

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)


def learner_profile(**given: Any) -> LearnerProfile:
    """A learner of 22 from Birmingham on a digital course."""
    course = Course(course_id=uuid4(), started_on=date(2026, 6, 1), route=6, level=3)
    defaults = {
        "programme": "bootcamp",
        "ukprn": "10000001",
        "date_of_birth": date(2004, 3, 1),
        "course": course,
        "outcode": "B1",
    }
    return LearnerProfile(**(defaults | given))


def vacancy_profile(**given: Any) -> VacancyProfile:
    """A vacancy in Birmingham with two interviews pledged."""
    meets = WageVerdict.MEETS
    defaults = {
        "employer_id": uuid4(),
        "title": "Junior web developer",
        "route": 6,
        "interviews": 2,
        "interview_by": date(2026, 10, 15),
        "starts_on": date(2026, 11, 2),
        "hours_per_week": 37.5,
        "wage": Wage(yearly_pence=2_500_000, aged_18_to_20=meets, aged_21_up=meets),
        "outcode": "B2",
    }
    return VacancyProfile(**(defaults | given))


def enrolled(**given: Any) -> LearnerEnrolled:
    """Somebody was put on a course."""
    return LearnerEnrolled(**(_learner_event() | {"learner": learner_profile()} | given))


def completed(**given: Any) -> CourseCompleted:
    """Somebody finished it."""
    facts = {"course_id": uuid4(), "completed_on": date(2026, 8, 28)}
    return CourseCompleted(**(_learner_event() | facts | given))


def resumed(**given: Any) -> LearnerResumed:
    """The smallest event there is."""
    return LearnerResumed(**(_learner_event() | given))


def withdrawn(**given: Any) -> LearnerWithdrawn:
    """Somebody left."""
    return LearnerWithdrawn(**(_learner_event() | given))


def pledged(**given: Any) -> VacancyPledged:
    """An employer promised interviews."""
    facts = {"event_id": uuid4(), "occurred_at": NOON, "vacancy_id": uuid4()}
    return VacancyPledged(**(facts | {"vacancy": vacancy_profile()} | given))


def _learner_event() -> dict[str, Any]:
    return {"event_id": uuid4(), "occurred_at": NOON, "learner_id": uuid4()}
