"""
Sending letters, whoever carries them.

    MailerError
    ├── MailerUnavailable   nothing has left us: try again later
    ├── AddressRefused      never this address again: a coordinator's task
    ├── SenderRefused       our own fault (keys, policy, size): stop the queue
    └── OutcomeUnknown      it may have gone: look it up or park it

Messages hold the carrier's codes, never its words: those may quote an address.
"""

from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from typing import Protocol

Leaving = Callable[[], Awaitable[None]]


class MailerError(Exception):
    """Base of this module's errors."""


class MailerUnavailable(MailerError):
    """The carrier was not there, or put us off; it has taken nothing."""


class AddressRefused(MailerError):
    """The carrier will never take a letter to this address."""


class SenderRefused(MailerError):
    """The carrier takes nothing from us until a person mends something."""


class OutcomeUnknown(MailerError):
    """The letter was handed over whole and no answer came."""


async def freely() -> None:
    """Nothing stands in the letter's way."""


class Mailer(Protocol):
    """What carries a letter."""

    async def send(
        self, letter: EmailMessage, *, sender: str, to: str, leaving: Leaving = freely
    ) -> None:
        """
        Hand *letter* over; coming back means that the carrier took it.

        *sender* and *to* are bare addresses of the envelope. *leaving* is awaited at the last
        moment at which the letter can still be held back: what it raises comes out, and
        nothing has left. Raises a MailerError.
        """
