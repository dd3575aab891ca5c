"""SMTP's lines: which command a reply answers."""

from collections import deque

from tests.faults.proxy.framing import Piece, Unreadable

START_INPUT = b"354"
ENDED = "."


class SmtpFraming:
    """One line to a mail server, unencrypted; a command may follow another unanswered."""

    def __init__(self) -> None:
        self._asked = b""
        self._answered = b""
        self._reply = b""
        self._letter = False
        self._open = deque(["CONNECT"])

    def asked(self, data: bytes) -> None:
        """As Framing's."""
        *lines, self._asked = (self._asked + data).split(b"\r\n")
        for line in lines:
            if self._letter:
                if line == b".":
                    self._letter = False
                    self._open.append(ENDED)
            else:
                self._open.append(line.split(b" ", 1)[0].decode().upper())

    def answered(self, data: bytes) -> list[Piece]:
        """As Framing's; a piece is a whole reply, however many lines it has."""
        pieces: list[Piece] = []
        *lines, self._answered = (self._answered + data).split(b"\r\n")
        for line in lines:
            self._reply += line + b"\r\n"
            if line[3:4] == b"-":
                continue
            if not self._open:
                raise Unreadable("a reply of the mail server to nothing")
            kind = self._open.popleft()
            self._letter = self._letter or (kind == "DATA" and line.startswith(START_INPUT))
            pieces.append((self._reply, kind))
            self._reply = b""
        return pieces
