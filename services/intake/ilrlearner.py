"""One Learner element of a return."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from lxml import etree

from services.contacts.records import Person
from services.intake import checks
from services.intake.aims import Aim, as_given, faults, standing
from services.intake.cells import Stamp
from services.intake.identities import learner_id
from services.intake.programmes import Programmes
from services.intake.report import Note, Row, Verdict
from services.intake.statements import Item, LearnerStatement, Return, RowUnreadable

NOT_OURS = "not-this-programme"
RESTRICTED = "RUI"
CODES = {"AimType": "[1345]", "CompStatus": "[1236]", "FundModel": "[0-9]{1,2}"}


@dataclass(frozen=True, slots=True)
class LearnerReader:
    """Reads the learners of one return."""

    programmes: Programmes
    seen: Return
    first_year: int

    def item(self, learner: etree._Element, place: str) -> Item:
        """A statement, or a row for who is not ours; raises RowUnreadable with a pointer."""
        reference = _needed(learner, "LearnRefNumber", "")
        deliveries = learner.findall("{*}LearningDelivery")
        aims = [_aim(d, f"/LearningDelivery[{n}]") for n, d in enumerate(deliveries, start=1)]
        notes = _uln_note(_text(learner, "ULN"))
        ours = self.programmes.scheme_aims(aims, self.seen.ukprn)
        if ours is None:
            return Row(
                place=place,
                verdict=Verdict.IGNORED,
                rule=NOT_OURS,
                words=_why_not_ours(aims),
                reference=reference,
                notes=notes,
            )
        return self._statement(learner, place, ours, notes)

    def _statement(
        self,
        learner: etree._Element,
        place: str,
        ours: tuple[str, tuple[Aim, ...]],
        notes: tuple[Note, ...],
    ) -> LearnerStatement:
        programme, scheme = ours
        reference = _needed(learner, "LearnRefNumber", "")
        born = _day(learner, "DateOfBirth", "")
        if born is None:
            raise RowUnreadable("missing", "DateOfBirth is missing", pointer="/DateOfBirth")
        identity = learner_id(self.seen.ukprn, reference)
        start_postcode = next((a.start_postcode for a in reversed(scheme) if a.start_postcode), "")
        home = checks.outcode(_text(learner, "Postcode")) or checks.outcode(start_postcode)
        codes = [
            (_text(fam, "LearnFAMType") or "", _text(fam, "LearnFAMCode") or "")
            for fam in learner.findall("{*}LearnerFAM")
        ]
        given = {
            "programme": programme,
            "ukprn": self.seen.ukprn,
            "date_of_birth": born.isoformat(),
            "outcode": home,
            "outcode_proves_home": checks.outcode(start_postcode) is not None,
            "prior_level": checks.prior_level(_prior(learner), self.first_year),
            "grounds": self.programmes.proves_ground(codes),
            **as_given(standing(scheme)),
        }
        odd = tuple(Note("aim", words) for aim in scheme for words in faults(aim))
        return LearnerStatement(
            place=place,
            learner_id=identity,
            ukprn=self.seen.ukprn,
            stamp=Stamp(self.seen.at, f"{self.seen.by}/{_digest(learner)}"),
            given=given,
            person=_person(learner, identity, reference),
            uln=_text(learner, "ULN"),
            previous_id=self._previous(learner),
            seen=self.seen,
            notes=notes + odd,
            reference=reference,
        )

    def _previous(self, learner: etree._Element) -> UUID | None:
        reference = _text(learner, "PrevLearnRefNumber")
        ukprn = _text(learner, "PrevUKPRN") or self.seen.ukprn
        return learner_id(ukprn, reference) if reference else None


def _person(learner: etree._Element, identity: UUID, reference: str) -> Person:
    lines = (_text(learner, f"AddLine{n}") for n in range(1, 5))
    preferences = learner.findall("{*}ContactPreference")
    return Person(
        learner_id=identity,
        given_name=_text(learner, "GivenNames") or "",
        family_name=_text(learner, "FamilyName") or "",
        email=_text(learner, "Email"),
        phone=_text(learner, "TelNo"),
        address=tuple(line for line in lines if line),
        postcode=_text(learner, "Postcode"),
        uln=_text(learner, "ULN"),
        reference=reference,
        contact_restricted=any(_text(p, "ContPrefType") == RESTRICTED for p in preferences),
    )


def _aim(delivery: etree._Element, pointer: str) -> Aim:
    number = _needed(delivery, "AimSeqNumber", pointer)
    started_on = _day(delivery, "LearnStartDate", pointer)
    if started_on is None:
        raise _missing("LearnStartDate", pointer)
    if not number.isdecimal():
        raise _wrong("AimSeqNumber", pointer, "is not a number")
    return Aim(
        reference=_needed(delivery, "LearnAimRef", pointer),
        aim_type=_coded(delivery, "AimType", pointer),
        number=int(number),
        started_on=started_on,
        fund_model=_coded(delivery, "FundModel", pointer),
        status=_coded(delivery, "CompStatus", pointer),
        prog_type=_text(delivery, "ProgType"),
        ended_on=_day(delivery, "LearnActEndDate", pointer),
        outcome=_outcome(delivery, pointer),
        con_ref=_text(delivery, "ConRefNumber"),
        start_postcode=_text(delivery, "LSDPostcode"),
        fams=tuple(
            (_text(fam, "LearnDelFAMType") or "", _text(fam, "LearnDelFAMCode") or "")
            for fam in delivery.findall("{*}LearningDeliveryFAM")
        ),
    )


def _outcome(delivery: etree._Element, pointer: str) -> str | None:
    outcome = _text(delivery, "Outcome")
    if outcome is not None and not outcome.isdecimal():
        raise _wrong("Outcome", pointer, "is not a code")
    return outcome


def _prior(learner: etree._Element) -> list[str]:
    """The codes of both shapes: a number of its own until 2020-21, an entity after."""
    found = []
    for prior in learner.findall("{*}PriorAttain"):
        code = _text(prior, "PriorLevel") or (prior.text or "").strip()
        if code:
            found.append(code)
    return found


def _uln_note(uln: str | None) -> tuple[Note, ...]:
    if uln is None or uln == checks.ULN_PENDING or checks.uln_is_valid(uln):
        return ()
    return (Note("uln-check", "the ULN fails its check digit; it is not used as a key"),)


def _why_not_ours(aims: Sequence[Aim]) -> str:
    if not aims:
        return "there is no learning aim"
    funds = ", ".join(sorted({aim.fund_model for aim in aims}))
    payers = ", ".join(sorted({code for aim in aims for code in aim.codes("SOF")})) or "none"
    marks = ", ".join(sorted({code for aim in aims for code in aim.codes("DAM")})) or "none"
    return f"no aim has the programme's marker: FundModel {funds}, SOF {payers}, DAM {marks}"


def _digest(learner: etree._Element) -> str:
    written = " ".join(text.strip() for text in learner.itertext() if text.strip())
    return hashlib.sha256(written.encode()).hexdigest()[:16]


def _text(element: etree._Element, name: str) -> str | None:
    return (element.findtext(f"{{*}}{name}") or "").strip() or None


def _needed(element: etree._Element, name: str, pointer: str) -> str:
    text = _text(element, name)
    if text is None:
        raise _missing(name, pointer)
    return text


def _coded(element: etree._Element, name: str, pointer: str) -> str:
    text = _needed(element, name, pointer)
    if not re.fullmatch(CODES[name], text):
        raise _wrong(name, pointer, "is not a code of this field")
    return text


def _day(element: etree._Element, name: str, pointer: str) -> date | None:
    text = _text(element, name)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise _wrong(name, pointer, "is not a date: write YYYY-MM-DD") from error


def _missing(name: str, pointer: str) -> RowUnreadable:
    return RowUnreadable("missing", f"{name} is missing", pointer=f"{pointer}/{name}")


def _wrong(name: str, pointer: str, why: str) -> RowUnreadable:
    return RowUnreadable("wrong", f"{name} {why}", pointer=f"{pointer}/{name}")
