"""
Sending letters, whoever carries them.

    MailerError
    ├── MailerUnavailable   nothing has left us: try again later
    ├── AddressRefused      never this address again: a coordinator's task
    ├── SenderRefused       our own fault (keys, policy, size): stop the queue
    └── OutcomeUnknown      it may have gone: look it up or park it

Messages hold the carrier's codes, never its words: those may quote an address.
"""

from email.message import EmailMessage
from typing import Protocol


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


class Mailer(Protocol):
    """What carries a letter."""

    async def send(self, letter: EmailMessage, *, sender: str, to: str) -> None:
        """
        Hand *letter* over; coming back means that the carrier took it.

        *sender* and *to* are bare addresses of the envelope. Raises a MailerError.
        """
