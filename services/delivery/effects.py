"""A batch's effects: the inbox and the handlers in one transaction, or event by event."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.envelope import Event
from services.delivery.database import Sessions
from services.delivery.failpoints import reach
from services.delivery.failures import Fault, Patience, fault
from services.delivery.inbox import Identity, take
from services.delivery.reasons import frames, reason
from services.delivery.records import Delivery, Failure

Handler = Callable[[Sequence[Any], AsyncSession], Awaitable[None]]
Wait = Callable[[float], Awaitable[None]]

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """Gives events to *handlers*, once for *group* however often they come."""

    group: str
    handlers: Mapping[type[Event], Handler]
    sessions: Sessions
    patience: Patience
    wait: Wait

    async def all_at_once(self, deliveries: Sequence[Delivery]) -> int:
        """
        Every first delivery's effect in one transaction; answers how many there were.

        Repeats the transaction while others are in its way; raises what a handler or the
        database raises, with nothing done.
        """
        attempt = 0
        while True:
            try:
                return await self._transaction(deliveries)
            except Exception as error:
                if fault(error) is not Fault.REPEAT:
                    raise
                attempt += 1
                log.info("transaction repeated", group=self.group, reason=reason(error))
                await self.wait(self.patience.pause(attempt))

    async def one(self, delivery: Delivery) -> int | Failure:
        """
        The effect of one event in its own transaction, tried with patience.

        Answers 1 when it took effect, 0 for a repeat, or what to bury. Raises an outage, uncounted.
        """
        for attempt in range(1, self.patience.attempts + 1):
            try:
                return await self.all_at_once([delivery])
            except Exception as error:
                if fault(error) is not Fault.EVENT:
                    raise
                failed = error
                self._complain(delivery, attempt, error)
                if attempt < self.patience.attempts:
                    await self.wait(self.patience.pause(attempt))
        name = type(failed).__name__
        return Failure(delivery.record, name, reason(failed), self.patience.attempts)

    async def _transaction(self, deliveries: Sequence[Delivery]) -> int:
        by_identity: dict[Identity, Event] = {}
        for each in deliveries:
            by_identity.setdefault((each.source, each.id), each.event)
        async with self.sessions.begin() as session:
            for identity in await take(session, self.group, by_identity):
                del by_identity[identity]
            reach("consumer.inbox")
            of_type: dict[type[Event], list[Event]] = {}
            for event in by_identity.values():
                of_type.setdefault(type(event), []).append(event)
            for cls, handler in self.handlers.items():
                if cls in of_type:
                    await handler(of_type[cls], session)
            reach("consumer.handled")
        reach("consumer.committed")
        return len(by_identity)

    def _complain(self, delivery: Delivery, attempt: int, error: Exception) -> None:
        log.warning(
            "event failed",
            group=self.group,
            type=delivery.event.ce_type(),
            id=delivery.id,
            attempt=attempt,
            reason=reason(error),
            at=frames(error),
        )
