"""The driver: seeded, every blow felt by a real process, and the same again from its log."""

import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from services.embedded.processes import Child
from tests.faults.driver import FREEZE, KILL, Blow, Driver, blows, logged
from tests.waiting import until

SLEEPER = "import signal, time; print('up', flush=True); signal.pause()"


class Sleepers:
    """What the driver asks of a Supervisor, over processes that do nothing."""

    def __init__(self, folder: Path, *names: str) -> None:
        self.folder = folder
        self.services: dict[str, Child] = {}
        for name in names:
            self.launch(name)

    def launch(self, name: str) -> Child:
        log = self.folder / f"{name}.log"
        child = Child(name=name, command=[sys.executable, "-c", SLEEPER], log=log)
        self.services[name] = child
        child.start()
        return child

    def ready(self, name: str) -> bool:
        return self.services[name].running

    def stop(self) -> None:
        for child in self.services.values():
            child.resume()
            child.kill()


def test_the_same_seed_gives_the_same_blows() -> None:
    """Some of each kind against each service, and none against one that is still down."""
    first, again = list(blows(7, seconds=300)), list(blows(7, seconds=300))
    assert first == again != list(blows(8, seconds=300))
    assert {blow.victim for blow in first} == {"intake", "matcher", "review", "notifier"}
    assert {blow.act for blow in first} == {KILL, FREEZE}
    assert 60 <= len(first) <= 150
    for victim in ("intake", "matcher", "review", "notifier"):
        mine = [blow for blow in first if blow.victim == victim]
        assert all(a.at + a.held < b.at for a, b in pairwise(mine))


def test_every_blow_falls_and_is_written_down(tmp_path: Path) -> None:
    sleepers: Any = Sleepers(tmp_path, "one", "two")
    pids = {name: child.pid for name, child in sleepers.services.items()}
    planned = [
        Blow(victim="one", act=KILL, held=0.1, at=0.05),
        Blow(victim="two", act=FREEZE, held=0.4, at=0.1),
    ]
    log = tmp_path / "blows.jsonl"
    driver = Driver(supervisor=sleepers, blows=planned, log=log, taken=lambda: 42)
    states = set()
    try:
        driver.drive(lambda: states.add(_state(pids["two"])))
        assert sleepers.services["one"].pid != pids["one"]
        assert sleepers.services["two"].pid == pids["two"]
        assert "T" in states
        until(lambda: _state(pids["two"]) == "S", what="the thaw")
    finally:
        sleepers.stop()
    assert [(b.victim, b.act, b.held, b.events) for b in logged(log)] == [
        ("one", KILL, 0.1, 42), ("two", FREEZE, 0.4, 42),
    ]  # fmt: skip
    assert driver.counts() == {("one", KILL): 1, ("two", FREEZE): 1}


def test_a_log_is_struck_again_by_its_events(tmp_path: Path) -> None:
    """Victims, order and how many events had come: not the seconds, which never repeat."""
    log = tmp_path / "first.jsonl"
    log.write_text(
        '{"nth": 1, "victim": "two", "act": "kill", "held": 0.0, "at": 900.0, "events": 10}\n'
        '{"nth": 2, "victim": "one", "act": "kill", "held": 0.0, "at": 901.0, "events": 20}\n'
        '{"nth": 3, "victim": "one", "act": "kill", "held": 0.0, "at": 902.0, "events": 20}\n'
    )
    sleepers: Any = Sleepers(tmp_path, "one", "two")
    taken = iter([*range(21), *[25] * 100])
    again = tmp_path / "again.jsonl"
    driver = Driver(supervisor=sleepers, blows=logged(log), log=again, taken=lambda: next(taken))
    try:
        driver.drive()
    finally:
        sleepers.stop()
    assert [blow.victim for blow in logged(again)] == ["two", "one", "one"]
    assert [blow.events for blow in logged(again)] == [11, 25, 25]


def test_a_service_that_fell_by_itself_is_not_taken_for_one_of_ours(tmp_path: Path) -> None:
    sleepers: Any = Sleepers(tmp_path, "one")
    sleepers.services["one"].kill()
    planned = [Blow(victim="one", act=KILL, held=0.0, at=0.0)]
    driver = Driver(
        supervisor=sleepers, blows=planned, log=tmp_path / "blows.jsonl", taken=lambda: 0
    )
    with pytest.raises(AssertionError, match="one fell by itself"):
        driver.drive()


def _state(pid: int | None) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
