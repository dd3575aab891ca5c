"""Why a consumer takes nothing at this moment: an outage it waits out, or too many dead letters."""

import asyncio
from contextlib import suppress

import structlog

from services.delivery.dead import Halted
from services.delivery.failures import Fault, Patience, fault
from services.delivery.polled import Polled
from services.delivery.reasons import frames, reason

WHAT_TO_DO = (
    "nothing after this was committed. Mend or roll back, then start again; if the events are "
    "at fault, start once with P2A_DEAD_LETTERS_A_MINUTE=0 to bury them"
)

log = structlog.get_logger()


class Standstill:
    """
    Pauses a member of *group* that could not settle its batch, which then comes again.

    After an outage it goes on by itself, with growing pauses; *outages* counts them. Once
    *halted* it stays so, through rebalances too, until its service starts anew.
    """

    def __init__(self, group: str, patience: Patience) -> None:
        self.why: str | None = None
        self.halted = False
        self.outages = 0
        self._group = group
        self._patience = patience
        self._streak = 0
        self._resuming: asyncio.Task[None] | None = None

    def wait_out(self, consumer: Polled, error: Exception) -> None:
        """The batch in hand could not be settled for *error*: it comes again after a pause."""
        self._cancel()
        self.outages += 1
        self._streak += 1
        self.why = f"waiting out an outage: {reason(error)}"
        kind = "outage" if fault(error) is not Fault.EVENT else "batch not settled"
        log.warning(kind, group=self._group, reason=reason(error), at=frames(error))
        consumer.pause(*consumer.assignment())
        self._resuming = asyncio.create_task(self._resume(consumer))

    def over(self) -> None:
        """A batch was settled: whatever was away is back."""
        if self._streak:
            log.info("outage over", group=self._group)
        self._streak, self.why = 0, None

    def forget(self) -> None:
        """Partitions changed hands: whoever has them now will see whether they can be worked."""
        self._cancel()
        if not self.halted:
            self.why = None

    def halt(self, consumer: Polled, halted: Halted) -> None:
        """Stop for good: the batch in hand stays uncommitted until somebody has looked."""
        self._cancel()
        consumer.pause(*consumer.assignment())
        self.halted = True
        self.why = f"halted, {halted}; see `p2a dead list` and the log. {WHAT_TO_DO}"
        log.critical("halted", group=self._group, why=str(halted), do=WHAT_TO_DO)

    async def stop(self) -> None:
        """No going on by itself any more."""
        if (resuming := self._resuming) is not None:
            self._cancel()
            with suppress(asyncio.CancelledError):
                await resuming

    def _cancel(self) -> None:
        # a timer of an older outage would end this one's pause early
        if self._resuming is not None:
            self._resuming.cancel()
            self._resuming = None

    async def _resume(self, consumer: Polled) -> None:
        await asyncio.sleep(self._patience.pause(self._streak))
        consumer.resume(*(consumer.paused() - consumer.stuck.keys()))
