"""PostgreSQL's lines: which message of the server says what was done."""

from struct import Struct

from tests.faults.proxy.framing import Piece, Unreadable

LENGTH = Struct(">I")
OPENING = Struct(">II")  # length, code
ENCRYPTION = {80877103, 80877104}  # TLS, GSSAPI: answered by one byte, N for no
CANCEL = 80877102
COMPLETE = ord("C")


class PostgresFraming:
    """
    One line to PostgreSQL, unencrypted.

    The kind of a reply is its command's tag, which is the same for a simple and an extended
    query: COMMIT's is COMMIT.
    """

    def __init__(self) -> None:
        self._opening: bytes | None = b""
        self._offers = 0
        self._rest = b""

    def asked(self, data: bytes) -> None:
        """As Framing's; after the opening the server's words tell everything."""
        if self._opening is None:
            return
        self._opening += data
        while len(self._opening) >= OPENING.size:
            length, code = OPENING.unpack_from(self._opening)
            if code not in ENCRYPTION:
                self._opening = None
                return
            self._offers += 1
            self._opening = self._opening[length:]

    def answered(self, data: bytes) -> list[Piece]:
        """As Framing's."""
        pieces: list[Piece] = []
        if self._offers:
            self._offers -= 1
            if data[:1] != b"N":
                raise Unreadable(f"the server takes to encryption: {data[:1]!r}")
            pieces.append((data[:1], None))
            data = data[1:]
        if data and self._opening is not None:
            raise Unreadable(f"the server speaks before it is spoken to: {data[:1]!r}")
        data = self._rest + data
        start = at = 0
        while len(data) - at > LENGTH.size:
            end = at + 1 + LENGTH.unpack_from(data, at + 1)[0]
            if end > len(data):
                break
            if data[at] == COMPLETE:
                if at > start:
                    pieces.append((data[start:at], None))
                pieces.append((data[at:end], _tag(data[at + 5 : end - 1])))
                start = end
            at = end
        if at > start:
            pieces.append((data[start:at], None))
        self._rest = data[at:]
        return pieces


def _tag(words: bytes) -> str:
    return words.split(b" ", 1)[0].decode()
