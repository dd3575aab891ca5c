"""Where the cells are played: the whole system, people around it, and a judge."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psycopg

from services.embedded.disk import DiskNotMade, SmallDisk
from services.embedded.kafka import Broker
from services.embedded.quiet import wait_until_quiet
from services.embedded.supervisor import SERVICES, Supervisor
from tests.embedded.folders import reachable
from tests.faults.judge import Judge, Verdict
from tests.faults.paths import Paths, between
from tests.faults.people import coordinating, replying
from tests.faults.report import Row
from tests.faults.traffic import Plan, Traffic
from tests.waiting import until

SETTINGS = {
    "P2A_REVIEW_HOLDING": "PT0S",
    "P2A_ROUND_SETTLE_LIMIT": "PT1S",
    # what a killed notifier had in hand is parked after this; above a letter's own time
    "P2A_LEASE": "PT6S",
    "P2A_SMTP_TIMEOUT": "PT3S",
    "P2A_RETRY_UNIT": "PT0.2S",
}
# records taken before a fault begins, and calls made while it lasts
WARM, DURING = 6, 12
FLOW_LIMIT = 60.0
QUIET_LIMIT = 90.0
# each learner makes every later round longer
WORN = 900
# mebibytes: PostgreSQL's logs ahead of its tables take most of it
DISK = 400

Times = Callable[[], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """
    One fault against one service.

    *breaks* begins it, and ends it when its block is left; what it yields says how often it
    happened so far. A cell lasts until it happened *least* times. *short* ones may be played in
    `make test`.
    """

    fault: str
    service: str
    breaks: Callable[[Arena], AbstractContextManager[Times]]
    least: int = 1
    short: bool = True
    brokers: frozenset[str] = frozenset({"embedded", "apache"})

    @property
    def family(self) -> str:
        """The module of `breaks` it is from."""
        return str(getattr(self.breaks, "func", self.breaks).__module__)

    def __str__(self) -> str:
        return f"{self.fault}-{self.service}".replace(" ", "-")


class Arena:
    """A running system whose services reach every server through proxies of their own."""

    def __init__(self, whole: Supervisor, paths: Paths, broker: str, seed: int) -> None:
        self.whole = whole
        self.paths = paths
        self.broker = broker
        self.broken = False
        self.replicas = 0
        self.disk: SmallDisk | None = None
        plan = Plan(seed, datetime.now(UTC).date())
        self.traffic = Traffic(whole.url("intake"), whole.intake_key, plan)
        self.coordinator = coordinating(whole.url("review"))
        self.replier = replying(whole.mail, seed)
        self.judge = Judge(whole, self.traffic)

    @property
    def worn(self) -> bool:
        """Whether another cell had better be played in a new one."""
        return self.broken or len(self.traffic.answered) > WORN

    @property
    def database(self) -> str:
        """Its address as psycopg takes it."""
        return self.whole.postgres.dsn().replace("+psycopg", "")

    def waiting(self, service: str, part: str) -> int:
        """How much *part* of *service* has still to do; 0 while it does not answer."""
        try:
            answer = httpx.get(f"{self.whole.url(service)}/status", timeout=5)
        except httpx.HTTPError:
            return 0
        return int(answer.json().get("waiting", {}).get(part, 0))

    def heard(self, words: str, *services: str) -> Times:
        """How often *words* stand in the logs of *services*, or of all, from now on."""
        logs = [self.whole.folder / f"{name}.log" for name in services or SERVICES]
        starts = [log.stat().st_size for log in logs]

        def count() -> int:
            pairs = zip(logs, starts, strict=True)
            return sum(log.read_bytes()[start:].count(words.encode()) for log, start in pairs)

        return count

    def play(self, cell: Cell) -> tuple[Row, Verdict]:
        """Traffic, the fault, the end of it, quiet, judgement. A failure leaves it broken."""
        self.broken = True
        self._resume()
        self._flow(WARM, lambda: len(self.traffic.answered))
        with cell.breaks(self) as times:
            self._flow(DURING, lambda: self.traffic.attempts)
            until(lambda: times() >= cell.least, limit=FLOW_LIMIT, what=f"{cell} to happen")
            felt = times()
        ended = time.monotonic()
        self._pause()
        self._settle()
        verdict = self.judge.verdict()
        row = Row(
            place=0, broker=self.broker, fault=cell.fault, service=cell.service, times=felt,
            events=verdict.events, lost=len(verdict.lost), doubled=len(verdict.doubled),
            amiss=len(verdict.amiss), recovery=verdict.looked_at - ended,
        )  # fmt: skip
        self.broken = False
        return row, verdict

    def close(self) -> None:
        """Everybody goes home."""
        for person in (self.traffic, self.coordinator, self.replier):
            person.close()

    def _resume(self) -> None:
        for person in (self.traffic, self.coordinator, self.replier):
            person.resume()

    def _pause(self) -> None:
        for person in (self.traffic, self.coordinator, self.replier):
            person.pause()

    def _flow(self, more: int, count: Callable[[], int]) -> None:
        enough = count() + more
        until(lambda: count() >= enough, limit=FLOW_LIMIT, what=f"{more} records")

    def _settle(self) -> None:
        """Nothing waits anywhere, and no letter waits for another attempt."""
        urls = {name: self.whole.url(name) for name in SERVICES}
        until(lambda: self._letters() == 0, limit=QUIET_LIMIT, what="the last letter")
        wait_until_quiet(urls, limit=QUIET_LIMIT)
        until(lambda: self._letters() == 0, limit=QUIET_LIMIT, what="the last letter")

    def _letters(self) -> int:
        with psycopg.connect(self.database) as connection:
            states = "select count(*) from notifier.letter where state in ('pending', 'sending')"
            (count,) = connection.execute(states).fetchone() or (0,)
            return int(count)


@contextmanager
def opened(broker: Callable[..., Broker], name: str, seed: int) -> Iterator[Arena]:
    """An arena on a *broker* of its own, made by a folder; *name* stands in its rows."""
    with ExitStack() as stack:
        folder = stack.enter_context(reachable())
        whole = Supervisor(folder / "all", SETTINGS, broker=broker(folder / "broker"))
        stack.callback(whole.stop)
        disk = _small_disk(stack, folder / "disk")
        if disk is not None:
            whole.postgres.data = disk.folder / "data"
        whole.start_servers()
        paths = stack.enter_context(between(whole))
        whole.start(*SERVICES)
        arena = Arena(whole, paths, name, seed)
        arena.disk = disk
        stack.callback(arena.close)
        yield arena


def _small_disk(stack: ExitStack, folder: Path) -> SmallDisk | None:
    """Where PostgreSQL may run out of room; None where no disk can be mounted."""
    try:
        return stack.enter_context(SmallDisk(folder, mebibytes=DISK))
    except DiskNotMade:
        return None
