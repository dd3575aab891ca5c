"""A service that dies at a named place, each place alone, in each service that comes by it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from services.delivery.failpoints import KILLED, VARIABLE
from tests.faults.arena import Arena, Cell, Times
from tests.faults.breaks.clutter import NO_HEADERS, throw, topics_of

BURIED = "consumer.buried"
RELAY = ("outbox.posted", "relay.read", "relay.sent", "relay.acked", "relay.recorded")
CONSUMER = (
    "consumer.claimed", "consumer.inbox", "consumer.handled", "consumer.committed",
    "consumer.offsets",
)  # fmt: skip
# `consumer.buried` is reached only where something is buried: see `died_burying`
REACHED = {
    "intake": ("intake.accepted", *RELAY),
    "matcher": (*CONSUMER, *RELAY, "round.claimed", "round.saved"),
    "review": (*CONSUMER, *RELAY, "review.decided", "review.sent"),
    "notifier": (*CONSUMER, *RELAY, "letter.reserved", "letter.handed", "letter.recorded",
                 "reply.taken"),
}  # fmt: skip


def died_at(place: str, service: str) -> Cell:
    """It ends itself there, at once, and is started again without the failpoint."""
    return Cell(fault=f"dies at {place}", service=service, breaks=partial(_died, place, service))


@contextmanager
def _died(place: str, service: str, arena: Arena) -> Iterator[Times]:
    own = arena.whole.own[service]
    own[VARIABLE] = f"{place}=kill"
    arena.whole.services[service].stop()
    child = arena.whole.launch(service)
    del own[VARIABLE]
    # nothing else ends a process with that code: this is the proof that it was there
    yield lambda: int(child.process is not None and child.process.poll() == KILLED)
    arena.whole.start(service)


def died_burying(service: str) -> Cell:
    """It ends itself with a dead letter written and its offset not: the letter comes twice."""
    return Cell(fault=f"dies at {BURIED}", service=service, breaks=partial(_died_burying, service))


@contextmanager
def _died_burying(service: str, arena: Arena) -> Iterator[Times]:
    with _died(BURIED, service, arena) as times:
        # no type: were it another group's, this one would pass it by unread
        throw(arena, topics_of(service)[0], [NO_HEADERS])
        yield times


DEATHS = [died_at(place, service) for service, places in REACHED.items() for place in places]
DEATHS += [died_burying(service) for service in REACHED if topics_of(service)]
