"""Settling a batch: every record has had its effect, is a dead letter, or is none of ours."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog

from schemas import CATALOGUE
from schemas.envelope import Event
from services.delivery.dead import Graveyard, Limit
from services.delivery.effects import Effects
from services.delivery.failpoints import reach
from services.delivery.failures import Fault, fault
from services.delivery.reasons import frames, reason
from services.delivery.records import Delivery, Failure, sort

MOST_UNKNOWN = 1000  # a header may hold anything: beyond these none is remembered, or told

log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class Batches:
    """Settles the batches of one group, and counts what became of their records."""

    effects: Effects
    graveyard: Graveyard
    limit: Limit
    handled: int = 0
    repeats: int = 0
    dead: int = 0
    passed: int = 0
    _seen_unknown: set[str] = field(default_factory=set)
    _catalogue: dict[str, type[Event]] = field(init=False)

    def __post_init__(self) -> None:
        ours = {cls.ce_type(): cls for cls in self.effects.handlers}
        self._catalogue = {**CATALOGUE, **ours}

    async def settle(self, records: Sequence[Any]) -> None:
        """
        Come back when the offsets of *records* may be committed.

        Raises Halted before making too many dead letters, and whatever an outage raises; the
        batch must then come again, which its inbox makes harmless.
        """
        batch = sort(records, catalogue=self._catalogue, handlers=self.effects.handlers)
        self._name_unknown(batch.unknown)
        failures = [*batch.bad, *await self._failures(batch.good, already=len(batch.bad))]
        if failures:
            await self._bury(failures)
        self.passed += batch.passed + len(batch.unknown)

    async def _failures(self, good: Sequence[Delivery], *, already: int) -> list[Failure]:
        if not good:
            return []
        try:
            self._count(len(good), await self.effects.all_at_once(good))
        except Exception as error:
            if fault(error) is not Fault.EVENT:
                raise
            log.warning(
                "batch failed, each event by itself now",
                group=self.effects.group, events=len(good), reason=reason(error), at=frames(error),
            )  # fmt: skip
            return await self._one_by_one(good, already=already)
        return []

    async def _one_by_one(self, good: Sequence[Delivery], *, already: int) -> list[Failure]:
        failures: list[Failure] = []
        for delivery in good:
            outcome = await self.effects.one(delivery)
            if isinstance(outcome, Failure):
                failures.append(outcome)
                self.limit.allow(already + len(failures))
            else:
                self._count(1, outcome)
        return failures

    async def _bury(self, failures: Sequence[Failure]) -> None:
        self.limit.allow(len(failures))
        await self.graveyard.bury(failures)
        reach("consumer.buried")
        self.limit.count(len(failures))
        self.dead += len(failures)
        for failure in failures:
            log.error(
                "dead letter",
                group=self.effects.group, topic=failure.record.topic,
                partition=failure.record.partition, offset=failure.record.offset,
                error=failure.error, reason=failure.reason, attempts=failure.attempts,
            )  # fmt: skip

    def _count(self, delivered: int, fresh: int) -> None:
        self.handled += fresh
        self.repeats += delivered - fresh

    def _name_unknown(self, types: Sequence[str]) -> None:
        new = set(types) - self._seen_unknown
        if new and len(self._seen_unknown) < MOST_UNKNOWN:
            self._seen_unknown |= new
            # a count, not the names: a header may hold anything
            log.warning("unknown event types skipped", group=self.effects.group, types=len(new))
