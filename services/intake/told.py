"""Our own bodies as statements."""

from collections.abc import Mapping
from typing import Any

from services.contacts.records import Person
from services.intake import checks
from services.intake.adverts import digest
from services.intake.bodies import ErasureBody, LearnerBody, PledgeRecord, Status
from services.intake.cells import Stamp
from services.intake.identities import employer_id, learner_id, vacancy_id
from services.intake.report import Note, unfit
from services.intake.statements import (
    ErasureStatement,
    LearnerStatement,
    StandingPledge,
    VacancyStatement,
)
from services.intake.words import phrases

AS_THEY_ARE = ("programme", "prior_level", "interests", "holds", "max_miles", "available_from",
               "hours_from", "hours_to", "foundation_grounds", "shares_with_cluster",
               "date_of_birth", "unwanted_routes")  # fmt: skip
SUBJECTS = ("english", "maths")


def of_learner(body: LearnerBody, *, place: str) -> LearnerStatement:
    """What *body* says; fields it leaves out are not touched."""
    identity = learner_id(body.ukprn, body.reference)
    written = body.model_dump(mode="json", exclude_none=True)
    given: dict[str, Any] = {name: written[name] for name in AS_THEY_ARE if name in written}
    given["ukprn"] = body.ukprn
    notes: list[Note] = []
    if body.skills is not None:
        given["skills"], others = phrases(body.skills)
        notes += unfit(others)
    if body.postcode is not None:
        given["outcode"] = checks.outcode(body.postcode)
    return LearnerStatement(
        place=place,
        learner_id=identity,
        ukprn=body.ukprn,
        stamp=Stamp(body.as_of, digest(written)),
        given=given | _course(body) | _status(body) | _levels(written) | _wishes(body, notes),
        person=_person(body),
        uln=body.uln,
        notes=tuple(notes),
        reference=body.reference,
    )


def of_pledge(body: PledgeRecord, *, place: str) -> VacancyStatement | StandingPledge:
    """A pledge on one advert, or one that stands for all of an employer's."""
    stamp = Stamp(body.as_of, digest(body.model_dump(mode="json")))
    if body.vacancy is not None:
        return VacancyStatement(
            place=place,
            vacancy_id=vacancy_id(body.source, body.vacancy),
            stamp=stamp,
            given={"pledge": body.as_given()},
            reference=body.vacancy,
        )
    return StandingPledge(
        place=place,
        employer_id=employer_id(body.employer or ""),
        stamp=stamp,
        pledge=body.as_given(),
    )


def of_erasure(body: ErasureBody, *, place: str) -> ErasureStatement:
    """The wish to be forgotten."""
    return ErasureStatement(
        place=place,
        learner_id=learner_id(body.ukprn, body.reference),
        ukprn=body.ukprn,
        stamp=Stamp(body.as_of, "erasure"),
    )


def _course(body: LearnerBody) -> dict[str, Any]:
    if body.aim is None or body.started_on is None:
        return {}
    day = body.started_on.isoformat()
    return {"course": {"aims": [body.aim], "began_on": day, "latest_on": day}}


def _status(body: LearnerBody) -> dict[str, Any]:
    if body.status is None:
        return {}
    on = body.ended_on.isoformat() if body.ended_on else None
    return {
        "completion": {"on": on, "outcome": body.outcome}
        if body.status is Status.COMPLETED
        else None,
        "pause": {"on": on} if body.status is Status.BREAK else None,
        "withdrawal": {"on": on} if body.status is Status.WITHDRAWN else None,
    }


def _levels(written: Mapping[str, Any]) -> dict[str, Any]:
    """Each subject as one fact: the level held, and what is worked towards by when."""
    return {
        subject: {
            "held": written.get(subject),
            "towards": written.get(f"{subject}_towards"),
            "due": written.get(f"{subject}_due"),
        }
        for subject in SUBJECTS
        if subject in written or f"{subject}_towards" in written
    }


def _wishes(body: LearnerBody, notes: list[Note]) -> dict[str, Any]:
    """Employers as ids, never by name; adjustments only as far as the learner shares them."""
    wishes: dict[str, Any] = {}
    if body.unwanted_employers is not None:
        ids = {str(employer_id(name)) for name in body.unwanted_employers}
        wishes["unwanted_employers"] = sorted(ids)
    if body.shares_adjustments is False:
        wishes["adjustments"] = []
    elif body.adjustments is not None and body.shares_adjustments:
        wishes["adjustments"] = sorted(set(body.adjustments))
    if body.adjustments and not body.shares_adjustments:
        words = "adjustments are not kept: shares_adjustments does not say yes beside them"
        notes.append(Note("adjustments-not-shared", words))
    return wishes


def _person(body: LearnerBody) -> Person | None:
    if body.given_name is None or body.family_name is None:
        return None
    return Person(
        learner_id=learner_id(body.ukprn, body.reference),
        given_name=body.given_name,
        family_name=body.family_name,
        email=body.email,
        phone=body.phone,
        address=body.address or (),
        postcode=body.postcode,
        uln=body.uln,
        reference=body.reference,
        contact_restricted=bool(body.contact_restricted),
    )
