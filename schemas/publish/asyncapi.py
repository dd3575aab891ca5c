"""The AsyncAPI 3 document: every topic, every event on it, for people and tools outside."""

from importlib.metadata import version
from typing import Any

from pydantic.json_schema import models_json_schema

from schemas import EVENTS, TOPICS
from schemas.envelope import CONTENT_TYPE, SPEC_VERSION, Event
from schemas.publish.snapshot import example

Document = dict[str, Any]

ABOUT = (
    "The facts that the parts of the placement-matching service tell each other. CloudEvents 1.0 "
    "in binary mode: attributes in Kafka headers, the fact as JSON. Facts of one key are ordered "
    "by (occurred_at, event_id), whatever the order of their arrival. Nobody is named in them."
)


def document() -> Document:
    """The whole document; its message examples are the hand-checked ones."""
    _, models = models_json_schema(
        [(event, "validation") for event in EVENTS], ref_template="#/components/schemas/{model}"
    )
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Path 2 placement events",
            "version": version("path2-placement"),
            "description": ABOUT,
            "license": {"name": "MIT"},
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {_channel_name(topic): _channel(topic) for topic in TOPICS},
        "operations": {_operation_name(topic): _operation(topic) for topic in TOPICS},
        "components": {
            "messages": {event.__name__: _message(event) for event in EVENTS},
            "schemas": models["$defs"],
        },
    }


def events_on(topic: str) -> list[type[Event]]:
    """The events that travel on *topic*, in the catalogue's order."""
    return [event for event in EVENTS if event.topic == topic]


def summary(event: type[Event]) -> str:
    """The first paragraph of the event's docstring, on one line."""
    paragraph = (event.__doc__ or "").strip().split("\n\n")[0]
    return " ".join(paragraph.split())


def _channel_name(topic: str) -> str:
    return topic.split(".")[1]


def _operation_name(topic: str) -> str:
    return f"{events_on(topic)[0].writer}.{_channel_name(topic)}"


def _channel(topic: str) -> Document:
    events = events_on(topic)
    return {
        "address": topic,
        "description": f"Written by {events[0].writer}, keyed by {events[0].key_field}.",
        "messages": {
            event.__name__: {"$ref": f"#/components/messages/{event.__name__}"} for event in events
        },
    }


def _operation(topic: str) -> Document:
    channel = f"#/channels/{_channel_name(topic)}"
    return {
        "action": "send",
        "channel": {"$ref": channel},
        "messages": [
            {"$ref": f"{channel}/messages/{event.__name__}"} for event in events_on(topic)
        ],
    }


def _message(event: type[Event]) -> Document:
    shown = event.model_validate(example(event))
    return {
        "name": event.ce_type(),
        "title": event.__name__,
        "summary": summary(event),
        "contentType": CONTENT_TYPE,
        "headers": _headers(event),
        "payload": {"$ref": f"#/components/schemas/{event.__name__}"},
        "bindings": {"kafka": {"key": {"type": "string", "format": "uuid"}}},
        "examples": [{"headers": shown.headers(), "payload": example(event)}],
    }


def _headers(event: type[Event]) -> Document:
    fixed = {
        "ce_specversion": SPEC_VERSION,
        "ce_type": event.ce_type(),
        "ce_source": event.source(),
        "content-type": CONTENT_TYPE,
    }
    return {
        "type": "object",
        "required": [*fixed, "ce_id", "ce_time"],
        "properties": {
            **{name: {"type": "string", "const": value} for name, value in fixed.items()},
            "ce_id": {"type": "string", "format": "uuid"},
            "ce_time": {"type": "string", "format": "date-time"},
            "traceparent": {"type": "string"},
        },
    }
