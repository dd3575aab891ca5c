"""Services killed and frozen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from tests.faults.arena import Arena, Cell, Times


def killed(service: str) -> Cell:
    """SIGKILL, and started again after a while."""
    return Cell(fault="killed", service=service, breaks=partial(_killed, service))


@contextmanager
def _killed(service: str, arena: Arena) -> Iterator[Times]:
    child = arena.whole.services[service]
    child.kill()
    ends = [child.process.returncode if child.process else 0]
    yield lambda: sum(code == -9 for code in ends)
    arena.whole.start(service)
