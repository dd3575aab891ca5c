"""What became of letters: recorded by whoever had them in hand, however long that takes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid5

import stamina
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.letter import LetterFailed, LetterSent
from services.delivery.database import Sessions
from services.delivery.failpoints import reach
from services.delivery.failures import Fault, fault
from services.delivery.outbox import post
from services.notifier import letter_store, queue_store
from services.notifier.letters import Letter

log = structlog.get_logger()

Record = Callable[[AsyncSession], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """
    Writes what became of letters, each with its event in the same transaction.

    We know it and nobody else does: a database that is away is waited for, without end.
    """

    sessions: Sessions
    now: Callable[[], datetime]

    async def sent(self, letter: Letter) -> None:
        """The mail server took it."""

        async def record(session: AsyncSession) -> None:
            if await letter_store.record(session, letter, "sent"):
                await post(session, sent_event(letter, self.now()))

        await self._certainly(record)

    async def put_off(self, letter: Letter, due_at: datetime) -> None:
        """Nothing has left: again at *due_at*."""

        async def record(session: AsyncSession) -> None:
            await letter_store.record(session, letter, "pending", due_at=due_at)

        await self._certainly(record)

    async def lost(self, letter: Letter, state: str, reason: str) -> None:
        """It failed, or may have left: a person is asked."""

        async def record(session: AsyncSession) -> None:
            if await letter_store.record(session, letter, state, reason=reason):
                await post(session, failed_event(letter, reason, self.now()))

        await self._certainly(record)

    async def stop(self, letter: Letter, reason: str) -> None:
        """The letter goes back unharmed; none goes before a person has mended the matter."""

        async def record(session: AsyncSession) -> None:
            now = self.now()
            if await letter_store.record(session, letter, "pending", due_at=now):
                await queue_store.stop(session, reason, now)
                await post(session, failed_event(letter, reason, now))

        await self._certainly(record)

    async def park_broken_off(self) -> bool:
        """Whoever had these in hand is gone; they may have left, so only a person sends again."""
        async with self.sessions.begin() as session:
            found = await letter_store.broken_off(session, self.now())
            for letter in found:
                log.warning("letter parked", letter=str(letter.letter_id), why="broken off")
                await letter_store.record(
                    session, letter, "unknown", reason=letter_store.BROKEN_OFF
                )
                await post(session, failed_event(letter, letter_store.BROKEN_OFF, self.now()))
        return bool(found)

    async def _certainly(self, record: Record) -> None:
        async for attempt in stamina.retry_context(on=_passes, attempts=None, timeout=None):
            with attempt:
                async with self.sessions.begin() as session:
                    await record(session)
        reach("letter.recorded")


def _passes(error: Exception) -> bool:
    return fault(error) is not Fault.EVENT


def sent_event(letter: Letter, at: datetime) -> LetterSent:
    """The fact that *letter* was taken."""
    return LetterSent.model_validate(_about(letter, "sent", at))


def failed_event(letter: Letter, reason: str, at: datetime) -> LetterFailed:
    """The fact that *letter* needs a person; one attempt may fail first so, then otherwise."""
    about = _about(letter, f"failed/{reason}", at)
    return LetterFailed.model_validate(about | {"reason": reason})


def _about(letter: Letter, what: str, at: datetime) -> dict[str, object]:
    return {
        "event_id": uuid5(letter.letter_id, f"{letter.fence}/{what}"),
        "occurred_at": at,
        "letter_id": letter.letter_id,
        "template": letter.template,
        "side": letter.side,
        "vacancy_id": letter.vacancy_id,
        "learner_id": letter.learner_id,
    }
