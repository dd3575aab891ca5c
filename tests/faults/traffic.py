"""What upstream systems tell intake: seeded, steady, and again until intake has answered."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from threading import Lock
from typing import Any
from uuid import UUID

import httpx

from services.intake.identities import learner_id, vacancy_id
from tests.faults import crowd
from tests.faults.habit import Habit

HANDS = 2
PACE = 0.3
ANSWER_LIMIT = 5.0
# one vacancy among so many records, from the first few on
APART = 12
AGAIN, CORRECTED, LATE = 0.15, 0.3, 0.4
TAKEN = 202
BUSY = {429, 500, 503}


@dataclass(frozen=True, slots=True)
class Statement:
    """One HTTP body, and the number of the record it is about."""

    path: str
    number: int
    body: dict[str, Any]

    @property
    def about(self) -> UUID:
        """What intake will say it is about."""
        if self.path == "vacancies":
            return vacancy_id("dfe", self.body["vacancyReference"])
        return learner_id(self.body["ukprn"], self.body["reference"])


@dataclass
class Plan:
    """The same statements in the same order for the same seed, without end."""

    seed: int
    today: date
    learners: list[int] = field(default_factory=list)
    said: list[Statement] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)
        self._told = 0

    def next(self) -> Statement:
        """A new record; or an old one again, corrected, or as it was before it was told."""
        self._told += 1
        chance = self._chance.random()
        if self._told % APART == APART // 2:
            path, body = crowd.advert(self._told, self.today)
            found = Statement(path, self._told, body | {"employerContactName": "Alexandrine Kay"})
        elif not self.learners or chance >= LATE:
            self.learners.append(self._told)
            found = self._learner(self._told, minutes=0)
        elif chance < AGAIN:
            found = self._chance.choice(self.said)
        else:
            # corrected: after the first word; late: before it, so that it changes nothing
            minutes = self._told if chance < CORRECTED else -self._told
            found = self._learner(self._chance.choice(self.learners), minutes=minutes)
        self.said.append(found)
        return found

    def forget(self, number: int) -> Statement:
        """The wish of a learner to be forgotten."""
        _, body = crowd.learner(number, self.today)
        told = {name: body[name] for name in ("ukprn", "reference")}
        return Statement("erasures", number, told | {"as_of": self._at(0)})

    def _at(self, minutes: int) -> str:
        middle = datetime.combine(self.today, datetime.min.time(), UTC) - timedelta(days=15)
        return (middle + timedelta(minutes=minutes)).isoformat()

    def _learner(self, number: int, *, minutes: int) -> Statement:
        _, body = crowd.learner(number, self.today)
        body |= {"as_of": self._at(minutes), "family_name": "Sampleton"}
        if minutes:
            body["postcode"] = f"B{abs(minutes) % 30 + 1} 3ZZ"
        return Statement("learners", number, body)


@dataclass(frozen=True, slots=True)
class Answered:
    """A statement intake took: what it said of it."""

    statement: Statement
    about: str
    verdict: str


class Traffic:
    """
    A few senders who hand in the *plan*, each statement again until intake answers 202 for it.

    ``answered`` is what intake took; ``maybe`` statements were sent and never answered so far.
    """

    def __init__(self, url: str, key: str, plan: Plan) -> None:
        self.answered: list[Answered] = []
        self.maybe: dict[int, Statement] = {}
        self.attempts = 0
        self._url = url
        self.plan = plan
        self._lock = Lock()
        self._client = httpx.Client(
            headers={"authorization": f"Bearer {key}"}, timeout=ANSWER_LIMIT
        )
        self._hands = [Habit(self._sender(), name=f"sender {n}") for n in range(HANDS)]

    @property
    def retries(self) -> int:
        """How often a statement had to be sent again."""
        return self.attempts - len(self.answered) - len(self.maybe)

    def resume(self) -> None:
        """Begin, or go on."""
        for hand in self._hands:
            hand.resume()

    def pause(self) -> None:
        """Come back when no call is under way."""
        for hand in self._hands:
            hand.pause()

    def close(self) -> None:
        """No more of them."""
        for hand in self._hands:
            hand.close()
        self._client.close()

    def post(self, statement: Statement) -> Answered | None:
        """Send it once; None if it may or may not have been taken. Raises what intake refused."""
        with self._lock:
            self.attempts += 1
            self.maybe[id(statement)] = statement
        try:
            answer = self._client.post(f"{self._url}/v1/{statement.path}", json=statement.body)
        except httpx.HTTPError:
            return None
        if answer.status_code in BUSY:
            return None
        assert answer.status_code == TAKEN, answer.text
        said = answer.json()
        taken = Answered(statement, str(said["about"]), said["verdict"])
        with self._lock:
            self.answered.append(taken)
            self.maybe.pop(id(statement), None)
        return taken

    def _sender(self) -> Callable[[], float]:
        in_hand: list[Statement] = []

        def act() -> float:
            if not in_hand:
                with self._lock:
                    in_hand.append(self.plan.next())
            if self.post(in_hand[0]) is not None:
                in_hand.clear()
            return PACE

        return act
