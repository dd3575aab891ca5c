"""The vacancy service's three dialects, told apart by shape; only what we keep or judge by."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from services.intake.statements import RowUnreadable


def _day(value: object) -> object:
    """The day a date-time writes: closing at 23:59:59 is that day, whatever the zone."""
    if isinstance(value, str):
        return value.strip()[: len("YYYY-MM-DD")] or None
    return value


def _blank(value: object) -> object:
    """None for a text of nothing but spaces."""
    if isinstance(value, str):
        return value.strip() or None
    return value


Day = Annotated[date, BeforeValidator(_day)]
Text = Annotated[str | None, BeforeValidator(_blank)]
Codes = Annotated[str, BeforeValidator(lambda v: v if v is None else str(v).strip())]


class Part(BaseModel):
    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        alias_generator=to_camel,
        populate_by_name=True,
        coerce_numbers_to_str=True,
    )


class Address(Part):
    address_line1: Text = None
    address_line2: Text = None
    address_line3: Text = None
    address_line4: Text = None
    postcode: Text = None


class Qualification(Part):
    qualification_type: Text = None
    other_qualification_name: Text = None
    subject: Text = None
    grade: Text = None
    weighting: Text = None
    level: int | None = None


class Wage(Part):
    wage_type: Codes = "Unspecified"
    wage_unit: Codes | None = None
    wage_amount: Decimal | None = None
    wage_amount_lower_bound: Decimal | None = None
    fixed_wage_yearly_amount: Decimal | None = None
    weekly_hours: Decimal | None = None
    wage_additional_information: Text = None
    working_week_description: Text = None
    company_benefits_information: Text = Field(
        default=None,
        validation_alias=AliasChoices("companyBenefitsInformation", "CompanyBenefitsInformation"),
    )


class Course(Part):
    lars_code: Codes | None = None
    level: int | None = None
    route: Text = None
    type: Text = None


class Advert(Part):
    """The fields all dialects share, under their own names; None where one has it not."""

    title: str = Field(min_length=1)
    number_of_positions: int = Field(default=1, ge=1)
    closing_date: Day | None = None
    start_date: Day
    wage: Wage = Wage()
    hours_per_week: Decimal | None = None
    skills: tuple[str, ...] | None = None
    qualifications: tuple[Qualification, ...] | None = None
    description: Text = None
    full_description: Text = None
    long_description: Text = None
    short_description: Text = None
    outcome_description: Text = None
    training_description: Text = None
    additional_training_description: Text = None
    employer_description: Text = None
    things_to_consider: Text = None
    wage_additional_information: Text = None
    working_week: Text = None
    company_benefits_information: Text = None
    additional_question1: Text = None
    additional_question2: Text = None
    status: Text = Field(
        default=None, validation_alias=AliasChoices("vacancyStatus", "status", "closureStatus")
    )
    closure_reason: Text = None

    @property
    def texts(self) -> tuple[str, ...]:
        """Every text people read, the wage's among them."""
        own = ("title", "description", "full_description", "long_description", "short_description",
               "outcome_description", "training_description", "additional_training_description",
               "employer_description", "things_to_consider", "wage_additional_information",
               "working_week", "company_benefits_information", "additional_question1",
               "additional_question2")  # fmt: skip
        wage = ("wage_additional_information", "working_week_description",
                "company_benefits_information")  # fmt: skip
        found = [getattr(self, name) for name in own] + [getattr(self.wage, n) for n in wage]
        return tuple(text for text in found if text)


class ReadAdvert(Advert):
    """Display Advert v2."""

    vacancy_reference: Codes
    posted_date: Day | None = None
    course: Course = Course()
    apprenticeship_level: Text = None
    addresses: tuple[Address, ...] | None = None
    address: Address | None = None
    is_national_vacancy: bool = False
    is_disability_confident: bool = False
    employer_name: Text = None
    employer_contact_name: Text = None
    employer_contact_phone: Text = None
    employer_contact_email: Text = None
    account_legal_entity_public_hashed_id: Text = None


class DetailAdvert(ReadAdvert):
    """Find an apprenticeship detail: the read names, flat."""

    wage_type: Codes = "Unspecified"
    wage_unit: Codes | None = None
    wage_amount: Decimal | None = None
    wage_amount_lower_bound: Decimal | None = None
    standard_lars_code: Codes | None = None
    standard_level: int | None = None
    route_code: int | None = None
    apprenticeship_type: Text = None
    vacancy_location_type: Text = None
    anonymous_employer_name: Text = None
    account_legal_entity_id: Codes | None = None


class Submitter(Part):
    name: Text = None
    email: Text = None
    phone: Text = None


class Parties(Part):
    ukprn: Codes | None = None
    account_legal_entity_public_hashed_id: Codes


class WriteAdvert(Advert):
    """A Recruitment API body; its id is in the path, not here."""

    id: Codes | None = None
    standard_lars_code: Codes | None = None
    apprenticeship_type: Text = None
    address: Address | None = None
    multiple_addresses: tuple[Address, ...] | None = None
    recruiting_nationally: bool = False
    disability_confident: Text = None
    alternative_employer_name: Text = None
    contracting_parties: Parties
    submitter_contact_details: Submitter = Submitter()


def dialect(body: Mapping[str, Any]) -> type[ReadAdvert | DetailAdvert | WriteAdvert]:
    """Which dialect *body* is written in; raises RowUnreadable."""
    if "contractingParties" in body or "submitterContactDetails" in body:
        return WriteAdvert
    if "standardLarsCode" in body and "vacancyReference" in body:
        return DetailAdvert
    if "vacancyReference" in body:
        return ReadAdvert
    raise RowUnreadable(
        "unknown-dialect",
        "neither vacancyReference (Display Advert, Find an apprenticeship) nor "
        "contractingParties (Recruitment API) is here",
    )
