"""One line through a proxy: a client's connection, ours to the server, and what is done to it."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from tests.faults.proxy.ends import End
from tests.faults.proxy.faults import Armed, DelayReply, HalfOpen, LoseReply, Reset, Way
from tests.faults.proxy.framing import Framing, Piece

if TYPE_CHECKING:
    from tests.faults.proxy.proxy import Proxy


class Line:
    """What a client says goes on as it is; a reply may meet a fault."""

    def __init__(self, proxy: Proxy, framing: Framing) -> None:
        self.client = End(self, Way.ASKED)
        self.server = End(self, Way.ANSWERED)
        self.connecting: asyncio.Task[None] | None = None
        self._proxy = proxy
        self._framing = framing
        self._replies: deque[Piece] = deque()
        self._waiting = False
        self._muted: dict[Way, Armed] = {}
        self._felt: list[Armed] = []

    async def connect(self, host: str, port: int) -> None:
        """Reach the server; if it is away the client is reset, since we did accept it."""
        try:
            await asyncio.get_running_loop().create_connection(lambda: self.server, host, port)
        except OSError:
            self.reset()
        if self.client.closed:
            self.server.close()
        else:
            self.client.resume()

    def mute(self, armed: Armed, way: Way) -> None:
        """Swallow from now on all that goes that *way*."""
        for one in way:
            self._muted.setdefault(one, armed)

    def reset(self) -> None:
        """End it the hard way on both sides."""
        self.client.reset()
        self.server.reset()

    def close(self) -> None:
        """End it in order: what was written before is delivered."""
        self.client.close()
        self.server.close()

    def opened(self, end: End) -> None:
        """A connection stands; the client's is read only when the server's does too."""
        if end is self.client:
            end.pause()
            self._proxy.accept(self)

    def other(self, end: End) -> End:
        """The one across."""
        return self.server if end is self.client else self.client

    def ended(self, end: End) -> None:
        """One end is closed: the other is too, after what was said."""
        self._proxy.lines.discard(self)
        if end is self.client or not self._waiting:
            self.close()

    def heard(self, way: Way, data: bytes) -> None:
        """Bytes came."""
        if self._swallowed(way):
            return
        try:
            if way is Way.ASKED:
                self._framing.asked(data)
                self.server.write(data)
            else:
                self._replies.extend(self._framing.answered(data))
                if not self._waiting:
                    self._pass_on()
        except Exception as why:  # noqa: BLE001 - asyncio would only log it; stop() raises it
            self._proxy.complaints.append(why)
            self.reset()

    def _pass_on(self) -> None:
        passing: list[bytes] = []
        while self._replies:
            data, kind = self._replies.popleft()
            armed = self._proxy.met(kind) if kind else None
            if armed is None:
                passing.append(data)
                continue
            self.client.write(b"".join(passing))
            passing = [data] if self._spared(armed, data) else []
            if not passing:
                return
        self.client.write(b"".join(passing))

    def _spared(self, armed: Armed, data: bytes) -> bool:
        """Let it happen; whether this reply and those after it go on nevertheless."""
        match armed.fault:
            case HalfOpen(way=way):
                self.mute(armed, way)
                if not self._swallowed(Way.ANSWERED):
                    return True
                self._replies.clear()
                return False
            case DelayReply(seconds=seconds):
                self._waiting = True
                asyncio.get_running_loop().call_later(seconds, self._late, data)
            case LoseReply():
                self._replies.clear()
                self.close()
            case Reset():
                self._replies.clear()
                self.reset()
        armed.hits += 1
        return False

    def _late(self, data: bytes) -> None:
        self._waiting = False
        if not self._swallowed(Way.ANSWERED):
            self.client.write(data)
            self._pass_on()
        if self.server.closed and not self._waiting:
            self.close()

    def _swallowed(self, way: Way) -> bool:
        armed = self._muted.get(way)
        if armed is not None and armed not in self._felt:
            self._felt.append(armed)
            armed.hits += 1
        return armed is not None
