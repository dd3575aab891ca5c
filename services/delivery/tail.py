"""
Noticing that a broker lost acknowledged records.

One relay alone writes a partition, so its log only grows. Its *mark* is the highest offset that any
record of ours may ever have had there, so no reader can be further. A log that ends at or below
its mark, or an acknowledgement that does not lie above it, means that the broker lost records.
What it lost is sent again until it stands above the mark: there no reader has been.
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


def not_risen(acks: Iterable[Ack], marks: Mapping[Partition, int]) -> dict[Partition, int]:
    """The partitions where an acknowledgement did not rise, and the lowest such offset."""
    found: dict[Partition, int] = {}
    for ack in acks:
        if ack.offset <= marks.get(ack.place, -1):
            found[ack.place] = min(found.get(ack.place, ack.offset), ack.offset)
    return found


def counted(acks: Iterable[Ack], marks: Mapping[Partition, int]) -> list[Ack]:
    """The acknowledgements above their mark: only these rows are sent."""
    return [ack for ack in acks if ack.offset > marks.get(ack.place, -1)]


def above(found: Mapping[Partition, int], marks: Mapping[Partition, int]) -> Marks:
    """What was found above its mark."""
    return {place: offset for place, offset in found.items() if offset > marks.get(place, -1)}


def highest(acks: Iterable[Ack]) -> Marks:
    """The highest offset acknowledged for each partition."""
    found: Marks = {}
    for ack in acks:
        found[ack.place] = max(found.get(ack.place, -1), ack.offset)
    return found
