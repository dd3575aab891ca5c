"""
Learners as their colleges send them.

An ILR return of 2025-26, valid against the year's schema, and beside it a table of what no
return holds: skills, interests, travel and hours.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date, datetime, time
from io import StringIO

from lxml import etree

from services.embedded.people import LEVEL_2, Learner, Status

NAMESPACE = "ESFA/ILR/2025-26"
YEAR = "2526"
COMP_STATUS = {
    Status.COMPLETED: 2, Status.CONTINUING: 1, Status.WITHDRAWN: 3,
    Status.PAUSED: 6, Status.ELSEWHERE: 1,
}  # fmt: skip
ADULT_SKILLS = 38
# who pays, and the combined authority's mark of the scheme; anything else is another programme
SCHEME = (("SOF", "112"), ("DAM", "021"))
ANOTHER = (("SOF", "105"),)
WITHDRAWN_FOR_WORK = 28


def name(ukprn: str, prepared: date) -> str:
    """The file name a return of *ukprn* must have."""
    return f"ILR-{ukprn}-{YEAR}-{prepared:%Y%m%d}-090000-01.xml"


def ilr(ukprn: str, learners: Sequence[Learner], *, prepared: date) -> bytes:
    """The return of one college; the same bytes for the same learners and day."""
    message = etree.Element("Message", nsmap={None: NAMESPACE})
    header = etree.SubElement(message, "Header")
    collection = etree.SubElement(header, "CollectionDetails")
    _put(collection, Collection="ILR", Year=YEAR, FilePreparationDate=prepared)
    source = etree.SubElement(header, "Source")
    _put(
        source,
        ProtectiveMarking="OFFICIAL-SENSITIVE-Personal",
        UKPRN=ukprn,
        SoftwareSupplier="Invented",
        SoftwarePackage="Sample",
        Release="1",
        SerialNo="01",
        DateTime=datetime.combine(prepared, time(9)).isoformat(),  # the schema's has no zone
    )
    _put(etree.SubElement(message, "LearningProvider"), UKPRN=ukprn)
    for learner in learners:
        _learner(message, learner)
    # the elements were made without a namespace, which the default one of the file fills in
    plain = etree.tostring(message, xml_declaration=True, encoding="utf-8", pretty_print=True)
    return bytes(plain)


EXTRAS = ("ukprn", "reference", "as_of", "skills", "interests", "holds", "max_miles",
          "available_from", "hours_from", "hours_to", "shares_with_cluster", "english",
          "english_towards", "english_due", "adjustments", "shares_adjustments")  # fmt: skip


def extras(learners: Sequence[Learner], *, prepared: date) -> str:
    """What learners told their tutors, as a CSV file; nothing of those on other programmes."""
    text = StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(EXTRAS)
    for learner in learners:
        if learner.status is not Status.ELSEWHERE:
            table.writerow([
                learner.ukprn, learner.reference, prepared.isoformat(), ";".join(learner.skills),
                ";".join(map(str, learner.interests)), "driving-licence" * learner.driving,
                learner.max_miles, "", *learner.hours, "yes", learner.english,
                LEVEL_2 if learner.english_due else "", learner.english_due,
                ";".join(learner.adjustments), "yes" if learner.adjustments else "",
            ])  # fmt: skip
    return text.getvalue()


def _learner(message: etree._Element, learner: Learner) -> None:
    element = etree.SubElement(message, "Learner")
    _put(
        element,
        LearnRefNumber=learner.reference,
        ULN=learner.uln,
        FamilyName=learner.family_name,
        GivenNames=learner.given_name,
        DateOfBirth=learner.born,
        Ethnicity=99,
        Sex="F" if learner.reference[-1] in "02468" else "M",
        LLDDHealthProb=9,
        PostcodePrior=learner.postcode,
        Postcode=learner.postcode,
        AddLine1=learner.street,
        TelNo=learner.phone,
        Email=learner.email,
    )
    prior = etree.SubElement(element, "PriorAttain")
    _put(prior, PriorLevel=learner.prior_level, DateLevelApp=learner.started)
    _delivery(element, learner)


def _delivery(element: etree._Element, learner: Learner) -> None:
    delivery = etree.SubElement(element, "LearningDelivery")
    _put(
        delivery,
        LearnAimRef=learner.aim,
        AimType=4,
        AimSeqNumber=1,
        LearnStartDate=learner.started,
        LearnPlanEndDate=learner.planned_end,
        FundModel=ADULT_SKILLS,
        DelLocPostCode="B4 7ZZ",
        LSDPostcode=learner.postcode,
        CompStatus=COMP_STATUS[learner.status],
        LearnActEndDate=learner.ended,
        WithdrawReason=WITHDRAWN_FOR_WORK if learner.status is Status.WITHDRAWN else None,
        Outcome=learner.outcome,
        AchDate=learner.ended if learner.outcome == 1 else None,
    )
    for kind, code in ANOTHER if learner.status is Status.ELSEWHERE else SCHEME:
        fam = etree.SubElement(delivery, "LearningDeliveryFAM")
        _put(fam, LearnDelFAMType=kind, LearnDelFAMCode=code)


def _put(element: etree._Element, **values: object) -> None:
    for tag, value in values.items():
        if value is not None:
            etree.SubElement(element, tag).text = str(value)
