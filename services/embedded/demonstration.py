"""A cohort from files to booked interviews: a person at the console, or all parts played."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import httpx

from schemas.letter import LetterSent
from services.audit.collecting import collect
from services.audit.history import Client, History
from services.audit.judge import findings
from services.embedded import facts
from services.embedded.answers import Answering, questions
from services.embedded.browser import Visitor
from services.embedded.coordinator import Coordinator
from services.embedded.figures import PromiseBroken, figures
from services.embedded.quiet import wait_until_quiet
from services.embedded.sample import write_sample
from services.embedded.supervisor import SERVICES, Supervisor
from services.embedded.upload import send_file

# letters that ask for an answer; the others only tell
ASKING = frozenset({"shortlist", "invitation", "times-needed"})
# a learner refused by everybody in the market would be proposed at most so often
MOST_CYCLES = 50
DAY = timedelta(days=1)


@dataclass(kw_only=True)
class Demonstration:
    """*say* is told of every step, for whoever watches."""

    supervisor: Supervisor
    seed: int
    learners: int
    vacancies: int
    today: date
    say: Callable[[str], None]
    started: float = field(default_factory=time.monotonic)
    verdicts: Counter[str] = field(default_factory=Counter)

    def prepare(self) -> None:
        """Start everything, hand in the cohort, and wait for the first shortlists."""
        self.say("Starting PostgreSQL, Valkey, the broker and the mail sink")
        self.supervisor.start_servers()
        self.supervisor.start("intake")
        self.say(f"Handing in {self.learners} learners and {self.vacancies} vacancies")
        self._hand_in()
        self._settle("intake")
        self.say("Starting the matcher, the console and the notifier")
        self.supervisor.start("matcher", "review", "notifier")
        self._settle(*SERVICES)
        self.say(f"The first shortlists are there after {self._seconds():.0f} s")

    def welcome(self) -> Iterator[str]:
        """What a person must know to go on from here."""
        yield f"Console    {self.supervisor.url('review')}"
        yield "Sign in    choose any of the invented coordinators; there is no password"
        yield f"Letters    {self.supervisor.mail.url}"
        yield f"Intake     {self.supervisor.url('intake')}/docs"
        yield f"Stop       Ctrl-C; everything ends (logs are in {self.supervisor.folder})"
        yield ""
        yield "First open the console, sign in, choose the first vacancy, approve its learners."
        yield "Half a minute later open Letters: answer as the employer and as the learners."

    def once(self) -> dict[str, Any]:
        """
        Play the coordinator, the employers and the learners until nobody has anything to do.

        Answers the figures; the same for the same arguments, but for ``seconds``.
        Raises PromiseBroken.
        """
        first = self._markets()
        answering = Answering(seed=self.seed, settle=lambda: self._settle(*SERVICES))
        read = 0
        with Visitor() as console, Visitor() as public:
            coordinator = Coordinator(console, self.supervisor.url("review"))
            coordinator.sign_in()
            for _ in range(MOST_CYCLES):
                approved = coordinator.approve_everything()
                self._settle(*SERVICES)
                mails = self.supervisor.mail.messages()
                if not approved and len(mails) == read:
                    break
                self.say(f"{approved} matches approved, {len(mails) - read} letters came")
                about = letters_about(self.supervisor.kafka.bootstrap)
                answering.answer(public, questions(mails[read:], about))
                read = len(mails)
                self._settle(*SERVICES)
        self._audit()
        records = asyncio.run(facts.records(self.supervisor.kafka.bootstrap))
        found = figures(first, self._markets(), records, answering.given)
        return found | {"quarantined": self.verdicts["quarantined"], "intake": dict(self.verdicts),
                        "seconds": round(self._seconds(), 1)}  # fmt: skip

    def _hand_in(self) -> None:
        paths = write_sample(
            self.supervisor.folder / "sample",
            learner_count=self.learners,
            vacancy_count=self.vacancies,
            seed=self.seed,
            today=self.today,
        )
        url, key = self.supervisor.url("intake"), self.supervisor.intake_key
        for path in paths:
            self.verdicts.update(send_file(url, key, path, as_of=self.today - DAY))

    def _audit(self) -> None:
        """Raise PromiseBroken for whatever the audit finds, the mail sink included."""
        found = findings(asyncio.run(self._history()))
        if found:
            raise PromiseBroken("; ".join(f"{one.subject} {one.words}" for one in found))

    async def _history(self) -> History:
        client = Client(mails=self.supervisor.mail.letters())
        servers = self.supervisor
        return await collect(servers.kafka.bootstrap, servers.postgres.dsn(), client=client)

    def _markets(self) -> list[dict[str, Any]]:
        answer = httpx.get(f"{self.supervisor.url('matcher')}/v1/markets", timeout=30)
        found: list[dict[str, Any]] = answer.raise_for_status().json()
        return found

    def _settle(self, *names: str) -> None:
        wait_until_quiet({name: self.supervisor.url(name) for name in names})

    def _seconds(self) -> float:
        return time.monotonic() - self.started


def letters_about(bootstrap: str) -> dict[str, str]:
    """Whom each letter that asks something is about, by its id: the same words in every run."""
    found = facts.events(asyncio.run(facts.records(bootstrap)))
    return {
        str(sent.letter_id): f"{sent.side} {sent.vacancy_id}/{sent.learner_id or 'employer'}"
        for sent in found
        if isinstance(sent, LetterSent) and sent.template in ASKING
    }
