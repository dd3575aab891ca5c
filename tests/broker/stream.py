"""A steady stream of events under which things break, and what must be true of it afterwards."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from tests.broker.rig import NotedEvent, Rig
from tests.waiting import eventually

PACE = 0.02  # seconds between two posts
KEYS = 6


@dataclass
class Stream:
    """Events numbered by key, posted at a steady pace."""

    rig: Rig
    events: list[NotedEvent] = field(default_factory=list)
    things: list[UUID] = field(default_factory=lambda: [uuid4() for _ in range(KEYS)])
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    @asynccontextmanager
    async def flowing(cls, rig: Rig) -> AsyncIterator[Stream]:
        """A stream that flows until the block is left."""
        stream = cls(rig)
        task = asyncio.create_task(stream._flow())
        try:
            yield stream
        finally:
            stream.ended.set()
            await task

    async def recovery(self, *, limit: float = 120.0) -> float:
        """Seconds until an event of every key posted from now on has taken effect."""
        began, last = time.monotonic(), len(self.events)

        async def posted() -> bool:
            return len(self.events) >= last + KEYS

        await eventually(posted, what="new events")
        await self.rig.all_had(self.events[: last + KEYS], limit=limit)
        return time.monotonic() - began

    async def judge(self) -> None:
        """Every event took effect, once; every key's first appearances in the log are in order."""
        had = await self.rig.all_had(self.events, limit=120.0)
        assert set(had.values()) == {1}
        assert set(had) == {event.event_id for event in self.events}
        first: dict[UUID, list[int]] = {}
        for record in await self.rig.log():
            event = self.rig.noted.of(record.value)
            seen = first.setdefault(event.thing, [])
            if int(event.note) not in seen:
                seen.append(int(event.note))
        for thing in self.things:
            posted = [int(event.note) for event in self.events if event.thing == thing]
            assert first[thing] == posted

    async def _flow(self) -> None:
        number = 0
        while not self.ended.is_set():
            events = [self.rig.event(str(number), thing=thing) for thing in self.things]
            await self.rig.post(*events)
            self.events += events
            number += 1
            await asyncio.sleep(PACE)
