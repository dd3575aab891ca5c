"""Where a match stands."""

from datetime import date, timedelta
from typing import Any

import pytest

from services.review.standing import Standing, live, standing
from tests.review import states
from tests.review.make import MONDAY

TODAY = MONDAY.date()
AFTER = MONDAY + timedelta(hours=1)
BEFORE = MONDAY - timedelta(hours=1)
SENT: dict[str, Any] = {"decision": "sent", "approved_at": MONDAY, "sent_at": MONDAY}
YES = {"employer": "accepted", "employer_at": AFTER}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, Standing.PROPOSED),
        ({"decision": "approved", "approved_at": MONDAY}, Standing.APPROVED),
        ({"decision": "held", "held_until": TODAY}, Standing.HELD),
        ({"decision": "held", "held_until": date(2026, 11, 22)}, Standing.PROPOSED),
        # a learner who left needs no place kept
        (
            {"decision": "held", "held_until": TODAY, "decided_at": MONDAY, "withdrawn_at": AFTER},
            Standing.WITHDRAWN,
        ),
        (
            {"decision": "held", "held_until": TODAY, "decided_at": MONDAY, "withdrawn_at": BEFORE},
            Standing.HELD,
        ),
        ({"decision": "rejected"}, Standing.REJECTED),
        ({"decision": "lost"}, Standing.LOST),
        (SENT, Standing.SENT),
        (SENT | YES, Standing.EMPLOYER_YES),
        (SENT | {"learner": "accepted", "learner_at": AFTER}, Standing.LEARNER_YES),
        (SENT | YES | {"learner": "accepted", "learner_at": AFTER}, Standing.BOTH_YES),
        (SENT | {"interview": "booked", "interview_at": AFTER}, Standing.BOOKED),
        (SENT | {"interview": "held", "interview_at": AFTER}, Standing.INTERVIEWED),
        (SENT | YES | {"learner": "declined", "learner_at": AFTER}, Standing.LEARNER_NO),
        (SENT | {"employer": "declined", "employer_at": AFTER}, Standing.EMPLOYER_NO),
        # a promise kept stays kept, whatever is said of it afterwards
        (
            SENT
            | {"interview": "held", "interview_at": AFTER}
            | {"employer": "declined", "employer_at": AFTER},
            Standing.INTERVIEWED,
        ),
        # an answer to an earlier approval says nothing of this one
        (SENT | {"employer": "declined", "employer_at": BEFORE}, Standing.SENT),
        (
            {"decision": "approved", "approved_at": MONDAY}
            | {"withdrawn_reason": "learner-paused", "withdrawn_at": AFTER},
            Standing.WITHDRAWN,
        ),
    ],
)
def test_a_match_stands_where_its_facts_put_it(facts: dict[str, Any], expected: Standing) -> None:
    """Decision, answers and interview together give one standing."""
    match = states.match(**facts)
    assert standing(match, today=TODAY, proposed_at=MONDAY) == expected


def test_a_missed_interview_may_be_proposed_again_by_a_later_round() -> None:
    """The same round does not; a newer one that lists the match does."""
    match = states.match(**SENT, interview="missed", interview_at=AFTER)
    assert standing(match, today=TODAY, proposed_at=MONDAY) == Standing.MISSED
    again = AFTER + timedelta(minutes=1)
    assert standing(match, today=TODAY, proposed_at=again) == Standing.PROPOSED


def test_a_hold_keeps_a_place_but_uses_no_interview() -> None:
    """The figures count approvals, the limit counts holds too."""
    matches = [
        states.match(decision="held", held_until=TODAY),
        states.match(decision="approved", approved_at=MONDAY),
        states.match(),
    ]
    assert live(matches, states.vacancy(), today=TODAY) == 2
    assert live(matches, states.vacancy(), today=TODAY, holds=False) == 1
