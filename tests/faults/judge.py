"""What a cell is judged by: the whole history so far, of which every fault is told once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg

from schemas.envelope import Event
from services.embedded import facts
from services.embedded.supervisor import SERVICES, Supervisor
from tests.faults.traffic import Traffic

Finding = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is new since the last one: events on the topics, and findings as (name, words)."""

    events: int
    lost: list[Finding]
    doubled: list[Finding]
    amiss: list[Finding]


class Judge:
    """Reads everything when the system is quiet."""

    def __init__(self, whole: Supervisor, traffic: Traffic) -> None:
        self._whole = whole
        self._traffic = traffic
        self._told: set[Finding] = set()
        self._events = 0

    def verdict(self) -> Verdict:
        """Judge the history up to now."""
        records = asyncio.run(facts.records(self._whole.kafka.bootstrap))
        events = facts.events(records)
        new = len(events) - self._events
        self._events = len(events)
        return Verdict(
            new,
            self._new(self._lost(records, events)),
            self._new(self._doubled(events)),
            self._new(self._amiss(records)),
        )

    def _new(self, found: Iterator[Finding]) -> list[Finding]:
        news = [one for one in found if one not in self._told]
        self._told |= set(news)
        return news

    def _lost(self, records: list[facts.Record], events: list[Event]) -> Iterator[Finding]:
        known = {event.key for event in events}
        for answered in self._traffic.answered:
            if answered.about.encode() not in known and answered.about not in known:
                yield "no effect", answered.about
        ids = {r.headers["ce_id"].decode() for r in records if "ce_id" in r.headers}
        with psycopg.connect(self._whole.postgres.dsn().replace("+psycopg", "")) as connection:
            for name in SERVICES:
                rows = connection.execute(
                    f"select id::text, published_at is null from {name}.outbox".encode()
                )
                for id_, unsent in rows:
                    if unsent or id_ not in ids:
                        yield "unsent", f"{name} {id_}"

    def _doubled(self, events: list[Event]) -> Iterator[Finding]:
        mails = Counter(mail["message_id"] for mail in self._whole.mail.messages())
        for message_id, times in mails.items():
            if times > 1:
                yield "letter twice", message_id
        for vacancy, (most, pledged) in facts.exceeded(events).items():
            yield "pledge exceeded", f"{vacancy} {most} of {pledged}"

    def _amiss(self, records: list[facts.Record]) -> Iterator[Finding]:
        for record in records:
            if record.topic.endswith(facts.DEAD):
                yield "dead letter", f"{record.topic} {record.headers}"
