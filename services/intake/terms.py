"""What an advert of any dialect says of pay, hours, standard, place and needs: one shape."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from services.intake import checks
from services.intake.dfe import (
    Address,
    Advert,
    DetailAdvert,
    Qualification,
    ReadAdvert,
    WriteAdvert,
)
from services.intake.report import Note
from services.intake.skills import need_key
from services.intake.wages import WageKind

MOST_HOURS = 60
KINDS = {
    "apprenticeshipminimum": WageKind.APPRENTICE_MINIMUM, "2": WageKind.APPRENTICE_MINIMUM,
    "nationalminimumwageforapprentices": WageKind.APPRENTICE_MINIMUM,
    "nationalminimum": WageKind.NATIONAL_MINIMUM, "3": WageKind.NATIONAL_MINIMUM,
    "nationalminimumwage": WageKind.NATIONAL_MINIMUM,
    "custom": WageKind.AMOUNT, "4": WageKind.AMOUNT, "0": WageKind.AMOUNT,
    "fixedwage": WageKind.AMOUNT,
    "competitivesalary": WageKind.COMPETITIVE, "6": WageKind.COMPETITIVE,
}  # fmt: skip
UNITS = {"weekly": "week", "2": "week", "monthly": "month", "3": "month", "annually": "year",
         "4": "year"}  # fmt: skip
LEVELS = {"intermediate": 2, "advanced": 3, "higher": 4, "degree": 6}


def lines(address: Address | None) -> tuple[str, ...]:
    if address is None:
        return ()
    lines = (address.address_line1, address.address_line2, address.address_line3,
             address.address_line4, address.postcode)  # fmt: skip
    return tuple(line for line in lines if line)


def pay(advert: Advert) -> dict[str, Any]:
    flat = isinstance(advert, DetailAdvert)
    kind = advert.wage_type if isinstance(advert, DetailAdvert) else advert.wage.wage_type
    said = advert if isinstance(advert, DetailAdvert) else advert.wage
    unit = UNITS.get((said.wage_unit or "").casefold())
    amount = said.wage_amount if said.wage_amount is not None else said.wage_amount_lower_bound
    if not flat and advert.wage.fixed_wage_yearly_amount is not None:
        amount, unit = advert.wage.fixed_wage_yearly_amount, "year"
    return {
        "kind": KINDS.get(kind.casefold(), WageKind.UNSPECIFIED).value,
        "amount": str(amount) if amount is not None else None,
        "unit": unit,
    }


def hours(advert: Advert) -> tuple[Decimal | None, list[Note]]:
    hours = advert.hours_per_week or advert.wage.weekly_hours
    if hours is None or 0 < hours <= MOST_HOURS:
        return hours, []
    return None, [Note("hours", f"weekly hours are not between 0 and {MOST_HOURS}: left out")]


def course(advert: Advert) -> dict[str, Any]:
    lars: str | None
    if isinstance(advert, DetailAdvert):
        lars, level = advert.standard_lars_code, advert.standard_level
        kind = advert.apprenticeship_type
    elif isinstance(advert, ReadAdvert):
        named = LEVELS.get((advert.apprenticeship_level or "").casefold())
        lars, level, kind = (
            advert.course.lars_code,
            advert.course.level or named,
            advert.course.type,
        )
    elif isinstance(advert, WriteAdvert):
        lars, level, kind = advert.standard_lars_code, None, advert.apprenticeship_type
    else:
        raise TypeError(type(advert))
    return {
        "lars": lars if lars and lars != "0" else None,
        "level": level or None,
        "foundation": (kind or "").casefold().startswith("foundation"),
    }


def where(advert: Advert) -> dict[str, Any]:
    addresses: Iterable[Address | None] = ()
    national = False
    if isinstance(advert, WriteAdvert):
        addresses = (advert.address, *(advert.multiple_addresses or ()))
        national = advert.recruiting_nationally
    elif isinstance(advert, ReadAdvert):
        addresses = (*(advert.addresses or ()), advert.address)
        kind = advert.vacancy_location_type if isinstance(advert, DetailAdvert) else None
        national = advert.is_national_vacancy or (kind or "").casefold() == "national"
    found = (checks.outcode(a.postcode) for a in addresses if a)
    return {"outcode": next((code for code in found if code), None), "national": national}


def needs(qualifications: Iterable[Qualification]) -> tuple[list[str], list[str]]:
    needs, wanted = [], []
    for said in qualifications:
        name = said.other_qualification_name or said.qualification_type
        words = " ".join(part for part in (name, said.subject) if part)
        essential = (said.weighting or "").casefold() == "essential"
        need = need_key(words)
        if need and essential:
            needs.append(need)
        elif words:
            grade = f", grade {said.grade}" if said.grade else ""
            mark = " (essential to the employer)" if essential else ""
            wanted.append(f"{words}{grade}{mark}")
    return sorted(set(needs)), wanted


def confident(advert: Advert) -> bool:
    if isinstance(advert, WriteAdvert):
        return (advert.disability_confident or "").casefold() == "yes"
    return isinstance(advert, ReadAdvert) and advert.is_disability_confident
