"""What the facts about a match make of it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.matcher.market import Learner, Vacancy
from services.matcher.matches import MatchFacts, withdrawal
from tests import make

TODAY = date(2026, 9, 2)
T = [datetime(2026, 9, 1, hour, tzinfo=UTC) for hour in range(10)]


def match(**facts: Any) -> MatchFacts:
    return MatchFacts(match_id=uuid4(), vacancy_id=uuid4(), learner_id=uuid4(), **facts)


LOCKED: list[dict[str, Any]] = [
    {"decision": "approved", "decision_at": T[1]},
    {"decision": "sent", "decision_at": T[1]},
    {"decision": "held", "held_until": TODAY, "decision_at": T[1]},
    {"decision": "moved", "position": 2, "decision_at": T[1]},
    {"employer": "accepted", "employer_at": T[1]},
    {"answer": "accepted", "answer_at": T[1]},
    {"interview": "booked", "interview_at": T[1]},
    {"interview": "held", "interview_at": T[1]},
    {"interview": "held", "interview_at": T[1], "decision": "rejected", "decision_at": T[2]},
    {"interview": "missed", "interview_at": T[1], "decision": "approved", "decision_at": T[2]},
    {"withdrawn_at": T[1], "decision": "approved", "decision_at": T[2]},
]
FREE: list[dict[str, Any]] = [
    {},
    {"decision": "held", "held_until": TODAY - timedelta(days=1), "decision_at": T[1]},
    {"decision": "held", "decision_at": T[1]},
    {"position": 1},
    {"decision": "sent", "decision_at": T[1], "interview": "missed", "interview_at": T[2]},
    {"decision": "approved", "decision_at": T[1], "withdrawn_at": T[2]},
]
EXCLUDED: list[dict[str, Any]] = [
    {"decision": "rejected", "decision_at": T[1]},
    {"decision": "lost", "decision_at": T[1]},
    {"decision": "sent", "decision_at": T[1], "employer": "declined", "employer_at": T[2]},
    {"decision": "sent", "decision_at": T[1], "answer": "declined", "answer_at": T[2]},
    {"answer": "declined", "answer_at": T[1], "interview": "missed", "interview_at": T[2]},
]


@pytest.mark.parametrize("facts", LOCKED)
def test_these_keep_their_place(facts: dict[str, Any]) -> None:
    assert match(**facts).locked(TODAY)
    assert not match(**facts).excluded


@pytest.mark.parametrize("facts", FREE)
def test_these_may_be_proposed(facts: dict[str, Any]) -> None:
    assert not match(**facts).locked(TODAY)
    assert not match(**facts).excluded


@pytest.mark.parametrize("facts", EXCLUDED)
def test_these_are_never_proposed_again(facts: dict[str, Any]) -> None:
    assert match(**facts).excluded
    assert not match(**facts).locked(TODAY)


def test_an_undone_move_gives_no_position() -> None:
    """The order a coordinator gave stands until the decision is undone."""
    assert match(decision="approved", position=2).moved_to() == 2
    assert match(decision="held", position=2).moved_to() is None


APPROVED = match(decision="approved", decision_at=T[1])
SENT = match(decision="sent", decision_at=T[1])
BOOKED = match(decision="sent", decision_at=T[1], interview="booked", interview_at=T[2],
               booked_on=TODAY)  # fmt: skip
OLD = replace(BOOKED, decision="approved", decision_at=T[4], withdrawn_at=T[3])


def ready(**facts: Any) -> Learner:
    given = {"completed_on": date(2026, 8, 28)} | facts
    return Learner(learner_id=UUID(int=1), profile=make.learner_profile(), **given)


def vacancy(closed: str | None = None) -> Vacancy:
    return Vacancy(vacancy_id=UUID(int=2), profile=make.vacancy_profile(), closed=closed)


@pytest.mark.parametrize(
    ("facts", "learner", "closed", "reason"),
    [
        (APPROVED, ready(), None, None),
        (APPROVED, None, None, None),
        (BOOKED, ready(withdrawn=True), None, None),
        (replace(BOOKED, learner_erased=True), None, None, None),
        # that booking was given up with the match; this is another approval
        (OLD, ready(withdrawn=True), None, "learner-withdrawn"),
        (APPROVED, ready(withdrawn=True), None, "learner-withdrawn"),
        (SENT, ready(completed_on=None), None, "completion-revoked"),
        (SENT, ready(paused=True), None, "learner-paused"),
        (SENT, ready(paused=True, paused_until=TODAY), None, "learner-paused"),
        (SENT, ready(paused=True, paused_until=TODAY - timedelta(days=1)), None, None),
        (APPROVED, ready(), "filled", "vacancy-closed"),
        (SENT, ready(), "filled", None),
        (match(decision="sent", learner_erased=True), None, None, "learner-erased"),
        (match(interview="held", learner_erased=True), None, None, None),
    ],
)
def test_a_locked_match_ends_when_it_cannot_go_on(
    facts: MatchFacts, learner: Learner | None, closed: str | None, reason: str | None
) -> None:
    """Letters that left outlive the closing of a vacancy; nothing outlives the learner's going."""
    assert withdrawal(facts, learner, vacancy(closed), TODAY) == reason
