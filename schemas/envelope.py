"""What every event has: an identity, the time of its fact, a topic and a key."""

from __future__ import annotations

from typing import ClassVar, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

SPEC_VERSION = "1.0"
CONTENT_TYPE = "application/json"


class Facts(BaseModel):
    """A part of an event: frozen, and tolerant of fields it does not know yet."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Event(Facts):
    """
    One thing that happened.

    Facts of one aggregate are ordered by ``(occurred_at, event_id)``, whatever
    order they arrive in: a handler lets an older fact change nothing.
    """

    topic: ClassVar[str]
    key_field: ClassVar[str]
    writer: ClassVar[str]
    version: ClassVar[int] = 1

    event_id: UUID
    occurred_at: AwareDatetime

    @classmethod
    def ce_type(cls) -> str:
        """The CloudEvents type, such as ``p2a.CourseCompleted.v1``."""
        return f"p2a.{cls.__name__}.v{cls.version}"

    @property
    def key(self) -> str:
        """The Kafka key: events with one key keep their order."""
        return str(getattr(self, self.key_field))

    @classmethod
    def source(cls) -> str:
        """The CloudEvents source: the one service that writes this topic."""
        return f"/p2a/{cls.writer}"

    def headers(self) -> dict[str, str]:
        """The CloudEvents attributes of binary mode, named as on Kafka."""
        return {
            "ce_specversion": SPEC_VERSION,
            "ce_id": str(self.event_id),
            "ce_type": self.ce_type(),
            "ce_source": self.source(),
            "ce_time": self.occurred_at.isoformat(),
            "content-type": CONTENT_TYPE,
        }

    def value(self) -> bytes:
        """The JSON bytes of the event."""
        return self.model_dump_json().encode()

    @classmethod
    def of(cls, value: bytes) -> Self:
        """The event written as *value*; raises pydantic's ValidationError."""
        # as model_validate_json does, without its looking at options we do not give
        return cls.__pydantic_validator__.validate_json(value)  # type: ignore[no-any-return]
