"""Telling Kafka records apart: events for us, facts for others, and what cannot be read."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from schemas.envelope import Event
from services.delivery.reasons import reason

Headers = Sequence[tuple[str, bytes | None]]


class Record(Protocol):
    """What we need of a Kafka record."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers


@dataclass(slots=True, eq=False)  # frozen, each would cost as much as reading its headers
class Delivery:
    """An event that could be read, and the record it came in; its identity is CloudEvents'."""

    record: Any
    event: Event
    source: str
    id: str


@dataclass(frozen=True, slots=True)
class Failure:
    """A record that goes to the dead letters, and why."""

    record: Any
    error: str
    reason: str
    attempts: int = 0


@dataclass(slots=True)
class Sorted:
    """A batch told apart; ``passed`` are facts this group has no handler for."""

    good: list[Delivery] = field(default_factory=list)
    bad: list[Failure] = field(default_factory=list)
    passed: int = 0
    unknown: list[str] = field(default_factory=list)


class Unreadable(ValueError):
    """A record that is not an event; the message says what is wrong with its frame."""


def sort(
    records: Sequence[Record],
    *,
    catalogue: Mapping[str, type[Event]],
    handlers: Container[type[Event]],
) -> Sorted:
    """
    The *records* told apart by their ``ce_type``, in their order.

    A type that is not in the *catalogue* is newer than we are: it is named in ``unknown`` and
    skipped. Everything else that cannot be read is ``bad``; this never raises.
    """
    result = Sorted()
    for record in records:
        try:
            headers = dict(record.headers)
            ce_type = _text(headers, "ce_type")
            cls = catalogue.get(ce_type)
            if cls is None:
                result.unknown.append(ce_type)
            elif cls not in handlers:
                result.passed += 1
            else:
                result.good.append(_delivery(record, headers, cls))
        except Exception as error:
            words = str(error) if isinstance(error, Unreadable) else reason(error)
            result.bad.append(Failure(record, type(error).__name__, words))
    return result


def _delivery(record: Record, headers: dict[str, bytes | None], cls: type[Event]) -> Delivery:
    value = record.value
    if value is None:
        raise Unreadable("no value: topics of facts have no tombstones")
    event = cls.of(value)
    identity = _text(headers, "ce_id")
    # our writers begin with it: looking there is cheaper than writing a UUID out
    begins = value.startswith(b'{"event_id":"%b"' % identity.encode())
    if not begins and identity != str(event.event_id):
        raise Unreadable("header ce_id differs from event_id")
    return Delivery(record, event, _text(headers, "ce_source"), identity)


def _text(headers: dict[str, bytes | None], name: str) -> str:
    value = headers.get(name)
    if not value:
        raise Unreadable(f"header {name} is missing")
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise Unreadable(f"header {name} is not UTF-8") from None
