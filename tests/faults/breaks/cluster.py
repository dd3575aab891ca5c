"""What only several brokers can show: a leader dies, freezes, the quorum is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from services.embedded.cluster import Cluster
from tests.faults.arena import Arena, Cell, Times
from tests.waiting import until

TOPIC = "p2a.learners.v1"
ELECTION_LIMIT = 60.0
ASK_LIMIT = 5.0
CLUSTER = frozenset({"cluster"})


def leader_killed() -> Cell:
    """The node that leads a partition dies; another one leads, and it comes back."""
    return Cell(
        fault="leader killed", service="all", breaks=_leader_killed, brokers=CLUSTER, short=False
    )


@contextmanager
def _leader_killed(arena: Arena) -> Iterator[Times]:
    cluster = _cluster(arena)
    before = _leader(cluster)
    cluster.nodes[before].kill()
    until(lambda: _leader(cluster) not in (before, -1), limit=ELECTION_LIMIT, what="a new leader")
    yield lambda: 1
    cluster.start()


def leader_frozen() -> Cell:
    """It keeps its lines open and says nothing until another one leads, then wakes up."""
    return Cell(
        fault="leader frozen", service="all", breaks=_leader_frozen, brokers=CLUSTER, short=False
    )


@contextmanager
def _leader_frozen(arena: Arena) -> Iterator[Times]:
    cluster = _cluster(arena)
    before = _leader(cluster)
    cluster.nodes[before].pause()
    until(lambda: _leader(cluster) not in (before, -1), limit=ELECTION_LIMIT, what="a new leader")
    yield lambda: 1
    cluster.nodes[before].resume()


def quorum_lost() -> Cell:
    """Two of three nodes are away: nothing is acknowledged any more, until they are back."""
    return Cell(
        fault="quorum lost", service="all", breaks=_quorum_lost, brokers=CLUSTER, short=False
    )


@contextmanager
def _quorum_lost(arena: Arena) -> Iterator[Times]:
    cluster = _cluster(arena)
    for node in cluster.nodes[:2]:
        node.kill()
    yield lambda: arena.waiting("intake", "relay")
    cluster.start()


def _cluster(arena: Arena) -> Cluster:
    assert isinstance(arena.whole.kafka, Cluster)
    return arena.whole.kafka


def _leader(cluster: Cluster) -> int:
    async def asked() -> int:
        # a frozen node takes the question and says nothing
        async with asyncio.timeout(ASK_LIMIT):
            return await cluster.leader(TOPIC, 0)

    try:
        return asyncio.run(asked())
    except Exception:  # noqa: BLE001 - nobody to ask while they elect one
        return -1
