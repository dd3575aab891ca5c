"""An advert of any dialect as a statement about a vacancy."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from services.contacts.records import Employer
from services.intake import levels, terms
from services.intake.bodies import PledgeBody
from services.intake.cells import Stamp
from services.intake.dfe import (
    Advert,
    DetailAdvert,
    ReadAdvert,
    WriteAdvert,
    dialect,
)
from services.intake.faults import faulty
from services.intake.identities import employer_id, vacancy_id
from services.intake.report import Note, unfit
from services.intake.statements import RowUnreadable, VacancyStatement
from services.intake.wording import flags, plain
from services.intake.words import phrases

SOURCE = "dfe"
LONGEST_TITLE = 200
ENDED = ("closed", "archived")
# not yet with the public; anything else is live
UNPUBLISHED = ("draft", "review", "submitted", "referred", "rejected")


def statement(
    body: Mapping[str, Any], *, place: str, at: datetime, reference: str | None = None
) -> VacancyStatement:
    """
    What *body* says; ``pledge`` and ``as_of`` may stand beside the dialect's own fields.

    *reference* is that of the path or the file's name, for a dialect that has none inside.
    Raises RowUnreadable.
    """
    try:
        advert = dialect(body).model_validate(body)
        pledge = PledgeBody.model_validate(body["pledge"]) if body.get("pledge") else None
    except ValidationError as error:
        raise faulty(error) from error
    known_as = _reference(advert, reference)
    employer = _employer(advert)
    cell, notes = _advert(advert, employer)
    status = (advert.status or "").casefold()
    if status in UNPUBLISHED:
        raise RowUnreadable("not-live", "the advert is not published yet", pointer="/status")
    return VacancyStatement(
        place=place,
        vacancy_id=vacancy_id(SOURCE, known_as),
        stamp=Stamp(at, digest(body)),
        given={
            "advert": cell,
            # an advert that says nothing of its state does not open what was closed
            **({"closed": _closed(status, advert.closure_reason)} if status else {}),
            **({"pledge": pledge.as_given()} if pledge else {}),
        },
        employer=employer,
        reference=known_as,
        notes=notes,
    )


def digest(body: object) -> str:
    """The same for the same JSON, however it is spaced or ordered."""
    plain_json = json.dumps(body, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(plain_json.encode()).hexdigest()[:16]


def _advert(advert: Advert, employer: Employer) -> tuple[dict[str, Any], tuple[Note, ...]]:
    skills, others = phrases(advert.skills or ())
    needs, wanted = terms.needs(advert.qualifications or ())
    hours, hours_note = terms.hours(advert)
    cell = {
        "employer_id": str(employer.employer_id),
        "title": advert.title.strip()[:LONGEST_TITLE],
        "positions": advert.number_of_positions,
        "closes_on": advert.closing_date.isoformat() if advert.closing_date else None,
        "starts_on": advert.start_date.isoformat(),
        "hours": str(hours) if hours else None,
        "pay": terms.pay(advert),
        **terms.course(advert),
        **terms.where(advert),
        "skills": skills,
        "essential": needs,
        "wanted": wanted,
        **levels.asked(advert.qualifications or ()),
        "disability_confident": terms.confident(advert),
        "flags": [
            {"ground": flag.ground, "quote": flag.quote}
            for flag in flags(plain(text) for text in advert.texts)
        ],
    }
    notes = [*hours_note]
    if "apprentice" not in advert.title.casefold():
        notes.append(Note("title", "the title does not say apprentice"))
    return cell, (*notes, *unfit(others))


def _reference(advert: Advert, given: str | None) -> str:
    if isinstance(advert, ReadAdvert):
        return advert.vacancy_reference
    found = (advert.id if isinstance(advert, WriteAdvert) else None) or given
    if not found:
        raise RowUnreadable(
            "missing", "a Recruitment API body needs its id: give it beside the body", pointer="/id"
        )
    return found


def _employer(advert: Advert) -> Employer:
    if isinstance(advert, WriteAdvert):
        key = advert.contracting_parties.account_legal_entity_public_hashed_id
        contact, address = advert.submitter_contact_details, advert.address
        return Employer(
            employer_id=employer_id(key),
            name=advert.alternative_employer_name or f"Employer {key}",
            contact_name=contact.name,
            email=contact.email,
            phone=contact.phone,
            address=terms.lines(address),
        )
    if not isinstance(advert, ReadAdvert):
        raise TypeError(type(advert))
    known_as, name = advert.account_legal_entity_public_hashed_id, advert.employer_name
    if isinstance(advert, DetailAdvert):
        known_as = known_as or advert.account_legal_entity_id
        name = name or advert.anonymous_employer_name
    if not (known_as or name):
        raise RowUnreadable("missing", "the advert names no employer", pointer="/employerName")
    return Employer(
        employer_id=employer_id(known_as or name or ""),
        name=name or f"Employer {known_as}",
        contact_name=advert.employer_contact_name,
        email=advert.employer_contact_email,
        phone=advert.employer_contact_phone,
        address=terms.lines((advert.addresses or (advert.address,))[0]),
    )


def _closed(status: str, reason: str | None) -> str | None:
    if status not in ENDED:
        return None
    words = "".join(
        c if c.isascii() and c.isalnum() else "-" for c in (reason or status).casefold()
    )
    return words.strip("-")[:80] or status
