"""Servers stopped, killed, locked, filled and frozen."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import psycopg
import pytest

from services.embedded.apache import Apache
from services.embedded.kafka import Kafka
from tests.faults.arena import Arena, Cell, Times
from tests.waiting import until

HEALING = "the broker lost records"
# above the 10 s after which whoever waits for a lock gives way
LOCKED = 11.0
CUTS = 3
FORGOTTEN = 12


def broker_stopped() -> Cell:
    """The broker stops in order and comes back."""
    return Cell(fault="broker stopped", service="all", breaks=_broker_stopped)


@contextmanager
def _broker_stopped(arena: Arena) -> Iterator[Times]:
    arena.whole.kafka.stop()
    # what intake takes meanwhile waits in its outbox: that is how we know that it was away
    yield lambda: arena.waiting("intake", "relay")
    arena.whole.kafka.start()


def broker_killed() -> Cell:
    """SIGKILL to the broker; the embedded one loses what it had just acknowledged."""
    return Cell(fault="broker killed", service="all", breaks=_broker_killed)


@contextmanager
def _broker_killed(arena: Arena) -> Iterator[Times]:
    tail = isinstance(arena.whole.kafka, Kafka)
    healed = arena.heard(HEALING)
    arena.whole.kafka.kill()
    if not tail:
        until(lambda: arena.waiting("intake", "relay"), what="what intake takes without a broker")
    arena.whole.kafka.start()
    yield healed if tail else lambda: 1


def tail_lost() -> Cell:
    """The broker goes on from its folder as it was before: all it took since is forgotten."""
    return Cell(fault="broker forgets what it took", service="all", breaks=_tail_lost, short=False)


@contextmanager
def _tail_lost(arena: Arena) -> Iterator[Times]:
    broker = arena.whole.kafka
    assert isinstance(broker, Kafka | Apache)
    data, kept = broker.folder / "data", broker.folder / "kept"
    broker.stop()
    shutil.copytree(data, kept)
    broker.start()
    enough = len(arena.traffic.answered) + FORGOTTEN
    until(lambda: len(arena.traffic.answered) >= enough, limit=60, what="records to forget")
    until(lambda: arena.waiting("intake", "relay") == 0, limit=60, what="their sending")
    healed = arena.heard(HEALING)
    broker.kill()
    shutil.rmtree(data)
    kept.rename(data)
    broker.start()
    yield healed


def postgres_killed() -> Cell:
    """PostgreSQL's immediate stop, and its recovery."""
    return Cell(fault="PostgreSQL stops at once", service="all", breaks=_postgres_killed)


@contextmanager
def _postgres_killed(arena: Arena) -> Iterator[Times]:
    before = arena.traffic.retries
    arena.whole.postgres.kill()
    yield lambda: arena.traffic.retries - before
    arena.whole.postgres.start()


def backends_cut() -> Cell:
    """An administrator ends every connection, several times."""
    return Cell(fault="backends terminated", service="all", breaks=_cut, least=CUTS)


@contextmanager
def _cut(arena: Arena) -> Iterator[Times]:
    times = 0
    last = 0.0

    def again() -> int:
        nonlocal times, last
        if time.monotonic() - last > 1.0:
            last = time.monotonic()
            times += arena.whole.postgres.cut_connections() > 0
        return times

    yield again


def locked(service: str) -> Cell:
    """Somebody holds a lock on the table all its work goes through, longer than we wait for one."""
    return Cell(
        fault="its outbox locked", service=service, breaks=partial(_locked, service), short=False
    )


@contextmanager
def _locked(service: str, arena: Arena) -> Iterator[Times]:
    with arena.whole.postgres.locked(f"{service}.outbox") as waiting:
        end = time.monotonic() + LOCKED
        most = 0

        def waited() -> int:
            nonlocal most
            most = max(most, waiting())
            return most if time.monotonic() > end else 0

        yield waited


def disk_full() -> Cell:
    """PostgreSQL's disk has no room left, then it has."""
    return Cell(fault="PostgreSQL's disk full", service="all", breaks=_disk_full, short=False)


@contextmanager
def _disk_full(arena: Arena) -> Iterator[Times]:
    if arena.disk is None:
        pytest.skip("no small disk could be mounted: that needs root, and a kernel that lets it")
    arena.disk.fill()
    before = arena.traffic.retries
    yield lambda: arena.traffic.retries - before
    arena.disk.free()
    if not arena.whole.postgres.pid:
        arena.whole.postgres.start()


def valkey(what: str) -> Cell:
    """Valkey ``stopped``, ``flushed`` or ``frozen``: nothing may depend on it."""
    return Cell(fault=f"Valkey {what}", service="all", breaks=partial(_valkey, what))


@contextmanager
def _valkey(what: str, arena: Arena) -> Iterator[Times]:
    server = arena.whole.valkey
    {"stopped": server.stop, "flushed": server.flush, "frozen": server.pause}[what]()
    before = len(arena.traffic.answered)
    # every record intake takes now was taken without what Valkey knew
    yield lambda: len(arena.traffic.answered) - before
    if what == "stopped":
        server.start()
    if what == "frozen":
        server.resume()


def mail_away() -> Cell:
    """The mail server is gone while letters are due, and comes back."""
    return Cell(fault="mail server away", service="notifier", breaks=_mail_away)


@contextmanager
def _mail_away(arena: Arena) -> Iterator[Times]:
    arena.whole.mail.kill()
    yield lambda: _put_off(arena)
    arena.whole.mail.start()


def _put_off(arena: Arena) -> int:
    with psycopg.connect(arena.database) as connection:
        row = connection.execute(
            "select count(*) from notifier.letter where state = 'pending' and attempts > 0"
        ).fetchone()
    return int(row[0]) if row else 0
