"""What no record may hold, found without repeating it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from schemas import CATALOGUE
from services.audit.history import Spot
from services.audit.nobody import flaw, nobody
from services.audit.reading import told
from tests.audit.make import history

EXAMPLES = sorted((Path(__file__).parents[2] / "schemas" / "examples").glob("*.json"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_is_clean(example: Path) -> None:
    value = example.read_bytes()
    event, more = told(CATALOGUE[example.stem], value)
    assert event is not None
    assert more == ""
    assert flaw(value, [(name, b"") for name in event.headers()]) == ""


def test_a_field_more_than_the_schema_has_is_told_without_its_value() -> None:
    value = json.loads(EXAMPLES[0].read_bytes()) | {"given_name": "Quorvane"}
    event, more = told(CATALOGUE[EXAMPLES[0].stem], json.dumps(value).encode())
    assert event is not None
    assert "given_name" in more
    assert "Quorvane" not in more


def test_what_is_no_event_at_all_is_a_matter_of_dead_letters() -> None:
    assert told(CATALOGUE[EXAMPLES[0].stem], b"{}") == (None, "")


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (b'{"title": "ask quorvane.t@example.org"}', "an e-mail address"),
        (b'{"title": "ring 07700 900777"}', "a telephone number"),
        (b'{"title": "ring +44 7700 900777"}', "a telephone number"),
        (b'{"title": "0121 496 0777"}', "a telephone number"),
        (b'{"title": "@home in 2026", "ukprn": "10099001"}', ""),
        (b'{"id": "01234567-0770-0900-7770-012345678901"}', ""),
        (b'{"at": "2026-11-02T12:00:00.012345Z", "score": 0.01234567890}', ""),
    ],
)
def test_addresses_and_numbers_are_found_and_ids_are_none(value: bytes, found: str) -> None:
    assert flaw(value, []) == (f"holds {found}" if found else "")


def test_a_header_that_is_not_ours_is_told_without_its_name() -> None:
    assert flaw(b"{}", [("ce_id", b"1"), ("Quorvane", b"x")]) == "holds 1 headers that are not ours"


def test_a_record_that_holds_too_much_is_a_finding_at_its_place() -> None:
    whole = history()
    bad = replace(whole.records[0], flaw="holds an e-mail address")
    (finding,) = nobody(replace(whole, records=(bad, *whole.records[1:]))).findings
    assert finding.subject == str(Spot("p2a.learners.v1", 0, 0)) == "p2a.learners.v1/0/0"
