"""Letters by SMTP, knowing exactly whether the final dot had left when something broke."""

import asyncio
import re
from contextlib import suppress
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from typing import NoReturn

from aiosmtplib import (
    SMTP,
    SMTPConnectError,
    SMTPException,
    SMTPResponseException,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)
from aiosmtplib.protocol import SMTPProtocol

from services.notifier.mailer import (
    AddressRefused,
    Leaving,
    MailerUnavailable,
    OutcomeUnknown,
    SenderRefused,
    freely,
)

ENHANCED = re.compile(r"^\s*([245])\.(\d{1,3})\.(\d{1,3})\b")
LINE_START_DOT = re.compile(rb"(?m)^\.")
CRLF = policy.SMTP.clone(cte_type="7bit")
START_INPUT = 354
ANSWERS = {*range(200, 300), *range(400, 600)}
REFUSED = 400
PERMANENT = 500
BROKEN = (SMTPServerDisconnected, SMTPConnectError, SMTPTimeoutError, OSError)
FULL = (2, 2)  # 5.2.2, mailbox full: it empties again
ABOUT_THE_ADDRESS = {550, 551, 553}  # without an enhanced code, said of a recipient


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpMailer:
    """
    A connection a letter. *tls* is ``offered``, ``required`` or ``from-start``.

    The server may take *timeout* seconds for an answer, and *limit* for all of them before the
    final dot.
    """

    host: str
    port: int
    tls: str = "offered"
    username: str | None = None
    password: str | None = None
    timeout: float = 60.0
    limit: float = 150.0
    _under_way: set[asyncio.Timeout] = field(default_factory=set, init=False)

    async def send(
        self, letter: EmailMessage, *, sender: str, to: str, leaving: Leaving = freely
    ) -> None:
        """Hand *letter* over; raises a MailerError, or what *leaving* raises."""
        content = _on_the_wire(letter)
        client = SMTP(
            hostname=self.host, port=self.port, timeout=self.timeout, local_hostname="localhost",
            use_tls=self.tls == "from-start",
            start_tls={"required": True, "from-start": False}.get(self.tls),
            username=self.username, password=self.password,
        )  # fmt: skip
        try:
            line = await self._prepared(client, content, sender=sender, to=to)
            await leaving()
            await self._end(line)
            with suppress(SMTPException, OSError):
                await client.quit(timeout=2)
        finally:
            client.close()

    def hurry(self) -> None:
        """Give up every letter that has not come to its final dot: as for a server too slow."""
        for limit in self._under_way:
            if not limit.expired():
                limit.reschedule(asyncio.get_running_loop().time())

    async def _prepared(
        self, client: SMTP, content: bytes, *, sender: str, to: str
    ) -> SMTPProtocol:
        """The line, with nothing left to say on it but the final dot."""
        try:
            async with asyncio.timeout(self.limit) as limit:
                self._under_way.add(limit)
                try:
                    await self._announce(client, sender=sender, to=to)
                    return await self._pour(client, content)
                finally:
                    self._under_way.discard(limit)
        except TimeoutError as slow:
            raise MailerUnavailable("too slow") from slow

    async def _announce(self, client: SMTP, *, sender: str, to: str) -> None:
        """All that comes before the letter itself: whatever breaks here, nothing has left."""
        try:
            await client.connect()
            await client.mail(sender)
        except SMTPResponseException as answer:
            _refuse(answer.code, answer.message, of="sender")
        except BROKEN as broken:
            raise MailerUnavailable(type(broken).__name__) from broken
        except SMTPException as unfit:
            # no encryption or login where we insist on it: waiting will not mend that
            raise SenderRefused(type(unfit).__name__) from unfit
        try:
            await client.rcpt(to)
            code, words = await client.execute_command(b"DATA")
        except SMTPResponseException as answer:
            _refuse(answer.code, answer.message, of="recipient")
        except BROKEN as broken:
            raise MailerUnavailable(type(broken).__name__) from broken
        if code != START_INPUT:
            _refuse(code, words, of="letter")

    async def _pour(self, client: SMTP, content: bytes) -> SMTPProtocol:
        """The line, with all of the letter on its way but the final dot."""
        line, transport = client.protocol, client.transport
        if line is None or transport is None or isinstance(transport, asyncio.SubprocessTransport):
            raise MailerUnavailable("the line broke before the letter")
        try:
            line.write(content)
        except BROKEN as broken:
            raise MailerUnavailable("cut before the final dot") from broken
        # a letter is smaller than a socket's buffer, so this hardly ever waits
        while client.is_connected and _unsent(client):  # noqa: ASYNC110 - no event to wait for
            await asyncio.sleep(0.01)
        return line

    async def _end(self, line: SMTPProtocol) -> None:
        """The final dot, and what the server says to it."""
        try:
            line.write(b".\r\n")
        except BROKEN as broken:
            raise MailerUnavailable("cut before the final dot") from broken
        try:
            code, words = await line.read_response(timeout=self.timeout)
        except (*BROKEN, SMTPException) as broken:
            raise OutcomeUnknown("no answer to the final dot") from broken
        if code not in ANSWERS:
            raise OutcomeUnknown(f"{code} is no answer to the final dot")
        if code >= REFUSED:
            _refuse(code, words, of="letter")


def _unsent(client: SMTP) -> int:
    transport = client.transport
    return transport.get_write_buffer_size() if isinstance(transport, asyncio.WriteTransport) else 0


def _on_the_wire(letter: EmailMessage) -> bytes:
    """*letter* with its lines ended and its leading dots doubled, but without the final dot."""
    content = letter.as_bytes(policy=CRLF)
    if not content.endswith(b"\r\n"):
        content += b"\r\n"
    return LINE_START_DOT.sub(b"..", content)


def _refuse(code: int, words: str, *, of: str) -> NoReturn:
    """Raise what the answer means; the words are only read for their enhanced code."""
    found = ENHANCED.match(words)
    enhanced = (int(found[2]), int(found[3])) if found else None
    said = f"{code} {found[0].strip()}" if found else str(code)
    if code < PERMANENT or enhanced == FULL:
        raise MailerUnavailable(said)
    subject = enhanced[0] if enhanced else None
    if subject == 1 and of != "sender":
        raise AddressRefused(said)
    if subject in {2, 4} and of == "recipient":  # this mailbox or its server, not us
        raise AddressRefused(said)
    if enhanced is None and of == "recipient" and code in ABOUT_THE_ADDRESS:
        raise AddressRefused(said)
    raise SenderRefused(said)
