"""A wage against the law's rates, to the penny, for each age band."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

from schemas.vacancy import Wage, WageVerdict
from services.intake.packaged import toml

WEEKS = Decimal(52)
TIMES = {"year": Decimal(1), "month": Decimal(12), "week": WEEKS}


class WageKind(StrEnum):
    APPRENTICE_MINIMUM = "apprentice-minimum"
    NATIONAL_MINIMUM = "national-minimum"
    AMOUNT = "amount"
    COMPETITIVE = "competitive"
    UNSPECIFIED = "unspecified"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pay:
    """What an advert says of its wage; *unit* is year, month or week."""

    kind: WageKind
    amount: Decimal | None = None
    unit: str | None = None
    hours: Decimal | None = None

    @property
    def yearly(self) -> Decimal | None:
        """Pounds a year, if amount and unit are given."""
        if self.amount is None or self.unit not in TIMES:
            return None
        return self.amount * TIMES[self.unit]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Pounds an hour from a day to the next 31 March."""

    from_day: date
    adult: Decimal
    young: Decimal
    apprentice: Decimal

    @property
    def until(self) -> date:
        """The last day they hold."""
        after = self.from_day + timedelta(days=1)
        march = date(after.year, 3, 31)
        return march if march >= after else date(after.year + 1, 3, 31)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The verdict per band, and the figures it rests on in words."""

    wage: Wage
    words: str

    @property
    def bands(self) -> frozenset[WageVerdict]:
        return frozenset({self.wage.aged_18_to_20, self.wage.aged_21_up})


def load_rates(instead: Path | None = None) -> tuple[Rates, ...]:
    """The rates of the file *instead*, or of the packaged one."""
    return tuple(
        Rates(
            from_day=row["from"],
            adult=Decimal(row["adult"]),
            young=Decimal(row["young"]),
            apprentice=Decimal(row["apprentice"]),
        )
        for row in toml("wages.toml", instead)["rates"]
    )


def judged(pay: Pay, start: date, rates: Sequence[Rates]) -> Judgement:
    """How *pay* stands on the day work starts: `yearly >= rate x 52 x weekly hours`."""
    pence = int(pay.yearly * 100) if pay.yearly is not None else None
    if pay.kind is WageKind.NATIONAL_MINIMUM:
        return _same(WageVerdict.MEETS, pence, "national minimum wage of the learner's age")
    if pay.kind is WageKind.APPRENTICE_MINIMUM:
        return _same(WageVerdict.LEGAL_ONLY, pence, "apprentice minimum wage")
    missing = _missing(pay)
    if missing:
        return _same(WageVerdict.CANNOT_TELL, pence, missing)
    row = next((r for r in rates if r.from_day <= start <= r.until), None)
    if row is None:
        words = f"no rate known for a start on {start}"
        return _same(WageVerdict.CANNOT_TELL, pence, words)
    return _against(row, pay)


def _against(row: Rates, pay: Pay) -> Judgement:
    yearly, hours = pay.yearly, pay.hours
    if yearly is None or hours is None:  # judged() has asked already
        raise ValueError("a wage without amount or hours cannot be compared")
    apprentice, young, adult = (
        rate * WEEKS * hours for rate in (row.apprentice, row.young, row.adult)
    )

    def verdict(floor: Decimal) -> WageVerdict:
        if yearly >= floor:
            return WageVerdict.MEETS
        return WageVerdict.LEGAL_ONLY if yearly >= apprentice else WageVerdict.BELOW

    words = (
        f"{yearly:,.2f} a year for {hours.normalize():f} hours a week; least for an apprentice "
        f"{apprentice:,.2f}, aged 18-20 {young:,.2f}, aged 21 and over {adult:,.2f} "
        f"(rates from {row.from_day})"
    )
    wage = Wage(
        yearly_pence=int(yearly * 100), aged_18_to_20=verdict(young), aged_21_up=verdict(adult)
    )
    return Judgement(wage=wage, words=words)


def _missing(pay: Pay) -> str | None:
    if pay.kind is WageKind.COMPETITIVE:
        return "the wage is only called competitive"
    if pay.kind is WageKind.UNSPECIFIED:
        return "the wage is not given"
    if pay.yearly is None:
        return "the wage's amount or unit is missing"
    return "the weekly hours are missing" if pay.hours is None else None


def _same(verdict: WageVerdict, pence: int | None, words: str) -> Judgement:
    wage = Wage(yearly_pence=pence, aged_18_to_20=verdict, aged_21_up=verdict)
    return Judgement(wage=wage, words=words)
