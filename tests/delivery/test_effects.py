"""What becomes of a batch's events, apart from any database."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID, uuid4

from services.delivery import batch
from services.delivery.batch import Batches
from services.delivery.database import Sessions
from services.delivery.dead import Limit
from services.delivery.effects import Effects
from services.delivery.failures import Patience
from services.delivery.records import Delivery
from tests.broker.rig import NOON, NotedEvent, noted_on

Noted = noted_on("test.effects")


class NoDatabase:
    """No event is a repeat."""

    @asynccontextmanager
    async def begin(self) -> AsyncIterator["NoDatabase"]:
        yield self

    async def execute(self, *_: Any) -> list[tuple[str, str]]:
        return []


async def never(_: float) -> None:
    raise AssertionError("nothing fails here")


def effects_into(had: list[NotedEvent]) -> Effects:
    async def keep(events: Sequence[Any], _: Any) -> None:
        had.extend(events)

    return Effects(group="g", handlers={Noted: keep}, sessions=cast("Sessions", NoDatabase()),
                   patience=Patience(), wait=never)  # fmt: skip


def delivery(id_: UUID, note: str) -> Delivery:
    event = Noted(event_id=id_, occurred_at=NOON, thing=uuid4(), note=note)
    return Delivery(None, event, "/p2a/intake", str(id_))


async def test_of_two_deliveries_of_one_event_the_first_takes_effect() -> None:
    """In its place in the order."""
    had: list[NotedEvent] = []
    twice, once = uuid4(), uuid4()
    fresh = await effects_into(had).all_at_once(
        [delivery(twice, "first"), delivery(once, "only"), delivery(twice, "again")]
    )
    assert (fresh, [event.note for event in had]) == (2, ["first", "only"])


async def test_types_nobody_knows_are_remembered_up_to_a_number() -> None:
    """A header may hold anything, and a new thing each time."""
    graveyard: Any = None
    batches = Batches(effects=effects_into([]), graveyard=graveyard, limit=Limit(0))
    for hundred in range(30):
        names = [f"unheard.of.{hundred}.{n}" for n in range(100)]
        await batches.settle(
            [SimpleNamespace(headers=[("ce_type", name.encode())]) for name in names]
        )
    assert batches.passed == 3000
    assert len(batches._seen_unknown) == batch.MOST_UNKNOWN
