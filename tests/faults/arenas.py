"""One arena at a time, on the broker a cell wants, made anew when it is worn or broken."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Self

import pytest

from services.embedded.apache import Apache
from services.embedded.cluster import Cluster
from services.embedded.kafka import Broker, Kafka
from services.embedded.processes import ServerDidNotStart
from tests.faults.arena import Arena, Cell, opened

BROKER = os.environ.get("P2A_TEST_BROKER", "embedded")
SEED = int(os.environ.get("P2A_FAULTS_SEED", "20261122"))
BROKERS: dict[str, Callable[..., Broker]] = {
    "embedded": Kafka, "apache": Apache, "cluster": Cluster,
}  # fmt: skip


def broker_of(cell: Cell) -> str | None:
    """On which broker *cell* is played in this run; None if on none."""
    kinds = ("apache", "cluster") if BROKER == "apache" else (BROKER,)
    return next((kind for kind in kinds if kind in cell.brokers), None)


class Arenas:
    """Closes the last arena when it opens another, and at the end."""

    def __init__(self) -> None:
        self._open: Arena | None = None
        self._stack = ExitStack()
        self._made = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def for_(self, cell: Cell) -> Arena:
        """An arena fit for *cell*; in CI a missing Apache Kafka is a failure."""
        broker = broker_of(cell)
        if broker is None:
            pytest.skip(f"{cell} is not for {BROKER}")
        if self._open is None or self._open.worn or self._open.broker != broker:
            self._stack.close()
            self._open = None
            self._made += 1
            try:
                self._open = self._stack.enter_context(
                    opened(BROKERS[broker], broker, SEED + self._made)
                )
            except ServerDidNotStart as missing:
                if os.environ.get("CI") or broker == "embedded":
                    raise
                pytest.skip(f"no Apache Kafka: {missing}")
        return self._open
