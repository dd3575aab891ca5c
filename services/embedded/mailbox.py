"""What the mail sink keeps, how it answers, and the faults a test orders from it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

from aiosmtpd.smtp import SMTP, Envelope, Session

LINK = re.compile(r"https?://[^\s<>\"']+")
TAKEN = "250 2.0.0 Taken"
DROP = "drop"


@dataclass(slots=True)
class Fault:
    """How the next *times* letters to *address* are answered; ``*`` is anybody."""

    address: str
    reply: str
    times: int = 1

    def meets(self, address: str) -> bool:
        return self.times > 0 and self.address in ("*", address)


@dataclass(frozen=True, slots=True)
class Mailed:
    """One letter as it was taken; *number* counts from 1 in order of arrival."""

    number: int
    sender: str
    recipients: tuple[str, ...]
    taken_at: str
    content: EmailMessage

    def text(self) -> str:
        """The plain part."""
        return self._body("plain")

    def html(self) -> str:
        """The HTML part."""
        return self._body("html")

    def files(self) -> list[EmailMessage]:
        """Parts to download: attachments, and invitations that stand beside the text."""
        parts = self.content.walk()
        return [p for p in parts if p.get_filename() or p.get_content_type() == "text/calendar"]

    def summary(self) -> dict[str, Any]:
        """All of it, as JSON knows it."""
        return {
            "number": self.number,
            "from": self.sender,
            "to": list(self.recipients),
            "taken_at": self.taken_at,
            "subject": str(self.content["subject"] or ""),
            "message_id": str(self.content["message-id"] or ""),
            "headers": {name.lower(): str(value) for name, value in self.content.items()},
            "text": self.text(),
            "html": self.html(),
            "links": list(dict.fromkeys(LINK.findall(self.text()))),
            "attachments": [
                {
                    "name": file.get_filename() or "invitation.ics",
                    "type": file.get_content_type(),
                    "url": f"/messages/{self.number}/files/{place}",
                    "content": str(file.get_content()) if file.get_content_maintype() == "text"
                    else None,
                }
                for place, file in enumerate(self.files())
            ],
        }  # fmt: skip

    def _body(self, kind: str) -> str:
        part = self.content.get_body(preferencelist=(kind,))
        return str(part.get_content()) if part else ""


class Mailbox:
    """The letters of one folder, and the SMTP side that fills it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.faults: list[Fault] = []
        self.letters = list(self._found())

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's hook
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Say the fault ordered for *address*, else take it."""
        del server, session
        fault = self._fault(address, dropping=False)
        if fault:
            return fault.reply
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 Go on"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's hook
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Keep the letter before answering, so that a kill after the answer loses nothing."""
        del session
        self._keep(envelope)
        if any(self._fault(address, dropping=True) for address in envelope.rcpt_tos):
            cast("Any", server.transport).abort()
        return TAKEN

    def _fault(self, address: str, *, dropping: bool) -> Fault | None:
        for fault in self.faults:
            if fault.meets(address) and (fault.reply == DROP) == dropping:
                fault.times -= 1
                return fault
        return None

    def _keep(self, envelope: Envelope) -> None:
        number = len(self.letters) + 1
        name = self.folder / f"{number:06}.eml"
        taken_at = datetime.now(UTC).isoformat()
        head = "".join(
            f"{name}: {value}\r\n"
            for name, value in (
                ("X-Sink-From", envelope.mail_from or ""),
                ("X-Sink-To", ",".join(str(address) for address in envelope.rcpt_tos)),
                ("X-Sink-At", taken_at),
            )
        )
        content = envelope.content or b""
        whole = head.encode() + (content.encode() if isinstance(content, str) else content)
        name.with_suffix(".part").write_bytes(whole)
        name.with_suffix(".part").rename(name)
        self.letters.append(_read(number, whole))

    def _found(self) -> Iterator[Mailed]:
        for number, file in enumerate(sorted(self.folder.glob("*.eml")), start=1):
            yield _read(number, file.read_bytes())


def _read(number: int, whole: bytes) -> Mailed:
    # SMTPUTF8 off: headers are ASCII, so what stands in the file is what was sent
    content = message_from_bytes(whole, policy=policy.default)
    sender, to, at = (str(content[f"x-sink-{name}"] or "") for name in ("from", "to", "at"))
    for name in ("x-sink-from", "x-sink-to", "x-sink-at"):
        del content[name]
    return Mailed(number, sender, tuple(to.split(",")), at, content)
