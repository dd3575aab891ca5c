"""
Noticing that a broker lost acknowledged records.

Offsets acknowledged for a partition only rise, because one relay alone writes it. A log that
ends at or below the highest recorded offset, or an acknowledgement that does not rise, means
that the broker lost the end of its log. Rows acknowledged at or below that *mark* stay
unsent until the log has grown past it: whoever had committed an old offset skips nothing new.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

Partition = tuple[str, int]
Marks = dict[Partition, int]


@dataclass(frozen=True, slots=True)
class Ack:
    """Where the broker says a row is."""

    id: UUID
    topic: str
    partition: int
    offset: int

    @property
    def place(self) -> Partition:
        return self.topic, self.partition


def lost(marks: Mapping[Partition, int], ends: Mapping[Partition, int]) -> dict[Partition, int]:
    """The partitions whose log ends before their mark, and where what is left of it ends."""
    return {
        place: ends.get(place, 0) for place, mark in marks.items() if ends.get(place, 0) <= mark
    }


def late(acks: Iterable[Ack], marks: Mapping[Partition, int]) -> dict[Partition, int]:
    """The partitions where an acknowledgement did not rise, and the lowest such offset."""
    found: dict[Partition, int] = {}
    for ack in acks:
        if ack.offset <= marks.get(ack.place, -1):
            found[ack.place] = min(found.get(ack.place, ack.offset), ack.offset)
    return found


def counted(acks: Iterable[Ack], marks: Mapping[Partition, int]) -> list[Ack]:
    """The acknowledgements above their mark: only these rows are sent."""
    return [ack for ack in acks if ack.offset > marks.get(ack.place, -1)]


def raised(marks: Marks, acks: Iterable[Ack]) -> None:
    """Raise the *marks* to what was recorded."""
    for ack in acks:
        marks[ack.place] = max(marks.get(ack.place, -1), ack.offset)
