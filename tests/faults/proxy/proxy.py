"""A proxy in front of one server, in a thread of its own, told synchronously what to do."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from functools import partial
from threading import Thread
from typing import Any, Self

from tests.faults.proxy.faults import Armed, Fault, HalfOpen, Reset
from tests.faults.proxy.framing import Framing
from tests.faults.proxy.kafka import KafkaFraming
from tests.faults.proxy.line import Line
from tests.faults.proxy.postgres import PostgresFraming
from tests.faults.proxy.smtp import SmtpFraming

LIMIT = 10.0

KAFKA = KafkaFraming
POSTGRES = PostgresFraming
SMTP = SmtpFraming
Speaks = type[KafkaFraming] | type[PostgresFraming] | type[SmtpFraming]


class Proxy:
    """
    Hands on what comes to 127.0.0.1:*port* to *target*, and does what it is told meanwhile.

    The server may go and come back: it is reached anew for every connection. *addresses* maps
    brokers' ports to those of their proxies, one mapping for the proxies of a cluster.
    """

    def __init__(
        self, target: tuple[str, int], speaks: Speaks, *, addresses: dict[int, int] | None = None
    ) -> None:
        self.target = target
        self.lines: set[Line] = set()
        self.complaints: list[Exception] = []
        self.accepted = 0
        self._armed: list[Armed] = []
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        known = {} if addresses is None else addresses
        known[target[1]] = self.port
        self._framing: Callable[[], Framing] = (
            partial(KafkaFraming, known) if speaks is KafkaFraming else speaks
        )
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name=f"proxy {self.port}", daemon=True)

    @property
    def address(self) -> str:
        """Where to connect, as host:port."""
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Listen."""
        self._thread.start()
        self._in_loop(self._listen())

    def stop(self) -> None:
        """End every line; raises what the proxy did not understand, if there was anything."""
        self._in_loop(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(LIMIT)
        self._loop.close()
        if self.complaints:
            raise self.complaints[0]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def arm(self, fault: Fault) -> Armed:
        """Let *fault* happen from now on; it has begun when this returns."""
        armed = Armed(fault)
        self._in_loop(self._begin(armed))
        return armed

    def clear(self) -> None:
        """No fault from now on; what is half-open stays so, and new lines are as they should be."""
        self._in_loop(self._forget())

    def met(self, kind: str) -> Armed | None:
        """The fault that a reply of *kind* meets."""
        return next((armed for armed in self._armed if armed.meets(kind)), None)

    def accept(self, line: Line) -> None:
        """A client is there: reach the server for it."""
        self.accepted += 1
        self.lines.add(line)
        for armed in self._armed:
            if isinstance(armed.fault, HalfOpen) and armed.fault.newcomers:
                line.mute(armed, armed.fault.way)
        line.connecting = self._loop.create_task(line.connect(*self.target))

    async def _listen(self) -> None:
        self._server = await self._loop.create_server(self._new_client, sock=self._socket)

    def _new_client(self) -> asyncio.Protocol:
        return Line(self, self._framing()).client

    async def _begin(self, armed: Armed) -> None:
        fault = armed.fault
        if fault.kind is not None:
            self._armed.append(armed)
        elif isinstance(fault, Reset):
            armed.hits += len(self.lines)
            for line in list(self.lines):
                line.reset()
        elif isinstance(fault, HalfOpen):
            for line in self.lines:
                line.mute(armed, fault.way)
            if fault.newcomers:
                self._armed.append(armed)
        else:
            raise TypeError(f"of which reply? {fault}")

    async def _forget(self) -> None:
        self._armed.clear()

    async def _end(self) -> None:
        self._server.close()
        for line in list(self.lines):
            line.reset()
        while self.lines:  # noqa: ASYNC110 - asyncio tells of each end a turn later
            await asyncio.sleep(0)

    def _in_loop(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(LIMIT)
