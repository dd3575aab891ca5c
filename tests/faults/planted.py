"""
Bugs planted in the real code of a process, so that the suite can show that it would see them.

`python -m tests.faults.planted PLANT MODULE ...` runs MODULE as `python -m` does, with that bug.
"""

from __future__ import annotations

import runpy
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from services.delivery import consumer, effects
from services.notifier.letters import Letter
from services.notifier.outcomes import Outcomes


def nothing() -> None:
    """No bug: what the others are compared with."""


def commits_first() -> None:
    """Offsets are committed when a batch is taken, before its transaction."""
    take = consumer.Consumer.take

    async def early(self: consumer.Consumer, records: Sequence[Any], polled: Any) -> None:
        await self.commits.commit(polled, {tp: at.stop for tp, at in polled.in_hand.items()})
        await take(self, records, polled)

    consumer.Consumer.take = early  # type: ignore[method-assign]


def no_inbox() -> None:
    """Nobody remembers what was handled before."""

    async def never(*_: object) -> set[effects.Identity]:
        return set()

    effects.take = never  # type: ignore[assignment]


def resends_unknown() -> None:
    """A letter of which nobody knows whether it left is sent again, like one that did not."""
    lost = Outcomes.lost

    async def again(self: Outcomes, letter: Letter, state: str, reason: str) -> None:
        if state != "unknown":
            await lost(self, letter, state, reason)
            return
        due_at: datetime = self.now()
        await self.put_off(letter, due_at)

    Outcomes.lost = again  # type: ignore[method-assign]


PLANTS: dict[str, Callable[[], None]] = {
    plant.__name__: plant for plant in (nothing, commits_first, no_inbox, resends_unknown)
}


def main() -> None:
    """Plant, then run the module as if nothing were."""
    _, plant, module, *rest = sys.argv
    PLANTS[plant]()
    sys.argv = [module, *rest]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
