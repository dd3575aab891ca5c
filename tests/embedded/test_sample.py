"""The invented cohort: valid, repeatable, and nobody in it can be reached."""

import csv
import json
import re
from datetime import date
from pathlib import Path

from lxml import etree

from services.embedded.sample import write_sample
from tests.intake.shared import shared

TODAY = date(2026, 11, 16)


def written(folder: Path, seed: int = 3) -> dict[str, bytes]:
    paths = write_sample(folder, learner_count=60, vacancy_count=16, seed=seed, today=TODAY)
    return {path.name: path.read_bytes() for path in paths}


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    assert written(tmp_path / "a") == written(tmp_path / "b")
    assert written(tmp_path / "a") != written(tmp_path / "c", seed=4)


def test_returns_are_valid_against_the_schema_of_the_year(tmp_path: Path) -> None:
    schema = etree.XMLSchema(etree.parse(shared("ilr/ILR-2025-26.xsd")))
    returns = [content for name, content in written(tmp_path).items() if name.startswith("ILR-")]
    assert len(returns) == 3
    for content in returns:
        schema.assertValid(etree.fromstring(content))


def test_every_status_and_every_fault_occurs(tmp_path: Path) -> None:
    files = written(tmp_path)
    returns = b"".join(content for name, content in files.items() if name.startswith("ILR-"))
    for comp_status in (1, 2, 3, 6):
        assert f"<CompStatus>{comp_status}</CompStatus>".encode() in returns
    assert b"<LearnDelFAMCode>105</LearnDelFAMCode>" in returns
    shown = json.loads(files["display-adverts.json"])["vacancies"]
    written_ones = {name[:-5]: json.loads(files[name]) for name in files if name.count("-") == 4}
    assert len(shown) == 12
    assert len(written_ones) == 4
    pledged = {row["vacancy"] for row in csv.DictReader(files["pledges.csv"].decode().splitlines())}
    references = {advert["vacancyReference"].removeprefix("VAC") for advert in shown}
    assert len((references | set(written_ones)) - pledged) == 1
    codes = {advert["course"]["larsCode"] for advert in shown}
    codes |= {int(body["standardLarsCode"]) for body in written_ones.values()}
    assert 99999 in codes
    assert any(
        advert["wage"]["wageAmount"]
        and advert["wage"]["wageAmount"] < 8 * 52 * advert["hoursPerWeek"]
        for advert in shown
    ) or any(
        body["wage"]["fixedWageYearlyAmount"]
        and body["wage"]["fixedWageYearlyAmount"] < 8 * 52 * body["wage"]["weeklyHours"]
        for body in written_ones.values()
    )


def test_nobody_in_it_can_be_reached(tmp_path: Path) -> None:
    text = b"\n".join(written(tmp_path).values()).decode()
    addresses = re.findall(r"[\w.-]+@[\w.-]+", text)
    assert addresses
    assert all(address.endswith(".example.org") for address in addresses)
    phones = re.findall(r"\b0[1-9][0-9 ]{8,11}\b", text)
    assert phones
    assert all(re.fullmatch(r"07700900\d{3}|0121 496 0\d{3}", phone) for phone in phones)
