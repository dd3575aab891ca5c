"""A crowd at intake's door, a coordinator who never rests, and what may not be given up."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Event, Lock, Thread
from typing import Any

import httpx

from services.embedded.browser import PageRefused, Visitor
from services.embedded.coordinator import Coordinator
from services.embedded.supervisor import Supervisor
from tests.waiting import until

# two events a learner, one a vacancy: 2,000
LEARNERS = 980
VACANCIES = 40
PLEDGED = 4
# events that intake owes for a record
OWED = {"learners": 2, "vacancies": 1}
HANDS = 4


def learner(number: int, today: date) -> tuple[str, dict[str, Any]]:
    """A completer: two events, the enrolment and the completion."""
    return "learners", {
        "ukprn": "10099001",
        "reference": f"C{number:06d}",
        "as_of": f"{today - timedelta(days=1)}T09:00:00Z",
        "given_name": "Sam",
        "family_name": "Sample",
        "email": f"c{number}@learners.example.org",
        "postcode": f"B{number % 30 + 1} 1ZZ",
        "date_of_birth": str(today - timedelta(days=7700 + number % 2000)),
        "programme": "p2a",
        "aim": "P2AWELD2",
        "started_on": str(today - timedelta(days=90)),
        "status": "completed",
        "ended_on": str(today - timedelta(days=20 + number % 40)),
    }


def advert(number: int, today: date) -> tuple[str, dict[str, Any]]:
    """A vacancy with its pledge: one event."""
    return "vacancies", {
        "vacancyReference": f"VAC{2000000000 + number}",
        "title": "General welder apprentice",
        "numberOfPositions": 1,
        "postedDate": f"{today - timedelta(days=3)}T09:00:00Z",
        "closingDate": f"{today + timedelta(days=20)}T23:59:59Z",
        "startDate": f"{today + timedelta(days=60)}T00:00:00Z",
        "wage": {"wageType": "NationalMinimum", "wageUnit": "Unspecified", "wageAmount": None},
        "hoursPerWeek": 37.5,
        "isNationalVacancy": False,
        "addresses": [{"addressLine1": "1 Sample Road", "postcode": f"B{number % 30 + 1} 2ZZ"}],
        "employerName": f"Sample {number} Ltd",
        "employerContactName": "Alex Example",
        "employerContactEmail": f"hiring@s{number}.example.org",
        "course": {
            "larsCode": 9009,
            "title": "General welder",
            "level": 2,
            "type": "apprenticeship",
        },
        "pledge": {"interviews": PLEDGED, "interview_by": str(today + timedelta(days=40))},
    }


def records(today: date) -> list[tuple[str, dict[str, Any]]]:
    """All of them, the vacancies spread among the learners, so that letters go out all along."""
    found = [learner(number, today) for number in range(LEARNERS)]
    apart = LEARNERS // VACANCIES
    for number in reversed(range(VACANCIES)):
        found.insert(number * apart + 2 * PLEDGED, advert(number, today))
    return found


class Crowd:
    """
    Hands in every record until intake has answered 202 for it, whatever happens to intake.

    ``accepted`` are the events it owes, by what it said they are about.
    """

    def __init__(self, supervisor: Supervisor, today: date) -> None:
        self.accepted: dict[str, int] = {}
        self.retries = 0
        self._supervisor = supervisor
        self._lock = Lock()
        self._pool = ThreadPoolExecutor(HANDS)
        self._client = httpx.Client(
            headers={"authorization": f"Bearer {supervisor.intake_key}"}, timeout=10
        )
        self._futures = [self._pool.submit(self._hand_in, *record) for record in records(today)]

    def reached(self, count: int) -> bool:
        """Whether *count* records have been accepted; raises what went wrong with any."""
        for future in self._futures:
            if future.done():
                future.result()
        return len(self.accepted) >= count

    def close(self) -> None:
        """No more of them."""
        self._pool.shutdown(cancel_futures=True)
        self._client.close()

    def _hand_in(self, path: str, body: dict[str, Any]) -> None:
        url = f"{self._supervisor.url('intake')}/v1/{path}"
        answer = until(lambda: self._post(url, body), limit=60, what="an answer of intake")
        assert answer.status_code == 202, answer.text
        assert answer.json()["verdict"] in {"accepted", "unchanged"}, answer.text
        with self._lock:
            self.accepted[answer.json()["about"]] = OWED[path]

    def _post(self, url: str, body: dict[str, Any]) -> httpx.Response | None:
        try:
            answer = self._client.post(url, json=body)
        except httpx.HTTPError:
            self.retries += 1
            return None
        return None if answer.status_code == 503 else answer


class Restless:
    """A coordinator who approves what is proposed, over and over, and shrugs off every failure."""

    def __init__(self, supervisor: Supervisor) -> None:
        self.approved = 0
        self.failures = 0
        self._url = supervisor.url("review")
        self._stop = Event()
        self._thread = Thread(target=self._work, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Come back when the last decision is made."""
        self._stop.set()
        self._thread.join(60)

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                with Visitor() as visitor:
                    coordinator = Coordinator(visitor, self._url)
                    coordinator.sign_in()
                    while not self._stop.is_set():
                        self.approved += coordinator.approve_everything()
                        self._stop.wait(1)
            except (httpx.HTTPError, PageRefused):
                self.failures += 1
                self._stop.wait(0.3)
