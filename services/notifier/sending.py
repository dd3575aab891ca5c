"""Letters leave: taken in hand, handed over outside any transaction, what came of it recorded."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import SystemRandom
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from services.delivery.database import Sessions
from services.delivery.failpoints import reach
from services.delivery.outbox import post
from services.delivery.reasons import reason
from services.notifier import letter_store, queue_store
from services.notifier.letters import Letter
from services.notifier.mailer import (
    AddressRefused,
    Mailer,
    MailerUnavailable,
    OutcomeUnknown,
    SenderRefused,
)
from services.notifier.message import Post
from services.notifier.outcomes import Outcomes, failed_event
from services.notifier.writing import OutOfDate, Unaddressed, Writer

log = structlog.get_logger()
chance = SystemRandom()

WAITS = (1, 5, 30, 120, 360, 1440)  # of the setting retry_unit; then the last one again
JITTER = 0.2
SOON = timedelta(seconds=5)


class HeldBack(Exception):
    """We kept the letter at the last moment, so nothing has left; the message says why."""


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

    @property
    def outcomes(self) -> Outcomes:
        return Outcomes(sessions=self.sessions, now=self.now)

    async def tick(self) -> bool:
        """Send as many as may be in hand at one time; whether there was anything to do."""
        parked = await self.outcomes.park_broken_off()
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
            if await queue_store.stopped_for(session):
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
            await post(session, failed_event(letter, str(why), self.now()))
            return None
        until = self.now() + self.lease
        return await letter_store.take(session, letter, until), written

    async def _hand_over(self, letter: Letter, written: Post) -> None:
        async def leaving() -> None:
            await self._still_ours(letter)

        try:
            await self.mailer.send(
                written.message, sender=written.sender, to=written.to, leaving=leaving
            )
        except (MailerUnavailable, HeldBack) as why:
            log.warning("letter not gone", letter=str(letter.letter_id), why=str(why))
            await self.outcomes.put_off(letter, self.now() + self._wait(letter.attempts))
        except AddressRefused as why:
            log.warning("address refused", letter=str(letter.letter_id), why=str(why))
            await self.outcomes.lost(letter, "failed", "address-refused")
        except SenderRefused as why:
            log.critical("letters stopped: the mail server refuses us", why=str(why))
            await self.outcomes.stop(letter, "sender-refused")
        except OutcomeUnknown as why:
            log.warning("letter parked", letter=str(letter.letter_id), why=str(why))
            await self.outcomes.lost(letter, "unknown", "outcome-unknown")
        else:
            reach("letter.handed")
            await self.outcomes.sent(letter)

    async def _still_ours(self, letter: Letter) -> None:
        """
        Come back with a fresh lease; raises HeldBack.

        Between here and the final dot only a freeze of more than half a lease, begun within
        microseconds, lets a letter leave that somebody else has parked.
        """
        until = self.now() + self.lease
        try:
            async with self.sessions.begin() as session:
                ours = await letter_store.keep(session, letter, until)
        except SQLAlchemyError as away:
            raise HeldBack(reason(away)) from away
        if not ours:
            raise HeldBack("it was parked: our lease had ended")
        if self.now() > until - self.lease / 2:
            raise HeldBack("too little is left of our lease")

    async def _put_off(self, letter_id: UUID) -> None:
        async with self.sessions.begin() as session:
            await letter_store.put_off(session, letter_id, self.now() + self._wait(1))

    def _wait(self, attempts: int) -> timedelta:
        wait = WAITS[min(max(attempts, 1), len(WAITS)) - 1] * self.unit
        return wait * chance.uniform(1 - JITTER, 1 + JITTER)
