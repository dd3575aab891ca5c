"""Whether a vacancy may go to matching: every rule that holds it, and its wage's verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from schemas.vacancy import Asked, Mode, VacancyProfile, WageVerdict
from services.intake.report import Note
from services.intake.skills import SkillBook
from services.intake.taxonomy import Standard
from services.intake.wages import Judgement, Pay, Rates, WageKind, judged

DISCRIMINATORY = "discriminatory-words"
NO_ADVERT = "no-advert"
NO_PLEDGE = "no-pledge"
LEGAL_ONLY = "wage-legal-only"
CANNOT_TELL = "wage-cannot-tell"
FOUNDATION = "foundation-apprenticeship"
# what a coordinator may let pass for one vacancy
FOR_A_PERSON = (DISCRIMINATORY, LEGAL_ONLY, CANNOT_TELL, FOUNDATION)
# members of a joint pledge that state different numbers
JOINT_DIFFERS = "joint-pledge-differs"
# what a setting may let pass for all
BY_SETTING = (LEGAL_ONLY, CANNOT_TELL, FOUNDATION)
FOUNDATION_FROM = date(2025, 8, 1)
FOUNDATION_LEVEL = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """What vacancies are judged by; *passes* are rules that hold nothing here."""

    rates: Sequence[Rates]
    passes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """``profile`` is JSON and present exactly when nothing holds the vacancy."""

    holds: tuple[Note, ...]
    profile: dict[str, Any] | None = None
    closed: str | None = None
    wage: Judgement | None = None


def judge(
    values: Mapping[str, Any],
    standing: Mapping[str, Any] | None,
    book: Book,
    known: SkillBook,
) -> Judged:
    """The vacancy the cells describe, under the employer's *standing* pledge if it has no own."""
    advert, pledge = values.get("advert"), values.get("pledge") or standing
    if advert is None:
        return Judged(holds=(Note(NO_ADVERT, "the pledge waits for its advert"),))
    pay = _pay(advert)
    starts_on = date.fromisoformat(advert["starts_on"])
    wage = judged(pay, starts_on, book.rates)
    standard = known.standards.get(advert["lars"] or "")
    holds = tuple(
        note
        for note in _holds(advert, pledge, standard, wage)
        if note.rule not in book.passes and values.get(f"waived:{note.rule}") != note.words
    )
    if holds or standard is None or pledge is None:
        return Judged(holds=holds, wage=wage)
    profile = _profile(advert, pledge, standard, wage, known)
    return Judged(
        holds=(),
        profile=profile.model_dump(mode="json"),
        closed=values.get("closed"),
        wage=wage,
    )


def _holds(
    advert: Mapping[str, Any],
    pledge: Mapping[str, Any] | None,
    standard: Standard | None,
    wage: Judgement,
) -> list[Note]:
    """The rules that hold the advert, the most telling first."""
    notes = [*_flagged(advert)]
    if pledge is None:
        notes.append(
            Note(NO_PLEDGE, "no interviews are pledged: a draft until a pledge comes beside it")
        )
    return [*notes, *_standard(advert, standard), *_dates(advert), *_wage(wage),
            *_foundation(advert, standard)]  # fmt: skip


def _flagged(advert: Mapping[str, Any]) -> list[Note]:
    quotes = [f'{flag["ground"]}: "{flag["quote"]}"' for flag in advert["flags"]]
    words = "a coordinator must look at these words; " + "; ".join(quotes)
    return [Note(DISCRIMINATORY, words)] if quotes else []


def _standard(advert: Mapping[str, Any], standard: Standard | None) -> list[Note]:
    code, starts_on = advert["lars"], date.fromisoformat(advert["starts_on"])
    if code is None:
        return [Note("unknown-standard", "the advert names no standard (LARS code)")]
    if standard is None:
        return [Note("unknown-standard", f"LARS code {code} is not in the catalogue of standards")]
    if standard.open_on(starts_on):
        return []
    last = standard.latest_start or "further notice"
    return [
        Note(
            "standard-not-open",
            f"LARS code {code} takes starts from {standard.earliest_start} to {last}, "
            f"not on {starts_on}",
        )
    ]


def _dates(advert: Mapping[str, Any]) -> list[Note]:
    closes_on, starts_on = advert["closes_on"], advert["starts_on"]
    if closes_on is None or closes_on <= starts_on:
        return []
    return [Note("starts-before-closing", f"starts on {starts_on}, before it closes ({closes_on})")]


def _wage(wage: Judgement) -> list[Note]:
    if WageVerdict.BELOW in wage.bands:
        return [Note("wage-below", f"below the apprentice minimum: {wage.words}")]
    if wage.bands == {WageVerdict.LEGAL_ONLY}:
        return [Note(LEGAL_ONLY, f"lawful, yet below the pledged national minimum: {wage.words}")]
    if WageVerdict.CANNOT_TELL in wage.bands:
        return [Note(CANNOT_TELL, wage.words)]
    return []


def _foundation(advert: Mapping[str, Any], standard: Standard | None) -> list[Note]:
    if not (advert["foundation"] or (standard and standard.foundation)):
        return []
    level = standard.level if standard else advert["level"]
    if advert["starts_on"] < FOUNDATION_FROM.isoformat() or level not in (None, FOUNDATION_LEVEL):
        words = f"foundation apprenticeships are Level 2 and start from {FOUNDATION_FROM}"
        return [Note("foundation-not-open", words)]
    words = "open to ages 16-21 at the start, at 22-24 only on proven grounds: confirm the pledge"
    return [Note(FOUNDATION, words)]


def _profile(
    advert: Mapping[str, Any],
    pledge: Mapping[str, Any],
    standard: Standard,
    wage: Judgement,
    known: SkillBook,
) -> VacancyProfile:
    asked = known.read(advert["skills"])
    of_standard = () if asked.keys else known.of_standard(standard)
    mode = pledge.get("mode") or (Mode.NATIONAL if advert["national"] else Mode.ONSITE)
    return VacancyProfile(
        employer_id=advert["employer_id"],
        cluster=pledge.get("cluster"),
        title=advert["title"],
        route=standard.route,
        level=standard.level,
        standard=standard.reference,
        foundation=advert["foundation"] or standard.foundation,
        interviews=pledge["interviews"],
        interview_by=_by(advert, pledge),
        joint_pledge=pledge.get("joint_pledge"),
        positions=advert["positions"],
        closes_on=advert["closes_on"],
        starts_on=advert["starts_on"],
        hours_per_week=float(advert["hours"]) if advert["hours"] else None,
        wage=wage.wage,
        outcode=advert["outcode"],
        mode=mode,
        skills=asked.keys or of_standard,
        skills_from_standard=bool(of_standard),
        essential=tuple(sorted({*advert["essential"], *(pledge.get("essential") or ())})),
        wanted=tuple(dict.fromkeys([*advert["wanted"], *asked.texts])),
        programmes=tuple(pledge.get("programmes") or ()),
        disability_confident=advert["disability_confident"],
        english=_asked("english", advert, pledge),
        maths=_asked("maths", advert, pledge),
        standard_from=standard.earliest_start,
        standard_until=standard.latest_start,
        adjustments=tuple(pledge.get("adjustments") or ()),
    )


def _asked(subject: str, advert: Mapping[str, Any], pledge: Mapping[str, Any]) -> Asked | None:
    """The level asked for; what stands beside the pledge is newer than the advert's text."""
    if pledge.get(subject) is not None:
        return Asked(level=pledge[subject])
    said = advert.get(subject)  # adverts kept from before have none
    return Asked(**said) if said else None


def _by(advert: Mapping[str, Any], pledge: Mapping[str, Any]) -> date:
    if pledge.get("interview_by"):
        return date.fromisoformat(pledge["interview_by"])
    closing = date.fromisoformat(advert["closes_on"] or advert["starts_on"])
    return closing + timedelta(days=pledge["days_after_closing"])


def _pay(advert: Mapping[str, Any]) -> Pay:
    said = advert["pay"]
    return Pay(
        kind=WageKind(said["kind"]),
        amount=Decimal(said["amount"]) if said["amount"] is not None else None,
        unit=said["unit"],
        hours=Decimal(advert["hours"]) if advert["hours"] else None,
    )
