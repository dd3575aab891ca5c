"""Services killed and frozen, and replicas that come and go."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from signal import SIGKILL

import httpx

from services.embedded.processes import Child
from tests.embedded.children import state
from tests.faults.arena import Arena, Cell, Times
from tests.waiting import until

# above the session of 10 s after which Apache Kafka gives a member's partitions away, and above
# the arena's lease of a letter
FROZEN = 12.0
STORMS = 3
START_LIMIT = 60.0


def killed(service: str) -> Cell:
    """SIGKILL, and started again after a while."""
    return Cell(fault="killed", service=service, breaks=partial(_killed, service))


@contextmanager
def _killed(service: str, arena: Arena) -> Iterator[Times]:
    child = arena.whole.services[service]
    child.kill()
    yield lambda: int(child.process is not None and child.process.poll() == -SIGKILL)
    arena.whole.start(service)


def frozen(service: str) -> Cell:
    """SIGSTOP for longer than its session and its leases, then on as if nothing had been."""
    return Cell(
        fault="frozen past its session", service=service, breaks=partial(_frozen, service),
        short=False,
    )  # fmt: skip


@contextmanager
def _frozen(service: str, arena: Arena) -> Iterator[Times]:
    child = arena.whole.services[service]
    child.pause()
    end = time.monotonic() + FROZEN
    yield lambda: int(state(child.pid or 0) == "T" and time.monotonic() > end)
    child.resume()


def storm(service: str) -> Cell:
    """A second replica joins and is killed, again and again: every time the group rebalances."""
    # the embedded broker serves one member a group; intake has none
    alone = frozenset({"apache"}) if service != "intake" else frozenset({"embedded", "apache"})
    return Cell(
        fault="replicas join and die", service=service, breaks=partial(_storm, service),
        least=STORMS, short=False, brokers=alone,
    )  # fmt: skip


@contextmanager
def _storm(service: str, arena: Arena) -> Iterator[Times]:
    joined = 0
    for _ in range(STORMS):
        arena.replicas += 1
        # a name of its own each time: a known one would take its place again without a rebalance
        child = arena.whole.replica(service, f"{service}-{arena.replicas}")
        child.start()
        try:
            until(lambda: _ready(child), limit=START_LIMIT, what="the second replica")  # noqa: B023
            joined += 1
        finally:
            child.kill()
    yield lambda: joined


def _ready(child: Child) -> bool:
    port = (child.environment or {})["P2A_PORT"]
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=2).is_success
    except httpx.HTTPError:
        return False
