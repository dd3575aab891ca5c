"""One learner and one vacancy whose every personal value is a word found nowhere else."""

from datetime import date, timedelta
from typing import Any

import httpx

from services.audit.collecting import collect
from services.audit.history import Client, History
from services.embedded.answers import Answering, questions
from services.embedded.browser import Visitor
from services.embedded.coordinator import Coordinator
from services.embedded.demonstration import letters_about
from services.embedded.quiet import wait_until_quiet
from services.embedded.supervisor import SERVICES, Supervisor

OF_THE_LEARNER = ("Quorvane", "Tizzlebeck", "Plimsolt", "B5 7QX", "B57QX", "9876543214",
                  "07700900777", "MARKREF7")  # fmt: skip
OF_THE_EMPLOYER = ("Vexholm", "Ottoline", "Brackwater", "Quillon", "B9 7QY", "0121 496 0777")
MARKERS = (*OF_THE_LEARNER, *OF_THE_EMPLOYER, "example.org")
LEARNER_EMAIL = "quorvane.tizzlebeck@example.org"
EMPLOYER_EMAIL = "ottoline@vexholm.example.org"
REFERENCE = "1000777001"


def learner(today: date) -> dict[str, Any]:
    """A completer near the vacancy, as a provider's system posts one."""
    return {
        "ukprn": "10099001",
        "reference": "MARKREF7",
        "as_of": f"{today - timedelta(days=1)}T09:00:00Z",
        "given_name": "Quorvane",
        "family_name": "Tizzlebeck",
        "email": LEARNER_EMAIL,
        "phone": "07700900777",
        "address": ["77 Plimsolt Row"],
        "postcode": "B5 7QX",
        "uln": "9876543214",
        "date_of_birth": str(today - timedelta(days=8400)),
        "programme": "p2a",
        "aim": "P2AWELD2",
        "started_on": str(today - timedelta(days=90)),
        "status": "completed",
        "ended_on": str(today - timedelta(days=20)),
        "prior_level": 2,
        "skills": ["Welding", "Team working"],
    }


def advert(today: date) -> dict[str, Any]:
    """A vacancy of Display Advert v2 with its pledge beside it."""
    return {
        "vacancyReference": f"VAC{REFERENCE}",
        "title": "General welder apprentice",
        "description": "Learn to weld.",
        "numberOfPositions": 1,
        "postedDate": f"{today - timedelta(days=3)}T09:00:00Z",
        "closingDate": f"{today + timedelta(days=20)}T23:59:59Z",
        "startDate": f"{today + timedelta(days=60)}T00:00:00Z",
        "wage": {"wageType": "NationalMinimum", "wageUnit": "Unspecified", "wageAmount": None},
        "hoursPerWeek": 37.5,
        "expectedDuration": "1 Year 6 Months",
        "isDisabilityConfident": True,
        "isNationalVacancy": False,
        "addresses": [{"addressLine1": "7 Quillon Yard", "postcode": "B9 7QY"}],
        "employerName": "Vexholm Fabrications Ltd",
        "employerContactName": "Ottoline Brackwater",
        "employerContactPhone": "0121 496 0777",
        "employerContactEmail": EMPLOYER_EMAIL,
        "providerName": "Sample College",
        "ukprn": 10099001,
        "apprenticeshipLevel": "Intermediate",
        "course": {
            "larsCode": 9009,
            "title": "General welder",
            "level": 2,
            "type": "apprenticeship",
        },
        "skills": ["Team working"],
        "qualifications": [],
        "pledge": {"interviews": 1, "interview_by": str(today + timedelta(days=40))},
    }


class Played:
    """What happened to them, told in the order it happened."""

    def __init__(self, supervisor: Supervisor, today: date) -> None:
        self.supervisor = supervisor
        self.today = today
        self.urls: list[str] = []
        self.answered: dict[str, int] = {}

    def hand_in(self) -> list[httpx.Response]:
        """Both records, and one with a fault that quotes a name where a date belongs."""
        wrong = learner(self.today) | {"date_of_birth": "Quorvane", "email": "Tizzlebeck"}
        answers = [
            self._post("learners", learner(self.today)),
            self._post("vacancies", advert(self.today)),
            self._post("learners", wrong),
        ]
        self.settle()
        self.answered = {one.json()["about"]: 0 for one in answers if one.is_success}
        return answers

    async def history(self) -> History:
        """What there is to know of it, on both sides."""
        client = Client(answered=self.answered, mails=self.supervisor.mail.letters())
        servers = self.supervisor
        return await collect(servers.kafka.bootstrap, servers.postgres.dsn(), client=client)

    def approve(self) -> int:
        """Everything on the work list, by the console's own forms."""
        with Visitor() as visitor:
            coordinator = Coordinator(visitor, self.supervisor.url("review"))
            coordinator.sign_in()
            approved = coordinator.approve_everything()
        self.settle()
        return approved

    def answer(self) -> dict[str, int]:
        """Yes to everything that is asked, by the pages behind the letters' links."""
        answering = Answering(seed=1, share=0.0, settle=self.settle)
        mails = self.supervisor.mail.messages()
        with Visitor() as visitor:
            about = letters_about(self.supervisor.kafka.bootstrap)
            answering.answer(visitor, questions(mails, about))
        self.settle()
        return answering.given

    def ledger(self) -> dict[str, str]:
        """The sums at the head of the vacancy's page at the console."""
        with Visitor() as visitor:
            coordinator = Coordinator(visitor, self.supervisor.url("review"))
            coordinator.sign_in()
            (url,) = coordinator.shortlists()
            page = visitor.open(url)
            self.urls += [page.url, *page.links()]
            words = [term.text_content().strip() for term in page.tree.iter("dt", "dd")]
            return dict(zip(words[::2], words[1::2], strict=False))

    def settle(self) -> None:
        wait_until_quiet({name: self.supervisor.url(name) for name in SERVICES}, limit=60)

    def _post(self, path: str, body: dict[str, Any]) -> httpx.Response:
        return httpx.post(
            f"{self.supervisor.url('intake')}/v1/{path}",
            json=body,
            headers={"authorization": f"Bearer {self.supervisor.intake_key}"},
            timeout=30,
        )
