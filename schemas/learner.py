"""Facts about learners. None of them names a person."""

from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from schemas.envelope import Event, Facts

# the occupational routes, by their numbers: 1 is the first
ROUTES = (
    "Agriculture, environmental and animal care",
    "Business and administration",
    "Care services",
    "Catering and hospitality",
    "Construction and the built environment",
    "Creative and design",
    "Digital",
    "Education and early years",
    "Engineering and manufacturing",
    "Hair and beauty",
    "Health and science",
    "Legal, finance and accounting",
    "Protective services",
    "Sales, marketing and procurement",
    "Transport and logistics",
)
Route = Annotated[int, Field(ge=1, le=len(ROUTES))]
Outcode = Annotated[str, Field(pattern=r"^[A-Z]{1,2}[0-9][0-9A-Z]?$")]
Key = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.:-]*$", max_length=80)]


class Course(Facts):
    """The scheme course a learner is on, or has finished."""

    course_id: UUID
    started_on: date
    route: Route | None = None
    level: int | None = Field(default=None, ge=0, le=7)


class Attainment(Facts):
    """
    English or maths: the level held, and one worked towards with the day it is due.

    0 is entry level or none, None unknown. Shown beside a match and never scored.
    """

    held: int | None = Field(default=None, ge=0, le=3)
    towards: int | None = Field(default=None, ge=0, le=3)
    due: date | None = None


class LearnerProfile(Facts):
    """
    What matching may know of a learner.

    ``date_of_birth`` serves the age rules alone and is never scored.
    ``prior_level`` is 0 (entry or none) to 7; None is unknown.
    ``holds`` are keys of needs met, such as ``driving-licence``.
    ``unwanted_employers`` and ``unwanted_routes`` are the learner's own choice.
    ``adjustments`` are those the learner agreed to share, such as ``step-free-access``: something
    to ask an employer, never a reason to leave anybody out, never scored.
    """

    programme: Key
    ukprn: str = Field(pattern=r"^[0-9]{8}$")
    date_of_birth: date
    course: Course
    outcode: Outcode | None = None
    outcode_proves_home: bool = True
    prior_level: int | None = Field(default=None, ge=0, le=7)
    skills: tuple[Key, ...] = ()
    interests: tuple[Route, ...] = ()
    holds: tuple[Key, ...] = ()
    max_miles: float | None = Field(default=None, gt=0)
    available_from: date | None = None
    hours_from: float | None = Field(default=None, ge=0, le=60)
    hours_to: float | None = Field(default=None, ge=0, le=60)
    foundation_grounds: bool = False
    shares_with_cluster: bool = False
    english: Attainment | None = None
    maths: Attainment | None = None
    unwanted_employers: tuple[UUID, ...] = ()
    unwanted_routes: tuple[Route, ...] = ()
    adjustments: tuple[Key, ...] = ()


class LearnerEvent(Event):
    topic: ClassVar[str] = "p2a.learners.v1"
    key_field: ClassVar[str] = "learner_id"
    writer: ClassVar[str] = "intake"
    learner_id: UUID


class LearnerEnrolled(LearnerEvent):
    """A provider put somebody on a scheme course."""

    learner: LearnerProfile


class LearnerChanged(LearnerEvent):
    """Something kept about a learner differs; the whole profile is given."""

    learner: LearnerProfile


class CourseCompleted(LearnerEvent):
    """
    A provider recorded the end of a finished course: the learner is a completer.

    ``outcome`` is the ILR outcome code, kept as information: completion does not need it.
    """

    course_id: UUID
    completed_on: date
    outcome: int | None = None


class CompletionRevoked(LearnerEvent):
    """A provider took a recorded completion back."""

    course_id: UUID


class LearnerPaused(LearnerEvent):
    """The learner is on a break: history stays, no ranking."""

    paused_on: date | None = None
    until: date | None = None


class LearnerResumed(LearnerEvent):
    """The break is over."""


class LearnerWithdrawn(LearnerEvent):
    """The learner left the scheme; a later enrolment brings them back."""

    withdrawn_on: date | None = None


class LearnerErased(LearnerEvent):
    """Everything about the learner is to be forgotten; nothing later undoes it."""
