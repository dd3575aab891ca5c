"""
A driver that kills and freezes services, seeded, and writes down each blow to be struck again.

The log has a JSON object a line: `nth`, `victim`, `act`, `held` (seconds it stayed down), `at`
(seconds since the start) and `events` (how many had been taken when it fell).
"""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path

from services.embedded.supervisor import SERVICES, Supervisor

KILL, FREEZE = "kill", "freeze"
LOOK = 0.05
READY_LIMIT = 90.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Blow:
    """
    What happens to *victim*: killed, or frozen for *held* seconds; a killed one stays away so long.

    It falls *at* that many seconds after the start, or, struck again from a log, once so many
    *events* have been taken.
    """

    victim: str
    act: str
    held: float
    at: float
    events: int | None = None


def blows(
    seed: int,
    *,
    seconds: float,
    every: tuple[float, float] = (2.0, 5.0),
    freezes: float = 0.25,
    frozen: tuple[float, float] = (1.0, 6.0),
    rest: float = 4.0,
    victims: Sequence[str] = SERVICES,
) -> Iterator[Blow]:
    """
    Blows for so many *seconds*, one *every* few, the same for the same seed.

    A share of them *freezes*. Whoever was struck is let alone for *rest* seconds once it is back,
    so that each comes to work between two blows.
    """
    chance = random.Random(seed)
    free_from = dict.fromkeys(victims, 0.0)
    at = chance.uniform(*every)
    while at < seconds:
        free = [victim for victim in victims if free_from[victim] <= at]
        if free:
            victim = chance.choice(free)
            act = FREEZE if chance.random() < freezes else KILL
            held = chance.uniform(*frozen) if act == FREEZE else chance.uniform(0.0, 1.0)
            free_from[victim] = at + held + rest
            yield Blow(victim=victim, act=act, held=round(held, 2), at=round(at, 2))
        at += chance.uniform(*every)


def logged(log: Path) -> list[Blow]:
    """The blows of a *log*, to be struck again: the same victims in the same order."""
    return [
        Blow(**{name: line[name] for name in ("victim", "act", "held", "at", "events")})
        for line in map(json.loads, log.read_text().splitlines())
    ]


@dataclass(kw_only=True)
class Driver:
    """
    Strikes *blows* against the services of *supervisor*, in the caller's thread.

    Not in one of its own: the kernel ends a child when the thread that started it ends. *taken*
    counts the events so far. What was struck is in ``struck`` and in *log*.
    """

    supervisor: Supervisor
    blows: Iterable[Blow]
    log: Path
    taken: Callable[[], int]
    struck: list[Blow] = field(default_factory=list)
    _down: list[tuple[float, Blow]] = field(default_factory=list)
    _began: float = 0.0

    def drive(self, watch: Callable[[], object] = lambda: None) -> None:
        """
        Strike every blow; back when the last victim is up again and all services answer.

        *watch* is called all the time, and may raise to end it.
        """
        self._began = time.monotonic()
        try:
            for blow in self.blows:
                while not self._due(blow):
                    self._pass(watch)
                # a replay goes by events, and may be faster than the run it repeats
                while any(down.victim == blow.victim for _, down in self._down):
                    self._pass(watch)
                self._strike(blow)
            while self._down:
                self._pass(watch)
        finally:
            self._mend(now=float("inf"))
        for name, child in self.supervisor.services.items():
            child.wait_until(partial(self.supervisor.ready, name), limit=READY_LIMIT)

    def counts(self) -> Counter[tuple[str, str]]:
        """How often which act befell whom."""
        return Counter((blow.victim, blow.act) for blow in self.struck)

    def _pass(self, watch: Callable[[], object]) -> None:
        self._mend()
        watch()
        time.sleep(LOOK)

    def _due(self, blow: Blow) -> bool:
        if blow.events is None:
            return self._elapsed() >= blow.at
        return self.taken() >= blow.events

    def _strike(self, blow: Blow) -> None:
        child = self.supervisor.services[blow.victim]
        assert child.running, f"{blow.victim} fell by itself\n{child.last_lines()}"
        events = self.taken()
        if blow.act == FREEZE:
            child.pause()
        else:
            child.kill()
        fallen = replace(blow, at=round(self._elapsed(), 2), events=events)
        self.struck.append(fallen)
        with self.log.open("a") as out:
            out.write(json.dumps({"nth": len(self.struck)} | asdict(fallen)) + "\n")
        self._down.append((time.monotonic() + blow.held, fallen))

    def _mend(self, now: float | None = None) -> None:
        now = now or time.monotonic()
        for each in [each for each in self._down if each[0] <= now]:
            self._down.remove(each)
            if each[1].act == FREEZE:
                self.supervisor.services[each[1].victim].resume()
            else:
                self.supervisor.launch(each[1].victim)

    def _elapsed(self) -> float:
        return time.monotonic() - self._began
