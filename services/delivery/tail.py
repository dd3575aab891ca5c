"""
Noticing that a broker lost acknowledged records.

Offsets acknowledged for a partition only rise, because one relay alone writes it. Its *mark* is
the highest offset any record of ours may ever have had there. A log that ends at or below it, or
an acknowledgement that does not rise above it, means that a reader may have been further than
the log now goes. Rows acknowledged at or below the mark stay unsent until the log has grown past
it: wherever a reader is, what it has not had is still before it.
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


def doubtful(
    marks: Mapping[Partition, int],
    ends: Mapping[Partition, int],
    turns: Mapping[Partition, int],
) -> dict[Partition, int]:
    """
    From where a log may hold other rows than recorded, after a turn of which nothing is known.

    A log that lost its end may have grown again by as many rows as the *turn* had.
    """
    return {place: max(0, end - turns.get(place, 0)) for place, end in lost(marks, ends).items()}


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


def highest(acks: Iterable[Ack]) -> Marks:
    """The highest offset acknowledged for each partition."""
    found: Marks = {}
    for ack in acks:
        found[ack.place] = max(found.get(ack.place, -1), ack.offset)
    return found
