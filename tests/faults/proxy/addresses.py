"""The addresses in a broker's replies, replaced by those of the proxies in front of it."""

from collections.abc import Mapping
from struct import Struct

from tests.faults.proxy.framing import Unreadable

INT16, INT32 = Struct(">h"), Struct(">i")
HOST = b"127.0.0.1"
# from these versions on strings are compact, and everything ends in tags
FLEXIBLE = {"Metadata": 9, "FindCoordinator": 3}
NEWEST = {"Metadata": 12, "FindCoordinator": 6}
SEVERAL_COORDINATORS = 4


def readdressed(kind: str, version: int, body: bytes, addresses: Mapping[int, int]) -> bytes:
    """
    The reply *body* (what follows its correlation id), going by *addresses*: port for port.

    Raises Unreadable for a version or a broker it does not know: a client would go past us.
    """
    if version > NEWEST[kind]:
        raise Unreadable(f"{kind} of version {version}: the newest known is {NEWEST[kind]}")
    copy = Copy(body, addresses, compact=version >= FLEXIBLE[kind])
    if copy.compact:
        copy.tags()  # the header's
    if kind == "Metadata":
        _brokers(copy, version)
    else:
        _coordinators(copy, version)
    return copy.done()


def _brokers(copy: "Copy", version: int) -> None:
    if version >= 3:
        copy.skip(INT32.size)
    for _ in range(copy.count()):
        copy.skip(INT32.size)
        copy.address()
        if version >= 1:
            copy.string()  # rack
        if copy.compact:
            copy.tags()


def _coordinators(copy: "Copy", version: int) -> None:
    if version >= 1:
        copy.skip(INT32.size)
    if version < SEVERAL_COORDINATORS:
        copy.skip(INT16.size)
        if version >= 1:
            copy.string()  # error message
        copy.skip(INT32.size)
        copy.address()
        return
    for _ in range(copy.count()):
        copy.string()  # the group
        copy.skip(INT32.size)
        copy.address()
        copy.skip(INT16.size)
        copy.string()
        copy.tags()


class Copy:
    """Reads a body from its start and copies it, addresses exchanged."""

    def __init__(self, body: bytes, addresses: Mapping[int, int], *, compact: bool) -> None:
        self.compact = compact
        self._body = body
        self._addresses = addresses
        self._at = 0
        self._copied = 0
        self._out: list[bytes] = []

    def done(self) -> bytes:
        """All of it."""
        return b"".join((*self._out, self._body[self._copied :]))

    def skip(self, size: int) -> None:
        """Leave *size* bytes as they are."""
        self._at += size

    def count(self) -> int:
        """How many elements an array has, 0 for null."""
        return max(0, self._varint() - 1 if self.compact else self._int(INT32))

    def string(self) -> None:
        """Leave a string, or null, as it is."""
        self.skip(max(0, self._varint() - 1 if self.compact else self._int(INT16)))

    def tags(self) -> None:
        """Leave tagged fields as they are."""
        for _ in range(self._varint()):
            self._varint()
            self.skip(self._varint())

    def address(self) -> None:
        """Exchange a host and a port; -1 is nobody's, as in a reply without a coordinator."""
        start = self._at
        self.string()
        port = self._int(INT32)
        if port <= 0:
            return
        if port not in self._addresses:
            raise Unreadable(f"a broker names port {port}, in front of which is no proxy")
        size = bytes([len(HOST) + 1]) if self.compact else INT16.pack(len(HOST))
        ours = size + HOST + INT32.pack(self._addresses[port])
        self._out += [self._body[self._copied : start], ours]
        self._copied = self._at

    def _int(self, form: Struct) -> int:
        (found,) = form.unpack_from(self._body, self._at)
        self._at += form.size
        return int(found)

    def _varint(self) -> int:
        value = shift = 0
        while True:
            byte = self._body[self._at]
            self._at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value
