"""One child process: started with its own log, stopped for certain, never left behind."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import SystemRandom

START_LIMIT = 30.0
STOP_LIMIT = 15.0
LAST_LINES = 15
PR_SET_PDEATHSIG = 1  # linux/prctl.h
PORTS = range(20_000, 32_768)  # the kernel's own begin behind them (ip_local_port_range)
TRIES = 100


class ServerDidNotStart(RuntimeError):
    """An embedded server gave up or stayed silent; the message holds its log's end."""


def free_port() -> int:
    """
    A loopback port nobody listens on at this moment.

    Of those that no outgoing connection is given: one the kernel chose may be taken by such a
    connection before the server that is to have it has started.
    """
    for port in SystemRandom().sample(PORTS, TRIES):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError(f"no port free among {TRIES} from {PORTS[0]} to {PORTS[-1]}")


@dataclass(frozen=True, slots=True)
class Account:
    """Whom a child runs as, for servers that refuse to run as root."""

    user: int
    group: int


@dataclass(kw_only=True)
class Child:
    """
    A program started by us, in a session of its own so that Ctrl-C reaches only us.

    ``orphaned`` is the signal it gets from the kernel when we die without a word; where the
    kernel cannot do that (not Linux), only an orderly stop leaves nothing behind.
    """

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] | None = None
    account: Account | None = None
    polite: signal.Signals = signal.SIGTERM
    orphaned: signal.Signals = signal.SIGKILL
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process else None

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Start the program; its output is added to the log."""
        die_with_us = _die_with_parent(self.orphaned)
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                list(self.command),
                stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                env=None if self.environment is None else dict(self.environment),
                start_new_session=True,
                user=self.account.user if self.account else None,
                group=self.account.group if self.account else None,
                extra_groups=[] if self.account else None,
                cwd=self.log.parent if self.account else None,
                # after the change of account, which would clear it
                preexec_fn=die_with_us,  # noqa: PLW1509 - one system call, looked up before the fork
            )  # fmt: skip

    def wait_until(self, ready: Callable[[], bool], limit: float = START_LIMIT) -> None:
        """Come back once *ready*; raises ServerDidNotStart when it is over or too late."""
        end = time.monotonic() + limit
        while time.monotonic() < end:
            if not self.running:
                raise ServerDidNotStart(f"{self.name} ended at once\n{self.last_lines()}")
            if ready():
                return
            time.sleep(0.02)
        self.kill()
        raise ServerDidNotStart(f"{self.name} not ready after {limit:.0f} s\n{self.last_lines()}")

    def ask_to_stop(self) -> None:
        """Send the polite signal and come back at once."""
        if self.running and self.process:
            with suppress(ProcessLookupError):
                self.process.send_signal(self.polite)

    def stop(self, limit: float = STOP_LIMIT) -> None:
        """Politely, and after *limit* seconds by force; gone when this returns."""
        self.ask_to_stop()
        if self.process is not None:
            try:
                self.process.wait(timeout=limit)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """As a crash would; gone when this returns."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                self.process.send_signal(number)
            self.process.wait(timeout=STOP_LIMIT)

    def send(self, number: signal.Signals) -> None:
        """Send *number* and come back at once; nothing happens when it has ended."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                self.process.send_signal(number)

    def pause(self) -> None:
        """Freeze it: it keeps its connections and does nothing more until `resume`."""
        if self.running and self.process:
            self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on where it was frozen."""
        if self.running and self.process:
            self.process.send_signal(signal.SIGCONT)

    def last_lines(self) -> str:
        """The end of its log, for the person who must find out why."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join(f"    {line}" for line in lines[-LAST_LINES:]) or "    (nothing logged)"


def listening(port: int) -> bool:
    """Whether something accepts connections on loopback *port*."""
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _die_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def arrange() -> None:
        prctl(PR_SET_PDEATHSIG, int(number))
        if os.getppid() != parent:  # we died before the call
            os.kill(os.getpid(), number)

    return arrange
