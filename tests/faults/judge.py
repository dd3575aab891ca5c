"""What a cell is judged by: the whole history so far, of which every finding is told once."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.audit.collecting import collect
from services.audit.history import Client, History
from services.audit.judge import findings, verdicts
from services.audit.verdict import DOUBLED, LOST, WRONG
from services.embedded.supervisor import Supervisor
from tests.faults.traffic import Traffic
from tests.privacy import assert_nobody_in

# a letter handed over at the moment its reader was forgotten may still arrive
IN_HAND = timedelta(seconds=5)
LIMIT = 60.0
# of crowd.py's people; the domain of an address alone would be found in settings
MARKERS = ("Sampleton", "Alexandrine", "learners.example.org", "hiring@")
Told = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    What is new since the last one: how many events, and findings as (kind, name, words).

    *looked_at* is the monotonic time at which nothing was on its way any more.
    """

    looked_at: float
    events: int
    lost: list[Told]
    doubled: list[Told]
    amiss: list[Told]


class Judge:
    """
    Reads everything when the system is quiet.

    ``foreign`` are records a fault wrote into topics, ``forgotten`` the addresses of learners
    that were erased, by when.
    """

    def __init__(self, whole: Supervisor, traffic: Traffic) -> None:
        self.foreign: set[str] = set()
        self.forgotten: dict[str, datetime] = {}
        self._whole = whole
        self._traffic = traffic
        self._told: set[Told] = set()
        self._events = 0
        self._mails: list[dict[str, Any]] = []
        self._read: Counter[str] = Counter()

    def verdict(self) -> Verdict:
        """
        Judge the history up to now.

        What is on its way is waited for: partitions of a dead member are nobody's until its
        session ends, and no service counts what lies there. After LIMIT seconds it is lost.
        """
        end = time.monotonic() + LIMIT
        while True:
            looked_at = time.monotonic()
            self._mails += self._whole.mail.messages(after=len(self._mails))
            history = self._history()
            if looked_at > end or not any(one.waiting for one in verdicts(history)):
                break
        new = len(history.posted) - self._events
        self._events = len(history.posted)
        found = [*self._audited(history), *self._buried(history), *self._late()]
        self._nobody_in_logs()
        news = [one for one in dict.fromkeys(found) if one not in self._told]
        self._told |= set(news)
        by_kind = {kind: [one for one in news if one[0] == kind] for kind in (LOST, DOUBLED, WRONG)}
        return Verdict(looked_at, new, by_kind[LOST], by_kind[DOUBLED], by_kind[WRONG])

    def _history(self) -> History:
        kafka, database = self._whole.kafka.bootstrap, self._whole.postgres.dsn()
        return asyncio.run(collect(kafka, database, client=self._client()))

    def _client(self) -> Client:
        ids = Counter(mail["message_id"].strip("<>").partition("@")[0] for mail in self._mails)
        return Client(
            answered={one.about: 0 for one in self._traffic.answered},
            maybe=frozenset(str(one.about) for one in self._traffic.maybe.values()),
            mails=ids,
        )

    def _audited(self, history: History) -> Iterator[Told]:
        for one in findings(history):
            if one.subject not in self.foreign:
                yield one.kind, one.invariant, f"{one.subject} {one.words}"

    def _buried(self, history: History) -> Iterator[Told]:
        """Only what a fault wrote there may be a dead letter."""
        for dead in history.dead:
            if str(dead.spot) not in self.foreign:
                yield LOST, "dead letters", f"{dead.group} {dead.spot}"

    def _late(self) -> Iterator[Told]:
        for mail in self._mails:
            (address,) = mail["to"]
            if address not in self.forgotten:
                continue
            if datetime.fromisoformat(mail["taken_at"]) > self.forgotten[address] + IN_HAND:
                yield WRONG, "erasure", f"{mail['message_id']} went to somebody erased"

    def _nobody_in_logs(self) -> None:
        """Of each log what came since it was looked at last."""
        for path in self._whole.logs():
            with path.open("rb") as log:
                log.seek(self._read[str(path)])
                content = log.read()
            self._read[str(path)] += len(content)
            assert_nobody_in(path.name, [content], MARKERS)
