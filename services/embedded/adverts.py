"""Vacancies as employers send them: both of the department's JSON dialects, and the pledges."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from datetime import date
from io import StringIO
from typing import Any

from services.embedded.employers import Advert, Fault
from services.embedded.people import PROVIDERS

LEVELS = {2: "Intermediate", 3: "Advanced"}
MONTHS = 15


def display_adverts(adverts: Sequence[Advert]) -> str:
    """One page of Display Advert v2."""
    page = {
        "vacancies": [_display(advert) for advert in adverts],
        "total": len(adverts),
        "totalFiltered": len(adverts),
        "totalPages": 1,
    }
    return json.dumps(page, indent=1)


def recruitment(advert: Advert) -> str:
    """One body as it is written to the Recruitment API; the file's name is its reference."""
    return json.dumps(_recruitment(advert), indent=1)


def pledges(told: Sequence[tuple[str, Advert]], *, as_of: date) -> str:
    """The promised interviews as a CSV file, for adverts by the references they are known by."""
    text = StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["vacancy", "interviews", "interview_by", "as_of", "essential", "cluster"])
    for reference, advert in told:
        if advert.fault is not Fault.PLEDGE:
            table.writerow([
                reference, advert.interviews, advert.interview_by, as_of.isoformat(),
                "driving-licence" * advert.driving, advert.employer.sector.name,
            ])  # fmt: skip
    return text.getvalue()


def _display(advert: Advert) -> dict[str, Any]:
    employer = advert.employer
    amount = advert.yearly
    return {
        "vacancyReference": f"VAC{advert.reference}",
        "title": advert.title,
        "description": f"Learn to be a {advert.standard.title.lower()} with {employer.name}.",
        "numberOfPositions": advert.positions,
        "postedDate": f"{advert.posted}T09:00:00Z",
        "closingDate": f"{advert.closes}T23:59:59Z",
        "startDate": f"{advert.starts}T00:00:00Z",
        "wage": {
            "wageType": "NationalMinimum" if amount is None else "Custom",
            "wageUnit": "Unspecified" if amount is None else "Annually",
            "wageAmount": None if amount is None else float(amount),
            "workingWeekDescription": "Monday to Friday, days",
            "wageAdditionalInformation": "",
        },
        "hoursPerWeek": float(advert.hours),
        "expectedDuration": "1 Year 3 Months",
        "isDisabilityConfident": advert.number % 2 == 0,
        "isNationalVacancy": False,
        "addresses": [{"addressLine1": employer.street, "postcode": employer.postcode}],
        "employerName": employer.name,
        "employerContactName": employer.contact,
        "employerContactPhone": employer.phone,
        "employerContactEmail": employer.email,
        "providerName": "Sample College",
        "ukprn": int(PROVIDERS[0]),
        "apprenticeshipLevel": LEVELS[advert.standard.level],
        "course": {
            "larsCode": advert.lars_code,
            "title": advert.standard.title,
            "level": advert.standard.level,
            "route": None,
            "type": "apprenticeship",
        },
        "skills": list(advert.skills),
        "qualifications": [_english()],
    }


def _recruitment(advert: Advert) -> dict[str, Any]:
    employer = advert.employer
    amount = advert.yearly
    return {
        "submitterContactDetails": {
            "name": employer.contact,
            "email": employer.email,
            "phone": employer.phone,
        },
        "contractingParties": {
            "ukprn": PROVIDERS[0],
            "accountLegalEntityPublicHashedId": employer.key.upper()[:6],
        },
        "title": advert.title,
        "shortDescription": f"Learn to be a {advert.standard.title.lower()}.",
        "description": f"You will learn the work of a {advert.standard.title.lower()} day by day.",
        "standardLarsCode": str(advert.lars_code),
        "employerNameOption": "TradingName",
        "alternativeEmployerName": employer.name,
        "numberOfPositions": advert.positions,
        "closingDate": str(advert.closes),
        "startDate": str(advert.starts),
        "address": {"addressLine1": employer.street, "postcode": employer.postcode},
        "wage": {
            "wageType": "NationalMinimumWage" if amount is None else "FixedWage",
            "fixedWageYearlyAmount": None if amount is None else float(amount),
            "weeklyHours": float(advert.hours),
            "duration": MONTHS,
            "durationUnit": "Month",
            "workingWeekDescription": "Monday to Friday, days",
        },
        "skills": list(advert.skills),
        "qualifications": [_english()],
        "disabilityConfident": "Yes" if advert.number % 2 == 0 else "No",
        "applicationMethod": "ThroughFindAnApprenticeship",
    }


def _english() -> dict[str, str]:
    return {
        "qualificationType": "GCSE",
        "subject": "English",
        "grade": "4",
        "weighting": "Desired",
    }
