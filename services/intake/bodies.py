"""What senders may write in our own words: learners, pledges, erasures, as JSON or as CSV cells."""

from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from schemas.learner import Key, Route
from schemas.vacancy import Mode


def _listed(value: object) -> object:
    """A CSV cell's parts; a JSON list as it is."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(";") if part.strip()]
    return value


def _moment(value: object) -> object:
    """A bare date is its beginning; a time without a zone is taken as UTC."""
    if isinstance(value, str):
        try:
            found = datetime.fromisoformat(value.strip())
        except ValueError:
            return value
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time(), UTC)
    return value


Texts = Annotated[tuple[str, ...], BeforeValidator(_listed)]
Keys = Annotated[tuple[Key, ...], BeforeValidator(_listed)]
Routes = Annotated[tuple[Route, ...], BeforeValidator(_listed)]
Moment = Annotated[AwareDatetime, BeforeValidator(_moment)]
Level = Annotated[int, Field(ge=0, le=3)]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Ukprn = Annotated[str, Field(pattern=r"^[0-9]{8}$")]


class Body(BaseModel):
    """Unknown fields are ignored; numbers may stand where text is expected, as in a CSV cell."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)


class Status(StrEnum):
    CONTINUING = "continuing"
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"
    BREAK = "break"


class LearnerBody(Body):
    """
    What is known of a learner *as_of* a moment; a field left out says nothing.

    ``aim`` and ``started_on`` go together; a status other than continuing needs ``ended_on``
    when it is completed. Names go to contacts and nowhere else, and need each other.
    ``adjustments`` are kept only where ``shares_adjustments`` says yes beside them.
    """

    ukprn: Ukprn
    reference: Name
    as_of: Moment
    given_name: Name | None = None
    family_name: Name | None = None
    email: Name | None = None
    phone: Name | None = None
    address: Texts | None = None
    postcode: str | None = None
    uln: str | None = None
    contact_restricted: bool | None = None
    date_of_birth: date | None = None
    programme: Key | None = None
    aim: str | None = Field(default=None, max_length=8)
    started_on: date | None = None
    status: Status | None = None
    ended_on: date | None = None
    outcome: int | None = None
    prior_level: int | None = Field(default=None, ge=0, le=7)
    skills: Texts | None = None
    interests: Routes | None = None
    holds: Keys | None = None
    max_miles: float | None = Field(default=None, gt=0)
    available_from: date | None = None
    hours_from: float | None = Field(default=None, ge=0, le=60)
    hours_to: float | None = Field(default=None, ge=0, le=60)
    foundation_grounds: bool | None = None
    shares_with_cluster: bool | None = None
    english: Level | None = None
    english_towards: Level | None = None
    english_due: date | None = None
    maths: Level | None = None
    maths_towards: Level | None = None
    maths_due: date | None = None
    unwanted_employers: Texts | None = None
    unwanted_routes: Routes | None = None
    adjustments: Keys | None = None
    shares_adjustments: bool | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        _together(self, "aim", "started_on")
        _together(self, "given_name", "family_name")
        _together(self, "english_towards", "english_due")
        _together(self, "maths_towards", "maths_due")
        if self.status is Status.COMPLETED and self.ended_on is None:
            raise PydanticCustomError("missing", "status completed needs ended_on")
        if (self.email or self.phone or self.address) and self.given_name is None:
            raise PydanticCustomError("missing", "an address needs given_name and family_name")
        return self


class PledgeBody(Body):
    """
    Interviews promised: by a date, or so many days after the advert closes.

    ``english`` and ``maths`` are levels wished for; ``adjustments`` are those offered.
    Pledges of one ``joint_pledge`` share their interviews: so many on all of them together.
    """

    interviews: int = Field(ge=1, le=500)
    interview_by: date | None = None
    days_after_closing: int | None = Field(default=None, ge=0, le=365)
    mode: Mode | None = None
    programmes: Keys = ()
    essential: Keys = ()
    cluster: Key | None = None
    english: Level | None = None
    maths: Level | None = None
    adjustments: Keys = ()
    joint_pledge: Key | None = None

    @model_validator(mode="after")
    def _dated(self) -> Self:
        if (self.interview_by is None) == (self.days_after_closing is None):
            raise PydanticCustomError("missing", "give interview_by or days_after_closing")
        return self

    def as_given(self) -> dict[str, Any]:
        """The pledge as a cell's value."""
        names = tuple(PledgeBody.model_fields)
        return self.model_dump(mode="json", include=set(names))


class PledgeRecord(PledgeBody):
    """A pledge on the advert *vacancy*, or an employer's standing one."""

    as_of: Moment
    vacancy: Name | None = None
    employer: Name | None = None
    source: Key = "dfe"

    @model_validator(mode="after")
    def _of_one(self) -> Self:
        if (self.vacancy is None) == (self.employer is None):
            raise PydanticCustomError("missing", "give vacancy or employer, one of them")
        return self


class ErasureBody(Body):
    """Whom to forget."""

    ukprn: Ukprn
    reference: Name
    as_of: Moment


def _together(body: LearnerBody, one: str, other: str) -> None:
    if (getattr(body, one) is None) != (getattr(body, other) is None):
        raise PydanticCustomError("missing", f"{one} and {other} go together")
