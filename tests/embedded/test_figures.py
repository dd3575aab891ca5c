"""The figures of a run, and the promise without which there are none."""

from typing import Any

import pytest

from schemas.envelope import Event
from services.embedded.facts import Record
from services.embedded.figures import PromiseBroken, figures
from tests.embedded.test_facts import declined, pledged, sent

MARKET: dict[str, Any] = {
    "market": "west-midlands", "learners": 9, "completers": 5, "vacancies": 2,
    "pledged_places": 4, "allocated": 3, "most": 3, "unplaced": {"travel-reach": 2},
}  # fmt: skip


def record(event: Event) -> Record:
    headers = {name: value.encode() for name, value in event.headers().items()}
    return Record(event.topic, event.key.encode(), event.value(), headers)


def test_figures_are_sums_over_markets_and_counts_of_facts() -> None:
    records = [record(event) for event in (pledged(), sent(1, 1, 2), declined(2, 2))]
    dead = Record("p2a.matches.v1.review.dead", b"", b"{}", {})
    found = figures([MARKET, MARKET], [MARKET], [*records, dead], {"employer_declined": 1})
    assert (found["learners"], found["allocated"], found["allocated_in_the_end"]) == (18, 6, 3)
    assert found["unplaced"] == {"count": 4, "reasons": {"travel-reach": 4}}
    assert (found["dead_letters"], found["approved"], found["interviews_booked"]) == (1, 0, 0)


def test_somebody_left_out_is_no_figure() -> None:
    with pytest.raises(PromiseBroken, match="3 completers placed, and 4 could be"):
        figures([MARKET | {"most": 4}], [MARKET], [], {})
