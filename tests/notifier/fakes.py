"""A mailer that remembers, held honest by tests/contract; a clock that stands."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

from services.notifier.mailer import (
    AddressRefused,
    Leaving,
    MailerUnavailable,
    OutcomeUnknown,
    SenderRefused,
    freely,
)

MONDAY = datetime(2026, 9, 7, 9, tzinfo=UTC)
REPLIES: dict[str, Callable[[], Exception]] = {
    "451 4.3.0 Try later": lambda: MailerUnavailable("451 4.3.0"),
    "452 4.2.2 Mailbox full": lambda: MailerUnavailable("452 4.2.2"),
    "552 5.2.2 Mailbox full": lambda: MailerUnavailable("552 5.2.2"),
    "550 5.1.1 No such user": lambda: AddressRefused("550 5.1.1"),
    "550 Unknown": lambda: AddressRefused("550"),
    "550 5.7.1 Not allowed": lambda: SenderRefused("550 5.7.1"),
    "drop": lambda: OutcomeUnknown("no answer to the final dot"),
}


@dataclass
class Carried:
    """A letter the mailer took."""

    sender: str
    to: str
    message: EmailMessage

    @property
    def text(self) -> str:
        return _part(self.message, "plain")

    @property
    def html(self) -> str:
        return _part(self.message, "html")

    @property
    def link(self) -> str:
        return next(word for word in self.text.split() if "/reply/" in word)

    @property
    def ics(self) -> str | None:
        for part in self.message.walk():
            if part.get_content_type() == "text/calendar":
                return part.get_content()
        return None


@dataclass
class FakeMailer:
    """Answers as told by `fail`; what a test did not order it refuses to know."""

    carried: list[Carried] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    _faults: list[tuple[str, str]] = field(default_factory=list)

    def fail(self, address: str, reply: str) -> None:
        """Answer the next letter to *address* (``*`` is anybody) with *reply*."""
        if reply not in REPLIES:
            raise NotImplementedError(f"the fake mailer does not know {reply}")
        self._faults.append((address, reply))

    async def send(
        self, letter: EmailMessage, *, sender: str, to: str, leaving: Leaving = freely
    ) -> None:
        self.tried.append(to)
        fault = next((fault for fault in self._faults if fault[0] in ("*", to)), None)
        refusal = None
        if fault:
            self._faults.remove(fault)
            refusal = REPLIES[fault[1]]()
            if not isinstance(refusal, OutcomeUnknown):
                raise refusal
        await leaving()
        self.carried.append(Carried(sender, to, letter))
        if refusal:
            raise refusal

    def to(self, address: str) -> list[Carried]:
        return [one for one in self.carried if one.to == address]


class Blocking(FakeMailer):
    """Holds letters until told to go on, before or *after* they left; shows when it has two."""

    def __init__(self, *, after: bool = False) -> None:
        super().__init__()
        self.holding = asyncio.Event()
        self.go_on = asyncio.Event()
        self.held = 0
        self._after = after

    async def send(
        self, letter: EmailMessage, *, sender: str, to: str, leaving: Leaving = freely
    ) -> None:
        if self._after:
            await super().send(letter, sender=sender, to=to, leaving=leaving)
        self.held += 1
        if self.held == 2:
            self.holding.set()
        await self.go_on.wait()
        if not self._after:
            await super().send(letter, sender=sender, to=to, leaving=leaving)


@dataclass
class Clock:
    """A clock that moves only when told to."""

    at: datetime = MONDAY

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


def _part(message: EmailMessage, kind: str) -> str:
    body = message.get_body(preferencelist=(kind,))
    assert body is not None
    return body.get_content()
