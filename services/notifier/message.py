"""A written letter as an e-mail, with the headers that make machines treat it rightly."""

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from services.notifier.letters import Letter, Written


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One letter ready to be handed over: its envelope and what is inside."""

    sender: str
    to: str
    message: EmailMessage


@dataclass(frozen=True, slots=True)
class Sender:
    """Whom letters come from; *mail_from* is a mailbox, perhaps with a name."""

    mail_from: str

    @property
    def mailbox(self) -> str:
        """The bare address."""
        return parseaddr(self.mail_from)[1]

    @property
    def domain(self) -> str:
        """What follows the @."""
        return self.mailbox.partition("@")[2]

    def post(self, letter: Letter, words: Written, *, to: str, token: str, at: datetime) -> Post:
        """
        *letter* in *words*; its Message-ID is the same at every attempt.

        The token in Reply-To tells whose answer comes back. Raises ValueError for an address
        that cannot stand in a header.
        """
        message = EmailMessage()
        name = parseaddr(self.mail_from)[0]
        message["From"] = Address(name, addr_spec=self.mailbox)
        message["To"] = Address(addr_spec=to)
        message["Reply-To"] = Address(addr_spec=f"reply+{token}@{self.domain}")
        message["Subject"] = words.subject
        message["Date"] = format_datetime(at)
        message["Message-ID"] = f"<{letter.letter_id}@{self.domain}>"
        message["References"] = f"<{letter.shortlist_id}@{self.domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
        message.set_content(words.text, cte="quoted-printable")
        message.add_alternative(words.html, subtype="html", cte="quoted-printable")
        return Post(sender=f"bounce+{token}@{self.domain}", to=to, message=message)


def attach(message: EmailMessage, calendar: bytes, method: str) -> None:
    """Add *calendar* twice: where calendars look for it, and as a file to open."""
    text = calendar.decode()
    message.add_alternative(
        text, subtype="calendar", params={"method": method}, cte="base64", charset="utf-8"
    )
    message.add_attachment(
        calendar, maintype="application", subtype="ics", filename="interview.ics"
    )
