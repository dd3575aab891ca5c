"""A connection of a line: the client's to us, or ours to the server."""

from __future__ import annotations

import asyncio
import socket
from struct import pack
from typing import Protocol

from tests.faults.proxy.faults import Way

AT_ONCE = pack("ii", 1, 0)  # closing sends a reset, and nothing that was still to be sent


class Between(Protocol):
    """What stands between two ends."""

    def opened(self, end: End) -> None:
        """It can be read and written."""

    def other(self, end: End) -> End:
        """The one across."""

    def heard(self, way: Way, data: bytes) -> None:
        """Bytes came."""

    def ended(self, end: End) -> None:
        """It is closed, by whomever."""


class End(asyncio.Protocol):
    """One of a line's two connections, whose bytes go *way*."""

    def __init__(self, line: Between, way: Way) -> None:
        self.closed = False
        self._line = line
        self._way = way
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """As asyncio calls it."""
        assert isinstance(transport, asyncio.Transport)
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._transport = transport
        self._line.opened(self)

    def data_received(self, data: bytes) -> None:
        """As asyncio calls it."""
        self._line.heard(self._way, data)

    def connection_lost(self, _: Exception | None) -> None:
        """As asyncio calls it."""
        self.closed = True
        self._line.ended(self)

    def pause_writing(self) -> None:
        """As asyncio calls it: the other end must not read what we cannot write."""
        self._line.other(self).pause()

    def resume_writing(self) -> None:
        """As asyncio calls it."""
        self._line.other(self).resume()

    def write(self, data: bytes) -> None:
        """Send, if there is anything and anybody."""
        if data and self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def pause(self) -> None:
        """Read no more for now."""
        if self._transport is not None:
            self._transport.pause_reading()

    def resume(self) -> None:
        """Read on."""
        if self._transport is not None:
            self._transport.resume_reading()

    def close(self) -> None:
        """Close after what is still to be sent."""
        if self._transport is not None:
            self._transport.close()

    def reset(self) -> None:
        """Close at once, by a reset."""
        if self._transport is not None and not self._transport.is_closing():
            sock = self._transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
            self._transport.abort()
