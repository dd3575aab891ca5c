"""A version only gains optional fields: replayed logs and rolling deployments depend on it."""

from copy import deepcopy
from typing import Any

import pytest

from schemas import EVENTS
from schemas.learner import LearnerEnrolled
from schemas.match import ShortlistProposed
from schemas.publish.__main__ import broken_versions
from schemas.publish.evolution import breaks
from schemas.publish.snapshot import file_of, read, snapshot
from schemas.vacancy import VacancyPledged


def test_no_class_breaks_its_snapshot() -> None:
    assert broken_versions() == []
    assert all(file_of(event).exists() for event in EVENTS)


def profile(schema: dict[str, Any]) -> dict[str, Any]:
    return schema["$defs"]["LearnerProfile"]


@pytest.fixture
def old() -> dict[str, Any]:
    return read(file_of(LearnerEnrolled))


@pytest.fixture
def new(old: dict[str, Any]) -> dict[str, Any]:
    return deepcopy(old)


def test_an_optional_field_may_come(old: dict[str, Any], new: dict[str, Any]) -> None:
    new["properties"]["channel"] = {"type": "string", "default": "file"}
    profile(new)["properties"]["cohort"] = {"type": "string", "default": ""}
    assert breaks(old, new) == []


def test_prose_may_change(old: dict[str, Any], new: dict[str, Any]) -> None:
    new["description"] = "Said better."
    profile(new)["properties"]["skills"]["title"] = "What they can do"
    assert breaks(old, new) == []


def test_a_field_may_not_come_without_a_default(old: dict[str, Any], new: dict[str, Any]) -> None:
    profile(new)["properties"]["cohort"] = {"type": "string"}
    profile(new)["required"].append("cohort")
    assert breaks(old, new) == ["/learner/cohort: a new field needs a default"]


def test_a_field_may_not_go(old: dict[str, Any], new: dict[str, Any]) -> None:
    del profile(new)["properties"]["holds"]
    assert breaks(old, new) == ["/learner/holds: the field is gone"]


def test_a_field_may_not_be_renamed(old: dict[str, Any], new: dict[str, Any]) -> None:
    fields = profile(new)["properties"]
    fields["keeps"] = fields.pop("holds")
    assert breaks(old, new) == ["/learner/holds: the field is gone"]


def test_a_field_may_not_become_optional(old: dict[str, Any], new: dict[str, Any]) -> None:
    """Old readers would refuse what a new writer leaves out."""
    profile(new)["required"].remove("ukprn")
    assert breaks(old, new) == ["/learner/ukprn: a field stays required, or stays optional"]


@pytest.mark.parametrize(
    ("field", "rule", "value"),
    [
        ("ukprn", "type", "integer"),
        ("ukprn", "pattern", "^[0-9]{7}$"),
        ("ukprn", "maxLength", 8),
        ("foundation_grounds", "default", True),
        ("date_of_birth", "format", "date-time"),
    ],
)
def test_a_field_keeps_its_type_and_its_limits(
    old: dict[str, Any], new: dict[str, Any], field: str, rule: str, value: object
) -> None:
    profile(new)["properties"][field][rule] = value
    (reason,) = breaks(old, new)
    assert reason.startswith(f"/learner/{field}: {rule} was ")


def test_what_a_list_or_an_alternative_holds_may_not_change() -> None:
    old = snapshot(VacancyPledged)
    new = deepcopy(old)
    fields = new["$defs"]["VacancyProfile"]["properties"]
    fields["skills"]["items"]["maxLength"] = 40
    fields["route"]["anyOf"][0]["maximum"] = 16
    fields["level"]["anyOf"].pop()
    reasons = sorted(breaks(old, new))
    assert [reason.split(":")[0] for reason in reasons] == [
        "/vacancy/level",
        "/vacancy/route/anyOf[0]",
        "/vacancy/skills/*",
    ]


def test_an_enumeration_keeps_its_values() -> None:
    """A reader of yesterday refuses a value it never heard of."""
    old = snapshot(VacancyPledged)
    new = deepcopy(old)
    new["$defs"]["Mode"]["enum"].append("abroad")
    (reason,) = breaks(old, new)
    assert reason.startswith("/vacancy/mode: enum was ")


def test_a_model_two_levels_down_counts_too() -> None:
    old = snapshot(ShortlistProposed)
    new = deepcopy(old)
    del new["$defs"]["Contribution"]["properties"]["words"]
    assert sorted(breaks(old, new)) == [
        "/matches/*/contributions/*/words: the field is gone",
        "/reserves/*/contributions/*/words: the field is gone",
    ]


@pytest.mark.parametrize("place", ["x-topic", "x-key", "x-writer"])
def test_an_event_stays_on_its_topic(old: dict[str, Any], new: dict[str, Any], place: str) -> None:
    new[place] = "elsewhere"
    assert breaks(old, new) == [f"/: {place} was {old[place]!r}, is 'elsewhere'"]
