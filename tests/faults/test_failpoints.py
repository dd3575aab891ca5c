"""Failpoints: refused when misspelt, nothing when off, and each action what it says."""

import ast
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from services.delivery import failpoints
from services.delivery.failpoints import PLACES, Armed, Planted, UnknownFailpoint, armed, reaching
from tests.repository.tree import text_of, tracked
from tests.waiting import until

REACHED = re.compile(r'\breach\("([^"]+)"\)')
# a process that reaches a place three times and says so; its standard output is the log's
THRICE = """
import sys
from services.delivery.failpoints import reach
for nth in (1, 2, 3):
    try:
        reach("relay.acked")
    except OSError as error:
        print(type(error).__name__, file=sys.stderr)
    print(nth, file=sys.stderr)
"""


def _process(words: str | None) -> "subprocess.Popen[str]":
    armed = {} if words is None else {failpoints.VARIABLE: words}
    return subprocess.Popen(
        [sys.executable, "-c", THRICE],
        env=_plain() | armed, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_every_place_is_reached_somewhere_and_no_other_is() -> None:
    found = {place for path in tracked("services/*.py") for place in REACHED.findall(text_of(path))}
    assert found == PLACES.keys()


@pytest.mark.parametrize(
    "words",
    [
        "relay.ackd=kill",
        "relay.acked=explode",
        "relay.acked",
        "relay.acked=kill@0",
        "relay.acked=kill@soon",
        "relay.acked=stop,nowhere=kill",
    ],
)
def test_what_names_no_place_or_action_is_refused(words: str) -> None:
    """A misspelt failpoint would otherwise prove that nothing breaks."""
    with pytest.raises(UnknownFailpoint):
        armed(words)


def test_what_is_armed_is_read_from_its_words() -> None:
    assert armed("") == {}
    assert armed("consumer.committed=kill@3, relay.acked=stop") == {
        "consumer.committed": Armed("kill", 3),
        "relay.acked": Armed("stop", 1),
    }


def test_a_service_told_of_an_unknown_place_does_not_start() -> None:
    """In words for whoever set it, before anything is connected."""
    matcher = {
        "P2A_DATABASE_URL": "postgresql+psycopg://nobody@127.0.0.1:1/none",
        "P2A_KAFKA_BOOTSTRAP": "127.0.0.1:1",
        "P2A_VALKEY_URL": "redis://127.0.0.1:1/0",
        failpoints.VARIABLE: "relay.ackd=kill",
    }
    done = subprocess.run(
        [sys.executable, "-m", "services.cli", "run", "matcher"],
        env=_plain() | matcher, capture_output=True, text=True, check=False, timeout=25,
    )  # fmt: skip
    assert done.returncode == 2
    assert "P2A_FAILPOINTS: no failpoint 'relay.ackd'; there are consumer.claimed" in done.stderr
    assert "Traceback" not in done.stderr


def test_off_it_is_a_function_that_does_nothing() -> None:
    """No dictionary, no condition, nothing that is looked up: an empty call."""
    assert reaching({}) is failpoints.reach is failpoints._nothing
    (nothing,) = (
        node
        for node in ast.parse(text_of(Path("services/delivery/failpoints.py"))).body
        if isinstance(node, ast.FunctionDef) and node.name == "_nothing"
    )
    assert [type(statement) for statement in nothing.body] == [ast.Pass]


def test_it_acts_at_the_nth_time_alone() -> None:
    reach = reaching({"relay.read": Armed("raise", 2)})
    reach("relay.read")
    reach("relay.acked")
    with pytest.raises(Planted, match=r"relay\.read"):
        reach("relay.read")
    reach("relay.read")


def test_killed_at_the_second_time_it_ends_with_137() -> None:
    process = _process("relay.acked=kill@2")
    log, said = process.communicate(timeout=20)
    assert (process.returncode, said.split()) == (137, ["1"])
    assert "failpoints are armed" in log
    assert re.search(r"critical.*failpoint .*kill.*relay\.acked", log)


def test_raised_it_goes_on_as_the_caller_decides() -> None:
    process = _process("relay.acked=raise@2")
    _, said = process.communicate(timeout=20)
    assert (process.returncode, said.split()) == (0, ["1", "Planted", "2", "3"])


def test_stopped_it_stands_until_it_is_continued() -> None:
    process = _process("relay.acked=stop@2")
    until(lambda: _state(process.pid) == "T", what="the stop")
    process.send_signal(signal.SIGCONT)
    _, said = process.communicate(timeout=20)
    assert (process.returncode, said.split()) == (0, ["1", "2", "3"])


def test_unarmed_nothing_happens() -> None:
    process = _process(None)
    log, said = process.communicate(timeout=20)
    assert (process.returncode, said.split(), log) == (0, ["1", "2", "3"], "")


def _plain() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("P2A_")}


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
