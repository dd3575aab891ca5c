"""How the letters read. `P2A_RECORD=1` rewrites the files in golden/; then look at the diff."""

import os
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from lxml import html

from schemas.vacancy import Wage, WageVerdict
from services.contacts.store import Employer, Person
from services.notifier import facts
from services.notifier.facts import Known
from services.notifier.interviews import Interview
from services.notifier.letters import FOLDER, Letter, Written, written
from tests import make
from tests.notifier.scene import MONDAY, match, shortlist

GOLDEN = Path(__file__).parent / "golden"
RECORDING = bool(os.environ.get("P2A_RECORD"))
LINK = "https://replies.example.org/reply/AAAAAAAAAAAAAAAAAAAAAA"
BOOKED = {"starts_at": "2026-09-10T09:00:00+00:00", "sequence": "0"}
CASES: Mapping[str, tuple[str, str, Mapping[str, str]]] = {
    "shortlist": ("shortlist", "employer", {}),
    "invitation": ("invitation", "learner", {}),
    "booking-employer": ("booking-employer", "employer", BOOKED),
    "booking-learner": ("booking-learner", "learner", BOOKED),
    "moved-employer": ("booking-employer", "employer", BOOKED | {"moved": "yes"}),
    "moved-learner": ("booking-learner", "learner", BOOKED | {"moved": "yes"}),
    **{
        f"cancelled-{side}-by-{by}": (f"cancelled-{side}", side, BOOKED | {"by": by})
        for side in ("employer", "learner")
        for by in ("employer", "learner", "times", "us")
    },
    "not-this-time": ("not-this-time", "learner", {}),
    "learner-declined": ("learner-declined", "employer", {}),
    "withdrawn-employer": ("withdrawn-employer", "employer", {}),
    "withdrawn-learner": ("withdrawn-learner", "learner", {}),
    "times-needed": ("times-needed", "employer", {}),
}
PERSON = Person(
    learner_id=UUID(int=1),
    given_name="Aisha",
    family_name="Testington",
    email="aisha@example.org",
    phone="07700 900001",
    address=("1 Sample Street", "Birmingham"),
    postcode="B1 1AA",
    uln="9000000001",
    reference="LRN0042",
)
EMPLOYER = Employer(
    employer_id=UUID(int=2),
    name="Sample & Daughters Ltd",
    contact_name="Jo Example",
    email="jo@example.org",
    phone="0121 496 0321",
    address=("2 Canal Yard", "Birmingham B2 4XX"),
)


def known(template: str, side: str, about: Mapping[str, str], **vacancy: Any) -> Known:
    """The letter about two people, of whom the first is Aisha."""
    matches = (
        match(1, match_id=UUID(int=11), learner_id=PERSON.learner_id),
        match(2, match_id=UUID(int=12), met_skills=(), distance_miles=0.4, contributions=()),
    )
    event = shortlist(*matches, event_id=UUID(int=3), vacancy_id=UUID(int=4),
        vacancy=make.vacancy_profile(employer_id=EMPLOYER.employer_id, **vacancy))  # fmt: skip
    letter = Letter(
        cause=UUID(int=5),
        recipient=PERSON.learner_id if side == "learner" else EMPLOYER.employer_id,
        template=template,
        side=side,
        vacancy_id=event.vacancy_id,
        shortlist_id=event.event_id,
        match_id=None if template == "shortlist" else UUID(int=11),
        written_at=MONDAY,
        about=about,
    )
    interviews = [
        Interview(
            match_id=one.match_id,
            vacancy_id=event.vacancy_id,
            learner_id=one.learner_id,
            number=number,
            shortlist_id=event.event_id,
            sent_at=MONDAY,
        )
        for number, one in enumerate(matches, start=1)
    ]
    return Known(
        letter=letter, shortlist=event, interviews=interviews, employer=EMPLOYER, person=PERSON
    )


def words_of(case: str, **vacancy: Any) -> Written:
    template, side, about = CASES[case]
    told = facts.facts(
        known(template, side, about, **vacancy),
        link=LINK,
        organisation="Path 2 Apprenticeships",
        phone="0121 496 0100",
    )
    return written(template, told)


def tokens(text: str) -> list[str]:
    return re.findall(r"[\w@:/.£'-]*\w", text)


@pytest.mark.parametrize("case", CASES)
def test_a_letter_reads_as_agreed(case: str) -> None:
    words = words_of(case)
    found = {"subject.txt": words.subject + "\n", "text.txt": words.text, "html.html": words.html}
    for name, content in found.items():
        file = GOLDEN / case / name
        if RECORDING:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
        assert content == file.read_text(), f"P2A_RECORD=1 rewrites {file.name} of {case}"


@pytest.mark.parametrize("case", CASES)
def test_text_and_html_say_the_same(case: str) -> None:
    """Word for word and in the same order; HTML links lead where their words say."""
    words = words_of(case)
    tree = html.fromstring(words.html)
    (body,) = tree.xpath("//body")
    spoken = " ".join(str(part) for part in body.itertext())
    assert tokens(spoken) == tokens(words.text)
    assert set(tree.xpath("//a/@href")) <= {LINK}
    assert not tree.xpath("//img | //script | //link | //table | //form")


@pytest.mark.parametrize("case", CASES)
def test_a_subject_tells_a_stranger_nothing(case: str) -> None:
    subject = words_of(case).subject
    for personal in ("Aisha", "Testington", "Sample", "developer", "Jo", "Birmingham"):
        assert personal not in subject
    assert len(subject) <= 50
    assert "\n" not in subject


@pytest.mark.parametrize("case", [case for case, one in CASES.items() if one[1] == "employer"])
def test_an_employers_letter_holds_no_more_of_the_learner_than_it_may(case: str) -> None:
    """Even if the writer knew everything: a first name, and that only once a time stands."""
    words = words_of(case)
    whole = words.subject + words.text + words.html
    hidden = ["Testington", "aisha@", "07700", "Sample Street", "B1 1AA", "9000000001", "LRN"]
    if not case.startswith(("booking", "moved")):
        hidden.append("Aisha")
    for marker in hidden:
        assert marker not in whole
    for word in ("benefit", "born", "birth", "bursary", "years old"):
        assert word not in whole.lower()


def test_every_template_has_its_three_files_and_a_golden_letter() -> None:
    folders = {folder for folder in FOLDER.iterdir() if folder.is_dir()}
    assert {folder.name for folder in folders} == {one[0] for one in CASES.values()}
    for folder in folders:
        names = {file.name for file in folder.iterdir()}
        assert names == {"subject.txt", "text.txt", "html.html"}


def test_what_people_are_called_cannot_become_markup() -> None:
    case = known("booking-employer", "employer", BOOKED)
    nasty = Person(learner_id=PERSON.learner_id, given_name="<b>A</b>", family_name="x")
    told = facts.facts(
        Known(
            letter=case.letter,
            shortlist=case.shortlist,
            interviews=case.interviews,
            employer=EMPLOYER,
            person=nasty,
        ),
        link=LINK, organisation="P2A", phone="0",
    )  # fmt: skip
    words = written("booking-employer", told)
    assert "<b>A" not in words.html
    assert "&lt;b&gt;A" in words.html


CANNOT_TELL = Wage(aged_18_to_20=WageVerdict.CANNOT_TELL, aged_21_up=WageVerdict.CANNOT_TELL)
AT_LEAST = Wage(aged_18_to_20=WageVerdict.MEETS, aged_21_up=WageVerdict.MEETS)


@pytest.mark.parametrize(
    ("vacancy", "line"),
    [
        ({}, "Pay: £25,000 a year"),
        ({"wage": AT_LEAST}, "Pay: at least the National Minimum Wage for your age"),
        ({"wage": CANNOT_TELL}, "Pay: ask at the interview; it is never below the legal minimum"),
        ({"mode": "remote"}, "Where: from home"),
        ({"mode": "hybrid"}, "Where: 2 Canal Yard, Birmingham B2 4XX, partly from home"),
        ({"mode": "national"}, "Where: anywhere in England"),
        ({"starts_on": date(2026, 12, 1)}, "Starts: Tuesday 1 December 2026"),
    ],
)
def test_the_invitation_describes_the_work(vacancy: dict[str, Any], line: str) -> None:
    assert f"- {line}\n" in words_of("invitation", **vacancy).text


@pytest.mark.parametrize(
    ("interview_by", "answer_by"),
    [
        (date(2026, 10, 15), "Monday 14 September 2026"),
        (date(2026, 9, 10), "Thursday 10 September 2026"),
        (date(2026, 9, 1), "Tuesday 8 September 2026"),
    ],
)
def test_an_answer_is_asked_for_in_time_and_never_today(interview_by: date, answer_by: str) -> None:
    text = words_of("invitation", interview_by=interview_by).text
    assert f"Please do it by {answer_by}." in text


def test_the_fixture_is_a_monday() -> None:
    assert datetime(2026, 9, 7, 9, tzinfo=UTC) == MONDAY


def test_a_joint_pledge_is_not_said_to_be_the_employers_alone() -> None:
    """Ten between three employers are not ten of one."""
    alone = make.vacancy_profile(interviews=10)
    joint = make.vacancy_profile(interviews=10, joint_pledge="hub")
    assert facts.promised(alone) == "10 interviews"
    assert facts.promised(joint) == "10 interviews together with other employers"
