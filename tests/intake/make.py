"""Valid returns, adverts and pledges, to be bent by tests."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from cryptography.fernet import Fernet
from pydantic import SecretStr

from services.intake.acceptance import Desks
from services.intake.desks import open_desks
from services.intake.files import Source
from services.intake.settings import TakingSettings

KEY = Fernet.generate_key().decode()
TODAY = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
UKPRN = "10099001"
SCHEME = (("SOF", "112"), ("DAM", "021"))


def desks(today: date = TODAY, **settings: Any) -> Desks:
    """Desks with the packaged tables, on a fixed day."""
    chosen = TakingSettings(contacts_keys=SecretStr(KEY), **settings)
    return open_desks(chosen, today=lambda: today)


@dataclass
class AimXml:
    """A LearningDelivery of the scheme."""

    ref: str = "P2AWELD2"
    aim_type: int = 4
    seq: int = 1
    start: str = "2026-06-01"
    fund: int = 38
    status: int = 1
    end: str | None = None
    outcome: int | None = None
    prog: int | None = None
    lsd: str | None = "B1 1AA"
    fams: Sequence[tuple[str, str]] = SCHEME

    def xml(self) -> str:
        parts = [
            ("LearnAimRef", self.ref), ("AimType", self.aim_type), ("AimSeqNumber", self.seq),
            ("LearnStartDate", self.start), ("LearnPlanEndDate", "2026-12-01"),
            ("FundModel", self.fund), ("ProgType", self.prog), ("LSDPostcode", self.lsd),
            ("CompStatus", self.status), ("LearnActEndDate", self.end), ("Outcome", self.outcome),
        ]  # fmt: skip
        fams = "".join(
            f"<LearningDeliveryFAM><LearnDelFAMType>{t}</LearnDelFAMType>"
            f"<LearnDelFAMCode>{c}</LearnDelFAMCode></LearningDeliveryFAM>"
            for t, c in self.fams
        )
        return f"<LearningDelivery>{_elements(parts)}{fams}</LearningDelivery>"


def done(**more: Any) -> AimXml:
    """An aim completed on 1 November 2026."""
    return AimXml(status=2, end="2026-11-01", outcome=1, **more)


@dataclass
class LearnerXml:
    """A Learner of a return; names are markers that must turn up nowhere but in contacts."""

    ref: str = "L0001"
    aims: Sequence[AimXml] = field(default_factory=lambda: [AimXml()])
    born: str | None = "2001-05-05"
    uln: str = "9999999999"
    given: str = "Zebedee"
    family: str = "Markerson"
    postcode: str | None = "B1 1AA"
    prior: str = "<PriorAttain><PriorLevel>3</PriorLevel></PriorAttain>"
    extra: str = ""

    def xml(self) -> str:
        parts = [
            ("LearnRefNumber", self.ref), ("ULN", self.uln), ("FamilyName", self.family),
            ("GivenNames", self.given), ("DateOfBirth", self.born), ("Ethnicity", 31),
            ("Sex", "F"), ("LLDDHealthProb", 2), ("NINumber", "QQ123456C"),
            ("PostcodePrior", "B99 9ZZ"), ("Postcode", self.postcode),
            ("AddLine1", "1 Marker Street"), ("TelNo", "07700900999"),
            ("Email", "zebedee.markerson@example.org"),
        ]  # fmt: skip
        aims = "".join(aim.xml() for aim in self.aims)
        return f"<Learner>\n{_elements(parts)}{self.prior}{self.extra}{aims}</Learner>\n"


def ilr(
    *learners: LearnerXml,
    prepared: str = "2026-11-18",
    moment: str | None = None,
    serial: str = "01",
    namespace: str = "ESFA/ILR/2025-26",
    ukprn: str = UKPRN,
) -> bytes:
    """A return."""
    people = "".join(learner.xml() for learner in learners)
    return (
        f'<Message xmlns="{namespace}"><Header><CollectionDetails><Collection>ILR</Collection>'
        f"<Year>2526</Year><FilePreparationDate>{prepared}</FilePreparationDate>"
        f"</CollectionDetails><Source><UKPRN>{ukprn}</UKPRN><SerialNo>{serial}</SerialNo>"
        f"<DateTime>{moment or prepared + 'T09:00:00'}</DateTime></Source></Header>"
        f"<LearningProvider><UKPRN>{ukprn}</UKPRN></LearningProvider>{people}</Message>"
    ).encode()


def source(content: bytes | str, name: str = "file.xml", at: datetime = NOON) -> Source:
    """*content* as a file."""
    return Source(name, content.encode() if isinstance(content, str) else content, at)


def advert(**more: Any) -> dict[str, Any]:
    """A Display Advert that meets every rule but for its pledge."""
    return {
        "vacancyReference": "VAC1000001",
        "title": "Welding apprentice",
        "numberOfPositions": 1,
        "postedDate": "2026-11-01T09:00:00Z",
        "closingDate": "2026-12-31T23:59:59Z",
        "startDate": "2027-02-01T00:00:00Z",
        "wage": {"wageType": "Custom", "wageUnit": "Annually", "wageAmount": 25000},
        "hoursPerWeek": 37.5,
        "course": {"larsCode": 9009, "level": 2, "type": "apprenticeship"},
        "addresses": [{"addressLine1": "1 Anvil Way", "postcode": "B1 1AA"}],
        "employerName": "Marker Welding Ltd",
        "employerContactName": "Quentin Markerman",
        "employerContactEmail": "quentin.markerman@example.org",
        "skills": ["Team working", "Attention to detail"],
        "qualifications": [],
        **more,
    }


PLEDGE = {"interviews": 3, "interview_by": "2027-01-15"}


def adverts(*bodies: dict[str, Any]) -> str:
    """A page of Display Advert v2."""
    return json.dumps({"vacancies": list(bodies), "total": len(bodies)})


def _elements(parts: Sequence[tuple[str, Any]]) -> str:
    return "".join(f"<{tag}>{value}</{tag}>\n" for tag, value in parts if value is not None)
