"""Telling records apart, whatever bytes they hold."""

import json
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from schemas import CATALOGUE
from schemas.learner import LearnerResumed, LearnerWithdrawn
from services.delivery.records import Headers, Sorted, sort
from tests import make


@dataclass
class Came:
    """A record as it came."""

    value: bytes | None
    headers: Headers
    key: bytes | None = b"k"
    topic: str = "p2a.learners.v1"
    partition: int = 0
    offset: int = 0


def came(event: LearnerResumed | LearnerWithdrawn) -> Came:
    return Came(event.value(), [(name, v.encode()) for name, v in event.headers().items()])


def told_apart(*records: Came) -> Sorted:
    return sort(records, catalogue=CATALOGUE, handlers={LearnerResumed: None})


def test_each_record_is_ours_or_somebody_elses_or_unknown_or_bad() -> None:
    """A handler's event, another group's fact, a newer type, and one of no type."""
    newer = Came(b"{}", [("ce_type", b"p2a.LearnerMoved.v1")])
    event = make.resumed()
    result = told_apart(came(event), came(make.withdrawn()), newer, Came(b"{}", []))
    assert [delivery.event for delivery in result.good] == [event]
    assert (result.good[0].source, result.good[0].id) == ("/p2a/intake", str(event.event_id))
    assert (result.passed, result.unknown) == (1, ["p2a.LearnerMoved.v1"])
    assert [failure.reason for failure in result.bad] == ["header ce_type is missing"]


def test_the_header_must_name_the_event_wherever_its_id_stands_in_the_value() -> None:
    """Our writers put it first; others may put it anywhere."""
    event = make.resumed()
    last = json.dumps(dict(reversed(json.loads(event.value()).items()))).encode()
    headers = came(event).headers
    other = [*headers, ("ce_id", str(make.resumed().event_id).encode())]
    result = told_apart(
        Came(last, headers), Came(last, other), Came(event.value(), other), came(event)
    )
    assert [delivery.id for delivery in result.good] == [str(event.event_id)] * 2
    assert [bad.reason for bad in result.bad] == ["header ce_id differs from event_id"] * 2


bodies = st.none() | st.binary() | st.just(make.resumed().value())
names = st.sampled_from(["ce_type", "ce_id", "ce_source", "other"])
values = st.none() | st.binary() | st.just(b"p2a.LearnerResumed.v1") | st.just(b"\xff")


@given(bodies, st.lists(st.tuples(names, values)))
def test_any_bytes_are_told_apart_and_none_is_lost(
    body: bytes | None, headers: list[tuple[str, bytes | None]]
) -> None:
    """Never an exception; every record in exactly one heap."""
    result = told_apart(Came(body, headers))
    assert len(result.good) + len(result.bad) + result.passed + len(result.unknown) == 1
