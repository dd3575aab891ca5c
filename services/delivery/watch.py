"""
What a relay knows of the ends of its logs, and what it does when the broker lost records.

The rules are `tail`'s; here they meet Kafka, which says where its logs end, and PostgreSQL, which
keeps the marks and the rows.
"""

from collections.abc import Mapping, Sequence

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from services.delivery import tail, unsent
from services.delivery.ends import LogEnds
from services.delivery.marks import raise_marks, read_marks
from services.delivery.tally import Tally

log = structlog.get_logger()


class Watch:
    """Keeps the marks true over one shift; what the broker lost it makes unsent."""

    def __init__(
        self, connection: AsyncConnection, bootstrap: str, tally: Tally, *, service: str
    ) -> None:
        self._connection = connection
        self._ends = LogEnds(bootstrap)
        self._tally = tally
        self._log = log.bind(service=service)
        # a row at or below does not count as sent: PostgreSQL's marks when the shift began, from
        # then on what was acknowledged
        self._marks: tail.Marks = {}
        # PostgreSQL's marks as far as this shift raised them, before it sent
        self._announced: tail.Marks = {}
        # the offset that the next record is taken to get
        self._next: tail.Marks = {}

    async def close(self) -> None:
        """Disconnect from Kafka."""
        await self._ends.close()

    async def begin(self) -> None:
        """Learn how far the logs may have gone, look, and settle what the last shift left open."""
        self._marks, turns = await read_marks(self._connection)
        await self.look()
        doubts = tail.doubtful(self._marks, self._next, turns)
        self._tally.doubts += await unsent.send_again(self._connection, doubts)

    async def look(self) -> None:
        """See that the broker still has what it acknowledged; what it lost is unsent again."""
        ends = await self._ends.of(self._marks)
        self._tally.looks += 1
        self._next |= ends
        await self._heal(tail.lost(self._marks, ends))
        # records that a frozen broker or relay let go of late
        late = tail.above({place: end - 1 for place, end in ends.items()}, self._marks)
        await raise_marks(self._connection, late)
        self._marks |= late

    async def announce(self, turns: Mapping[tail.Partition, int]) -> None:
        """Write down, before they are sent, how far so many rows may come to stand."""
        self._next |= await self._ends.of([place for place in turns if place not in self._next])
        marks = {place: self._next.get(place, 0) + rows - 1 for place, rows in turns.items()}
        await raise_marks(self._connection, marks, turns)
        self._announced |= marks

    async def note(self, acks: Sequence[tail.Ack]) -> None:
        """Remember what was acknowledged; rows at or below their mark stay unsent."""
        await self._heal(tail.not_risen(acks, self._marks))
        counted = tail.counted(acks, self._marks)
        reached = tail.highest(counted)
        # further than announced when something was written late, in between: the mark goes first,
        # else the death of this relay would hide the loss of these rows
        await raise_marks(self._connection, tail.above(reached, self._announced))
        await unsent.note_sent(self._connection, counted)
        self._marks |= reached
        self._next |= {place: offset + 1 for place, offset in tail.highest(acks).items()}
        self._tally.sent += len(counted)

    async def _heal(self, starts: Mapping[tail.Partition, int]) -> None:
        rows = await unsent.send_again(self._connection, starts)
        if rows:
            self._tally.heals += rows
            self._log.error("the broker lost records, sending them again", rows=rows,
                            partitions=len(starts))  # fmt: skip
