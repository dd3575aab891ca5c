"""From what we hold to what others must hear: views compared, differences as events."""

from collections.abc import Iterator
from datetime import datetime, timedelta

TICK = timedelta(microseconds=1)


class Times:
    """
    The times of new facts of one aggregate: at the statement's, yet always after the last.

    So what we say last is what counts, in whatever order we were told.
    """

    def __init__(self, at: datetime, last: datetime | None) -> None:
        self._next = at if last is None or at > last else last + TICK
        self.last = last

    def __iter__(self) -> Iterator[datetime]:
        return self

    def __next__(self) -> datetime:
        self.last = self._next
        self._next += TICK
        return self.last
