"""What every event promises on the wire, shown on its hand-checked example."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from pydantic import ValidationError

from schemas import CATALOGUE, EVENTS, TOPICS
from schemas.envelope import Event
from schemas.publish.snapshot import EXAMPLES, example, file_of, read, snapshot

every_event = pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)

# Words that would name or reach a person, and the fields that hold them for a reason.
PERSONAL = re.compile(
    r"(^|_)(names?|given|family|surname|forename|e?mail|phone|mobile|telephone|address|street|town"
    r"|postcode|uln|nino|passport|birth|dob|sex|gender|ethnicity|religion|disab(ility|led)|health"
    r"|care|offender|benefits?|bursary|free|text|notes?|comment)(_|$)"
)
ALLOWED = {
    "date_of_birth": "the rules on age need it; the scorer never gets it",
    "names_hidden": "whether the coordinator saw names, not which",
    "disability_confident": "a badge of the employer",
    "model_note": "how the model came to be",
}


def shown(event: type[Event]) -> Event:
    return event.model_validate(example(event))


@every_event
def test_the_example_reads_and_is_written_again_the_same(event: type[Event]) -> None:
    """Nothing of an example is lost, added or turned into something else."""
    original = example(event)
    assert json.loads(event.of(json.dumps(original).encode()).value()) == original


@every_event
def test_the_example_fits_the_snapshot_in_every_field(event: type[Event]) -> None:
    """Other languages read by the snapshot: it takes the example, and the example shows it all."""
    schema = read(file_of(event))
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(example(event))
    assert example(event).keys() == schema["properties"].keys()


@every_event
def test_the_headers_are_cloudevents_in_binary_mode(event: type[Event]) -> None:
    given = shown(event)
    headers = given.headers()
    assert headers == {
        "ce_specversion": "1.0",
        "ce_id": example(event)["event_id"],
        "ce_type": f"p2a.{event.__name__}.v{event.version}",
        "ce_source": f"/p2a/{event.writer}",
        "ce_time": headers["ce_time"],
        "content-type": "application/json",
    }
    assert datetime.fromisoformat(headers["ce_time"]) == given.occurred_at
    assert all(value.isascii() for value in headers.values())


@every_event
def test_the_key_is_the_aggregate(event: type[Event]) -> None:
    """Kafka keeps the order within a key, so the key is one of the event's own ids."""
    assert shown(event).key == str(UUID(example(event)[event.key_field]))


@every_event
def test_unknown_fields_are_ignored(event: type[Event]) -> None:
    """A reader meets fields of a later writer, at the top and inside, and takes no notice."""
    later = _with_unknown(example(event))
    assert event.of(json.dumps(later).encode()) == shown(event)


@every_event
def test_a_time_without_a_zone_is_refused(event: type[Event]) -> None:
    with pytest.raises(ValidationError, match="occurred_at"):
        event.model_validate({**example(event), "occurred_at": "2026-11-20T17:00:00"})


@every_event
def test_no_field_is_named_like_personal_data(event: type[Event]) -> None:
    suspects = {
        field
        for field in _fields(snapshot(event))
        if PERSONAL.search(field) and field not in ALLOWED
    }
    assert suspects == set()
    assert PERSONAL.search("contact_email")


def test_every_example_belongs_to_an_event() -> None:
    assert {file.stem for file in EXAMPLES.glob("*.json")} == set(CATALOGUE)


def test_the_catalogue_names_each_type_once() -> None:
    assert len(CATALOGUE) == len(EVENTS)
    assert all(CATALOGUE[event.ce_type()] is event for event in EVENTS)


def test_a_topic_has_one_writer_and_one_key() -> None:
    """One writer a topic is what makes a lost tail of the log healable."""
    for topic in TOPICS:
        on_it = [event for event in EVENTS if event.topic == topic]
        assert len({(event.writer, event.key_field) for event in on_it}) == 1


def test_an_examples_match_is_that_learner_on_that_vacancy() -> None:
    """The examples keep the rule for a match's id, so whoever tests with them can too."""
    for event in EVENTS:
        fact = example(event)
        if "match_id" in fact:
            assert fact["match_id"] == str(uuid5(UUID(fact["vacancy_id"]), fact["learner_id"]))


def test_an_event_cannot_be_changed() -> None:
    given = shown(EVENTS[0])
    with pytest.raises(ValidationError, match="frozen"):
        given.occurred_at = datetime(2026, 1, 1, tzinfo=UTC)


def _with_unknown(value: Any) -> Any:
    match value:
        case dict():
            inside = {name: _with_unknown(part) for name, part in value.items()}
            # absences and measures hold numbers by name: there a new name is no new field
            return inside if value and _counts(value) else {**inside, "of_a_later_writer": "x"}
        case list():
            return [_with_unknown(part) for part in value]
    return value


def _counts(value: dict[str, Any]) -> bool:
    return all(type(part) in {int, float} for part in value.values())


def _fields(schema: Any) -> Iterator[str]:
    match schema:
        case dict():
            properties = schema.get("properties")
            if isinstance(properties, dict):
                yield from properties
            for part in schema.values():
                yield from _fields(part)
        case list():
            for part in schema:
                yield from _fields(part)
