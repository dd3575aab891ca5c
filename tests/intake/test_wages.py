"""Wages to the penny."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from schemas.vacancy import WageVerdict
from services.intake.wages import Pay, WageKind, judged, load_rates

RATES = load_rates()
SPRING_2026 = date(2026, 4, 1)
MEETS, LEGAL, BELOW, UNKNOWN = (
    WageVerdict.MEETS,
    WageVerdict.LEGAL_ONLY,
    WageVerdict.BELOW,
    WageVerdict.CANNOT_TELL,
)


def pay(amount: str | None, unit: str | None = "year", hours: str | None = "37.5") -> Pay:
    return Pay(
        kind=WageKind.AMOUNT,
        amount=Decimal(amount) if amount else None,
        unit=unit,
        hours=Decimal(hours) if hours else None,
    )


def verdicts(said: Pay, start: date = SPRING_2026) -> tuple[WageVerdict, WageVerdict]:
    wage = judged(said, start, RATES).wage
    return wage.aged_18_to_20, wage.aged_21_up


@pytest.mark.parametrize(
    ("amount", "young", "adult"),
    [
        ("24784.50", MEETS, MEETS),
        ("24784.49", MEETS, LEGAL),
        ("21157.50", MEETS, LEGAL),
        ("21157.49", LEGAL, LEGAL),
        ("15600.00", LEGAL, LEGAL),
        ("15599.99", BELOW, BELOW),
    ],
)
def test_each_penny_at_37_and_a_half_hours_from_april_2026(
    amount: str, young: WageVerdict, adult: WageVerdict
) -> None:
    assert verdicts(pay(amount)) == (young, adult)


def test_forty_hours_at_the_rate_of_2025() -> None:
    start = date(2025, 9, 1)
    assert verdicts(pay("25396.80", hours="40"), start) == (MEETS, MEETS)
    assert verdicts(pay("25396.79", hours="40"), start) == (MEETS, LEGAL)


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (date(2026, 3, 31), MEETS),
        (date(2026, 4, 1), LEGAL),
        (date(2027, 3, 31), LEGAL),
        (date(2027, 4, 1), UNKNOWN),
        (date(2023, 3, 31), UNKNOWN),
    ],
)
def test_the_rates_of_the_day_work_starts_count_and_a_missing_year_is_unknown(
    start: date, expected: WageVerdict
) -> None:
    # 12.21 an hour: the adult rate of 2025, below that of 2026
    assert verdicts(pay("23809.50"), start)[1] is expected


@pytest.mark.parametrize(("amount", "unit"), [("2065.375", "month"), ("476.625", "week")])
def test_months_and_weeks_become_years(amount: str, unit: str) -> None:
    assert verdicts(pay(amount, unit)) == (MEETS, MEETS)
    assert verdicts(pay(str(Decimal(amount) - Decimal("0.001")), unit))[1] is LEGAL


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (Pay(kind=WageKind.NATIONAL_MINIMUM), MEETS),
        (Pay(kind=WageKind.APPRENTICE_MINIMUM), LEGAL),
        (Pay(kind=WageKind.COMPETITIVE), UNKNOWN),
        (Pay(kind=WageKind.UNSPECIFIED), UNKNOWN),
        (pay(None), UNKNOWN),
        (pay("24784.50", None), UNKNOWN),
        (pay("24784.50", hours=None), UNKNOWN),
    ],
)
def test_what_is_promised_without_an_amount(said: Pay, expected: WageVerdict) -> None:
    assert verdicts(said) == (expected, expected)


def test_the_figures_are_in_the_words() -> None:
    words: Any = judged(pay("15599.99"), SPRING_2026, RATES).words
    for figure in ("15,599.99", "15,600.00", "21,157.50", "24,784.50", "2026-04-01"):
        assert figure in words
