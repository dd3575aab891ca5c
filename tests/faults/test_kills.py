"""Each service killed in turn while records and letters are on their way; all is accounted for."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import pytest

from schemas.decision import MatchApproved, ShortlistSent
from schemas.envelope import Event
from schemas.letter import LetterFailed, LetterSent
from services.audit.collecting import collect
from services.audit.history import Client
from services.audit.judge import findings
from services.embedded import facts
from services.embedded.quiet import wait_until_quiet
from services.embedded.supervisor import SERVICES, Supervisor
from tests.embedded.everything import everything
from tests.faults.crowd import LEARNERS, VACANCIES, Crowd, Restless
from tests.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

SETTINGS = {
    "P2A_REVIEW_HOLDING": "PT0S",
    # what a killed notifier had in hand is parked after this; far above a letter's own time
    "P2A_LEASE": "PT8S",
    "P2A_SMTP_TIMEOUT": "PT4S",
}
VICTIMS = ("intake", "matcher", "review", "notifier")


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    with everything(SETTINGS) as whole:
        yield whole


def test_nothing_is_missing_and_nothing_comes_twice(supervisor: Supervisor) -> None:
    crowd = Crowd(supervisor, datetime.now(UTC).date())
    restless = Restless(supervisor)
    try:
        kills = _kill_in_turn(supervisor, crowd)
        until(lambda: crowd.reached(LEARNERS + VACANCIES), limit=90, what="the last record")
    finally:
        restless.stop()
        crowd.close()
    urls = {name: supervisor.url(name) for name in SERVICES}
    wait_until_quiet(urls, limit=90)

    mails = supervisor.mail.letters()
    client = Client(answered=crowd.accepted, mails=mails)
    history = asyncio.run(
        collect(supervisor.kafka.bootstrap, supervisor.postgres.dsn(), client=client)
    )
    _the_kills_were_felt(supervisor, crowd, kills, mails.total())
    assert findings(history) == []
    assert history.dead == ()
    _the_matcher_counts_everybody(supervisor)
    _every_decision_went_out(facts.events(asyncio.run(facts.records(supervisor.kafka.bootstrap))))
    # at most what the killed notifier had in hand
    assert sum(letter.state == "unknown" for letter in history.letters) <= 4


@dataclass(frozen=True, slots=True)
class Kill:
    """What had come when a service was killed, and how many records when it answered again."""

    name: str
    letters: int
    records: int
    records_after: int


def _kill_in_turn(supervisor: Supervisor, crowd: Crowd) -> list[Kill]:
    kills = []
    for number, name in enumerate(VICTIMS, start=1):
        share = number * (LEARNERS + VACANCIES) // (len(VICTIMS) + 1)
        until(lambda share=share: crowd.reached(share), limit=90, what=f"record {share}")  # type: ignore[misc]
        supervisor.services[name].kill()
        letters, records = len(supervisor.mail.messages()), len(crowd.accepted)
        supervisor.start(name)
        kills.append(Kill(name, letters, records, len(crowd.accepted)))
    return kills


def _the_kills_were_felt(
    supervisor: Supervisor, crowd: Crowd, kills: list[Kill], letters: int
) -> None:
    """Else this test would show nothing: work was under way at every kill."""
    for kill in kills:
        starts = (supervisor.folder / f"{kill.name}.log").read_text().count("Started server")
        assert starts == 2, kill
        # records had come and were still to come; only without intake none comes meanwhile
        assert kill.records > 0, kill
        assert kill.name == "intake" or kill.records < kill.records_after, kill
        assert kill.records < LEARNERS + VACANCIES, kill
    assert crowd.retries > 0
    at = {kill.name: kill.letters for kill in kills}
    assert at["intake"] < at["notifier"] < letters


def _the_matcher_counts_everybody(supervisor: Supervisor) -> None:
    markets = httpx.get(f"{supervisor.url('matcher')}/v1/markets", timeout=30).json()
    counts = {
        name: sum(m[name] for m in markets) for name in ("learners", "completers", "vacancies")
    }
    assert counts == {"learners": LEARNERS, "completers": LEARNERS, "vacancies": VACANCIES}


def _every_decision_went_out(events: list[Event]) -> None:
    """Each approved match was sent, and its invitation left or is parked for a person."""
    approved = {e.match_id for e in events if isinstance(e, MatchApproved)}
    sent = {
        match.match_id: (event.vacancy_id, match.learner_id)
        for event in events
        if isinstance(event, ShortlistSent)
        for match in event.matches
    }
    assert approved
    assert sent.keys() == approved
    told = {
        (e.vacancy_id, e.learner_id)
        for e in events
        if isinstance(e, LetterSent | LetterFailed) and e.template == "invitation"
    }
    assert told == set(sent.values())
