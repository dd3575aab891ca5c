"""What the three protocols have in common for a proxy: requests, and which reply is whose."""

from typing import Protocol

Piece = tuple[bytes, str | None]


class Unreadable(AssertionError):
    """Bytes came that the proxy does not understand: the test behind it would show nothing."""


class Framing(Protocol):
    """The protocol of one line."""

    def asked(self, data: bytes) -> None:
        """Note what the client sent, which goes on as it is."""

    def answered(self, data: bytes) -> list[Piece]:
        """
        What to hand the client, in order, each with the kind of request it answers.

        None is the kind of bytes no fault is about. The end of *data* may be kept back until
        its message is whole.
        """
