"""The chain of hashes that shows whether a recorded decision was altered or taken out."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

START = "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """
    One act of a person, and what was on their screen.

    *stream* is the vacancy's id, or the account's for acts on no vacancy; each stream is a
    chain of its own, so that decisions on two vacancies never wait for each other.
    """

    at: datetime
    account: str
    act: str
    vacancy_id: UUID | None = None
    match_id: UUID | None = None
    learner_id: UUID | None = None
    reason: str | None = None
    shown: Mapping[str, Any]

    @property
    def stream(self) -> str:
        """Which chain the entry lengthens."""
        return str(self.vacancy_id) if self.vacancy_id else f"account:{self.account}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An entry in its chain; *seq* is its place in the global log."""

    seq: int
    entry: Entry
    previous: str
    hash: str


def linked(previous: str, entry: Entry) -> str:
    """The hash of *entry* after the one that ended in *previous*."""
    facts = {
        "at": entry.at.astimezone(UTC).isoformat(),
        "account": entry.account,
        "act": entry.act,
        "vacancy_id": str(entry.vacancy_id or ""),
        "match_id": str(entry.match_id or ""),
        "learner_id": str(entry.learner_id or ""),
        "reason": entry.reason or "",
        "shown": entry.shown,
    }
    written = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{previous}\n{written}".encode()).hexdigest()


def first_break(links: Iterable[Link]) -> Link | None:
    """The first link of all chains, oldest first, that does not follow from its predecessor."""
    ends: dict[str, str] = {}
    for link in links:
        stream = link.entry.stream
        if link.previous != ends.get(stream, START) or link.hash != linked(
            link.previous, link.entry
        ):
            return link
        ends[stream] = link.hash
    return None
