"""
Very many facts at intake's door: a few thousand learners with a long story each, and vacancies.

Each learner is enrolled, completes, changes again and again, takes a break in the middle and comes
back, so that whoever is matched is sometimes taken away. How many facts each statement comes to is
known beforehand: intake owes exactly these.
"""

from __future__ import annotations

import csv
import io
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from threading import Event, Lock
from typing import Any

import httpx

from services.intake.identities import learner_id, vacancy_id
from tests.faults import crowd

CHAPTERS = 20
# a story's facts: one a chapter, and one more both when the break begins and when it ends
FACTS = CHAPTERS + 2
FACTS_OF_A_VACANCY = 4
LEARNERS_A_FILE = 190
HANDS = 3
UKPRN = "10099001"
BUSY = {429, 500, 502, 503}
ANSWER_LIMIT = 6.0
REST = 0.2


@dataclass(frozen=True, slots=True)
class Statement:
    """One request, and the facts that intake owes for it by whom they are about."""

    path: str
    sends: dict[str, Any]
    owes: dict[str, int]


def stories(learners: range, chapter: int, today: date) -> Statement:
    """What a CSV file says of *learners* in a *chapter* of their stories."""
    told = {number: _told(number, chapter, today) for number in learners}
    heads = list(dict.fromkeys(head for row, _ in told.values() for head in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, heads, restval="")
    writer.writeheader()
    writer.writerows(row for row, _ in told.values())
    file = (f"chapter-{chapter}-{learners.start}.csv", out.getvalue().encode(), "text/csv")
    owes = {str(learner_id(UKPRN, row["reference"])): facts for row, facts in told.values()}
    return Statement("files", {"files": {"file": file}}, owes)


def _told(number: int, chapter: int, today: date) -> tuple[dict[str, Any], int]:
    _, body = crowd.learner(number, today)
    ended_on = body.pop("ended_on")
    del body["status"]
    at = datetime.combine(today, datetime.min.time(), UTC) - timedelta(days=9)
    said = {
        "ukprn": UKPRN,
        "reference": body["reference"],
        "as_of": (at + timedelta(minutes=chapter)).isoformat(),
    }
    away = 4 + number % (CHAPTERS - 6)
    if chapter == 0:
        return body | said, 1
    if chapter == 1:
        return said | {"status": "completed", "ended_on": ended_on}, 1
    if chapter == away:
        return said | {"status": "break"}, 2
    if chapter == away + 1:
        return said | {"status": "completed", "ended_on": ended_on}, 2
    return said | {"max_miles": 5 + chapter}, 1


def adverts(number: int, today: date) -> list[Statement]:
    """A vacancy's story: advertised with a pledge; other hours; the pledge raised, and shrunk."""
    _, body = crowd.advert(number, today)
    reference, about = body["vacancyReference"], str(vacancy_id("dfe", body["vacancyReference"]))
    at = datetime.combine(today, datetime.min.time(), UTC) - timedelta(days=2)

    def advert(hours: float, minutes: int) -> Statement:
        when = {"as_of": (at + timedelta(minutes=minutes)).isoformat()}
        sends = {"json": body | {"hoursPerWeek": hours}, "params": when}
        return Statement("vacancies", sends, {about: 1})

    def pledge(interviews: int, minutes: int) -> Statement:
        said = body["pledge"] | {"interviews": interviews, "vacancy": reference}
        said["as_of"] = (at + timedelta(minutes=minutes)).isoformat()
        return Statement("pledges", {"json": said}, {about: 1})

    pledged = crowd.PLEDGED
    return [advert(37.5, 0), advert(36.0, 1), pledge(pledged + 1, 2), pledge(pledged - 1, 3)]


def learners_for(events: int, vacancies: int) -> int:
    """How many learners' stories, with those of *vacancies*, come to at least *events* facts."""
    return -(-(events - FACTS_OF_A_VACANCY * vacancies) // FACTS)


class Multitude:
    """
    Hands everything in over so many *seconds*, each statement until intake has answered for it.

    What is said of one learner or vacancy is said in order. ``owed`` counts the facts answered
    for, by whom they are about; ``maybe`` what was sent without an answer so far.
    """

    def __init__(self, url: str, key: str, *, events: int, vacancies: int, seconds: float) -> None:
        self.owed: Counter[str] = Counter()
        self.retries = 0
        self.facts = 0
        self.finished_after: float | None = None
        today = datetime.now(UTC).date()
        self.learners = learners_for(events, vacancies)
        self.vacancies = vacancies
        self._url = url
        self._seconds = seconds
        self._began = time.monotonic()
        self._lock = Lock()
        self._over = Event()
        self._client = httpx.Client(
            headers={"authorization": f"Bearer {key}"}, timeout=ANSWER_LIMIT
        )
        self._pool = ThreadPoolExecutor(HANDS + 1)
        plans = [self._learners(hand, today) for hand in range(HANDS)]
        self._hands: list[Future[None]] = [
            self._pool.submit(self._hand_in, plan) for plan in (*plans, self._vacancies(today))
        ]

    def done(self) -> bool:
        """Whether all is handed in; raises what went wrong."""
        for hand in self._hands:
            if hand.done():
                hand.result()
        return all(hand.done() for hand in self._hands)

    def close(self) -> None:
        """No more of it."""
        self._over.set()
        self._pool.shutdown(cancel_futures=True)
        self._client.close()

    def _learners(self, hand: int, today: date) -> Iterator[tuple[float, Statement]]:
        """One hand's files, each with the share of the time after which it is due."""
        chunks = [
            range(start, min(start + LEARNERS_A_FILE, self.learners))
            for start in range(0, self.learners, LEARNERS_A_FILE)
        ][hand::HANDS]
        for chapter in range(CHAPTERS):
            for place, chunk in enumerate(chunks):
                yield (chapter + place / len(chunks)) / CHAPTERS, stories(chunk, chapter, today)

    def _vacancies(self, today: date) -> Iterator[tuple[float, Statement]]:
        """All are open after a third of the time; the stories' other parts come later."""
        told = [adverts(number, today) for number in range(self.vacancies)]
        for part in range(FACTS_OF_A_VACANCY):
            for number, story in enumerate(told):
                share = 0.02 + (part + number / self.vacancies) / (FACTS_OF_A_VACANCY - 1)
                yield min(share * 0.3 * (FACTS_OF_A_VACANCY - 1), 0.98), story[part]

    def _hand_in(self, plan: Iterator[tuple[float, Statement]]) -> None:
        for share, statement in plan:
            due = self._began + share * self._seconds
            self._over.wait(max(0.0, due - time.monotonic()))
            while not self._over.is_set() and not self._taken(statement):
                self._over.wait(REST)
        self.finished_after = time.monotonic() - self._began

    def _taken(self, statement: Statement) -> bool:
        try:
            answer = self._client.post(f"{self._url}/v1/{statement.path}", **statement.sends)
        except httpx.HTTPError:
            self.retries += 1
            return False
        if answer.status_code in BUSY:
            self.retries += 1
            return False
        assert answer.is_success, answer.text
        _whole(answer.json(), len(statement.owes))
        with self._lock:
            self.owed.update(statement.owes)
            self.facts += sum(statement.owes.values())
        return True


def _whole(said: dict[str, Any], rows: int) -> None:
    """Every row was taken now, or had been when no answer came."""
    verdicts = said["counts"] if "counts" in said else {said["verdict"]: 1}
    assert verdicts.get("accepted", 0) + verdicts.get("unchanged", 0) == rows, verdicts
