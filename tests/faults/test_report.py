"""The table says what happened, the totals whether that is good, and the page keeps it."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from services.embedded.supervisor import SERVICES
from tests.faults import page
from tests.faults.matrix import CELLS
from tests.faults.report import COLUMNS, Row, line, row_of, totals
from tests.faults.traffic import Plan

GOOD = Row(
    place=0, broker="embedded", fault="killed", service="matcher", times=1, events=70, lost=0,
    doubled=0, amiss=0, recovery=1.25,
)  # fmt: skip
TODAY = date(2026, 11, 22)


def test_the_totals_add_up() -> None:
    assert totals([GOOD, replace(GOOD, times=3, recovery=2.5)], broken=0) == (
        "faults: 2 cells, felt 4 times, 140 events, 0 lost, 0 doubled, 0 otherwise wrong,"
        " 0 never happened, 0 failed, slowest recovery 2.5 s: ok"
    )


@pytest.mark.parametrize("bad", ["lost", "doubled", "amiss"])
def test_one_finding_breaks_the_totals(bad: str) -> None:
    assert totals([GOOD, replace(GOOD, **{bad: 1})], broken=0).endswith("BROKEN")


def test_what_never_happened_or_failed_or_was_not_played_is_not_ok() -> None:
    silent = totals([replace(GOOD, times=0)], broken=0)
    assert "1 never happened" in silent
    assert silent.endswith("BROKEN")
    assert totals([GOOD], broken=1).endswith("BROKEN")
    assert totals([], broken=0).endswith("BROKEN")


def test_rows_stand_below_their_headings() -> None:
    assert len(line(COLUMNS)) == len(line(GOOD.cells()))
    assert row_of(GOOD.as_json()) == GOOD


def test_the_page_keeps_the_last_table_of_each_broker(tmp_path: Path) -> None:
    kept = tmp_path / "faults.md"
    kept.write_text(page.PAGE.read_text("utf-8"), "utf-8")
    page.keep("apache", [replace(GOOD, fault="old")], "totals", TODAY, kept)
    page.keep("apache", [replace(GOOD, fault="leader killed")], "totals", TODAY, kept)
    page.keep("embedded", [GOOD], "totals", TODAY, kept)
    words = kept.read_text("utf-8")
    assert "| leader killed | matcher | 1 | 70 | 0 | 0 | 1.2 |" in words
    assert "| killed | matcher |" in words
    assert words.count("On 22 November 2026. totals.") == 2
    assert "| old |" not in words
    with pytest.raises(ValueError, match="no section for another"):
        page.keep("another", [GOOD], "totals", TODAY, kept)


def test_cells_have_names_of_their_own_and_touch_every_service() -> None:
    names = [(cell.fault, cell.service, cell.brokers) for cell in CELLS]
    assert len(set(names)) == len(names)
    assert {cell.service for cell in CELLS} == {*SERVICES, "all"}


def test_the_same_seed_tells_the_same() -> None:
    one, same, other = (Plan(seed, TODAY) for seed in (5, 5, 6))
    told = [one.next() for _ in range(200)]
    assert told == [same.next() for _ in range(200)]
    assert told != [other.next() for _ in range(200)]
    bodies = [repr(statement.body) for statement in told]
    assert len(set(bodies)) < len(bodies), "some are told again"
    assert len({statement.about for statement in told}) < len(set(bodies)), "some are corrected"
    assert {statement.path for statement in told} == {"learners", "vacancies"}
