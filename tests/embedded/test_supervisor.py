"""The supervisor's children end with it, however it ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.embedded.processes import Child
from services.embedded.supervisor import Supervisor
from tests.embedded import children
from tests.embedded.folders import reachable
from tests.waiting import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

SCRIPT = """
import signal, sys
from pathlib import Path
from services.embedded.supervisor import Stopped, supervised
try:
    with supervised(Path(sys.argv[1])) as supervisor:
        supervisor.start_servers()
        print("ready", flush=True)
        while True:
            signal.pause()
except Stopped:
    print("stopped", flush=True)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    with reachable() as path:
        yield path / "all"


@pytest.fixture
def started(folder: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(folder)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ),
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        # PostgreSQL, Valkey, the broker, the mail sink; and the script itself names the folder
        assert len(children.using(folder)) >= 5
        yield process
    finally:
        process.kill()
        process.communicate()


def test_asked_to_stop_it_leaves_nothing(folder: Path, started: subprocess.Popen[str]) -> None:
    begun = time.monotonic()
    started.send_signal(signal.SIGTERM)
    out, err = started.communicate(timeout=20)
    assert (out, err) == ("stopped\n", "")
    assert time.monotonic() - begun < 10
    assert children.using(folder) == []
    assert children.locks(folder) == []


def test_killed_it_leaves_no_process_and_no_lock(
    folder: Path, started: subprocess.Popen[str]
) -> None:
    started.kill()
    until(lambda: not children.using(folder), what="the end of every child")
    assert children.locks(folder) == []


def test_a_fallen_child_is_noticed_and_the_rest_still_stops(folder: Path) -> None:
    supervisor = Supervisor(folder)
    try:
        supervisor.start_servers()
        assert supervisor.fallen() is None
        supervisor.valkey.kill()
        fallen = supervisor.fallen()
        assert isinstance(fallen, Child)
        assert fallen.name == "Valkey"
    finally:
        supervisor.stop()
    assert children.using(folder) == []
    assert children.locks(folder) == []


def test_a_service_has_variables_of_its_own_and_starts_again(folder: Path) -> None:
    """From its next start on, over those of all; frozen it is silent, and then goes on."""
    supervisor = Supervisor(folder, {"P2A_ROUND_SETTLE": "PT1S"})
    try:
        supervisor.start_servers()
        supervisor.start("matcher")
        first = supervisor.services["matcher"].pid
        supervisor.own["matcher"] = {"P2A_ROUND_SETTLE": "PT2S"}
        supervisor.restart("matcher")
        service = supervisor.services["matcher"]
        assert service.pid
        assert service.pid != first
        told = Path(f"/proc/{service.pid}/environ").read_bytes().split(b"\0")
        assert b"P2A_ROUND_SETTLE=PT2S" in told
        service.pause()
        frozen = service.pid
        until(lambda: children.state(frozen) == "T", what="its standing still")
        assert not supervisor.ready("matcher")
        service.resume()
        until(
            lambda: supervisor.ready("matcher"), limit=60, what="the matcher, after it was frozen"
        )
    finally:
        supervisor.stop()
    assert children.using(folder) == []
