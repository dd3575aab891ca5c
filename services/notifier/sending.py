"""Letters leave: taken in hand, handed over outside any transaction, what came of it recorded."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import SystemRandom
from uuid import UUID, uuid5

import stamina
import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.letter import LetterFailed, LetterSent
from services.delivery.database import Sessions
from services.delivery.failpoints import reach
from services.delivery.outbox import post
from services.notifier import letter_store
from services.notifier.letters import Letter
from services.notifier.mailer import (
    AddressRefused,
    Mailer,
    MailerUnavailable,
    OutcomeUnknown,
    SenderRefused,
)
from services.notifier.message import Post
from services.notifier.writing import OutOfDate, Unaddressed, Writer

log = structlog.get_logger()
chance = SystemRandom()

WAITS = (1, 5, 30, 120, 360, 1440)  # of the setting retry_unit; then the last one again
JITTER = 0.2
SOON = timedelta(seconds=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """Sends what is due. Several may run at once, here and elsewhere."""

    sessions: Sessions
    mailer: Mailer
    writer: Writer
    now: Callable[[], datetime]
    at_once: int = 4
    lease: timedelta = timedelta(minutes=5)
    unit: timedelta = timedelta(minutes=1)

    async def tick(self) -> bool:
        """Send as many as may be in hand at one time; whether there was anything to do."""
        parked = await self._park_broken_off()
        # one that fails must not cut short another that is being handed over
        hands = (self._next() for _ in range(self.at_once))
        sent = await asyncio.gather(*hands, return_exceptions=True)
        for failure in sent:
            if isinstance(failure, BaseException):
                raise failure
        return parked or any(sent)

    async def waiting(self) -> int:
        """Letters in hand or due."""
        async with self.sessions() as session:
            if await letter_store.stopped_for(session):
                return 0
            return await letter_store.count_due(session, self.now(), SOON)

    async def _next(self) -> bool:
        letter_id: UUID | None = None
        done = False
        try:
            async with self.sessions.begin() as session:
                letter = await letter_store.next_due(session, self.now())
                if letter is None:
                    return False
                letter_id = letter.letter_id
                reserved = await self._reserve(session, letter)
            done = True
        finally:
            if letter_id and not done:  # nothing has left: let the letters behind it go first
                await self._put_off(letter_id)
        if reserved is not None:
            reach("letter.reserved")
            await self._hand_over(*reserved)
        return True

    async def _reserve(self, session: AsyncSession, letter: Letter) -> tuple[Letter, Post] | None:
        """The letter, written and in our hand; None if there is nothing to hand over."""
        try:
            written = await self.writer.post(session, letter)
        except OutOfDate:
            await letter_store.close(session, letter.letter_id, "dropped", "out-of-date")
            return None
        except Unaddressed as why:
            await letter_store.close(session, letter.letter_id, "failed", str(why))
            await post(session, _failed(letter, str(why), self.now()))
            return None
        until = self.now() + self.lease
        return await letter_store.take(session, letter, until), written

    async def _hand_over(self, letter: Letter, written: Post) -> None:
        try:
            await self.mailer.send(written.message, sender=written.sender, to=written.to)
        except MailerUnavailable as why:
            log.warning("mail server unavailable", letter=str(letter.letter_id), why=str(why))
            due_at = self.now() + self._wait(letter.attempts)
            await self._record(letter, "pending", due_at=due_at)
        except AddressRefused as why:
            log.warning("address refused", letter=str(letter.letter_id), why=str(why))
            await self._record(letter, "failed", reason="address-refused")
        except SenderRefused as why:
            log.critical("letters stopped: the mail server refuses us", why=str(why))
            await self._stop(letter)
        except OutcomeUnknown as why:
            log.warning("letter parked", letter=str(letter.letter_id), why=str(why))
            await self._record(letter, "unknown", reason="outcome-unknown")
        else:
            reach("letter.handed")
            await self._record(letter, "sent")

    async def _record(
        self,
        letter: Letter,
        state: str,
        *,
        reason: str | None = None,
        due_at: datetime | None = None,
    ) -> None:
        # we know what became of it: a database away for a moment must not make that unknown
        async for attempt in stamina.retry_context(
            on=DBAPIError, attempts=None, timeout=self.lease / 2
        ):
            with attempt:
                async with self.sessions.begin() as session:
                    ours = await letter_store.record(
                        session, letter, state, reason=reason, due_at=due_at
                    )
                    if ours and state == "sent":
                        await post(session, sent_event(letter, self.now()))
                    elif ours and reason:
                        await post(session, _failed(letter, reason, self.now()))
        reach("letter.recorded")

    async def _stop(self, letter: Letter) -> None:
        """The letter goes back unharmed; none goes before a person has mended the matter."""
        async with self.sessions.begin() as session:
            now = self.now()
            if await letter_store.record(session, letter, "pending", due_at=now):
                await letter_store.stop_queue(session, "sender-refused", now)
                await post(session, _failed(letter, "sender-refused", now))

    async def _park_broken_off(self) -> bool:
        """Whoever had these in hand is gone; they may have left, so only a person sends again."""
        async with self.sessions.begin() as session:
            found = await letter_store.broken_off(session, self.now())
            for letter in found:
                log.warning("letter parked", letter=str(letter.letter_id), why="broken off")
                await letter_store.record(session, letter, "unknown", reason="broken-off")
                await post(session, _failed(letter, "broken-off", self.now()))
        return bool(found)

    async def _put_off(self, letter_id: UUID) -> None:
        async with self.sessions.begin() as session:
            await letter_store.put_off(session, letter_id, self.now() + self._wait(1))

    def _wait(self, attempts: int) -> timedelta:
        wait = WAITS[min(max(attempts, 1), len(WAITS)) - 1] * self.unit
        return wait * chance.uniform(1 - JITTER, 1 + JITTER)


def sent_event(letter: Letter, at: datetime) -> LetterSent:
    """The fact that *letter* was taken."""
    return LetterSent.model_validate(_about(letter, "sent", at))


def _failed(letter: Letter, reason: str, at: datetime) -> LetterFailed:
    return LetterFailed.model_validate(_about(letter, "failed", at) | {"reason": reason})


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
