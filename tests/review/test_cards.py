"""A shortlist in words."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from schemas.match import Contribution
from services.review import labels
from services.review.cards import Card, Reader, card, shortlist
from tests.review import make, states

READER = Reader(now=make.MONDAY, names={}, accounts={})


def a_card(**changes: Any) -> Card:
    vacancy, learner = uuid4(), uuid4()
    facts = make.match(vacancy, learner, 1, **changes)
    match = states.match(learner_id=learner, facts=facts, waiting_since=facts.waiting_since)
    return card(states.vacancy(), match, READER, place=1)


def test_two_best_reasons_and_what_speaks_against() -> None:
    """In words, the strongest first; no score anywhere."""
    made = a_card()
    assert made.best == ("Holds 2 of the 2 skills asked for", "Trained for this route")
    assert made.weakest == "Starts 14 weeks after the course ended"
    assert made.against
    assert "6900" not in repr(made)


def test_the_weakest_reason_may_still_speak_for_the_learner() -> None:
    """Then it is not called a reason against."""
    reasons = tuple(
        Contribution(feature=f"f{n}", effect=float(n), words=f"Reason {n}") for n in (3, 1, 2)
    )
    made = a_card(contributions=reasons)
    assert (made.best, made.weakest) == (("Reason 3", "Reason 2"), "Reason 1")
    assert not made.against


@pytest.mark.parametrize(
    ("effect", "words", "against"),
    [(-0.04, "Hardly any", False), (-0.06, "Against", True), (-0.6, "Strongly against", True)],
)
def test_the_shortlist_and_all_reasons_agree_what_is_against(
    effect: float, words: str, *, against: bool
) -> None:
    only = Contribution(feature="hours", effect=effect, words="Thirty hours a week")
    assert labels.effect(effect) == words
    assert a_card(contributions=(only,)).against == against


def test_what_is_not_known_is_said_to_be() -> None:
    """No distance, no reasons: words, not zeros."""
    made = a_card(distance_miles=None, contributions=())
    assert (made.distance, made.best, made.weakest) == ("Distance not known", (), None)
    assert made.waiting == "16 November 2026 (1 week)"


def test_an_alias_is_the_same_everywhere_and_says_nothing() -> None:
    """Stable, readable aloud, and different for a thousand learners."""
    one = UUID("00000000-0000-0000-0000-000000000001")
    assert labels.alias(one) == labels.alias(one)
    aliases = {labels.alias(uuid4()) for _ in range(1000)}
    assert len(aliases) == 1000
    assert not any(set(alias.split()[1]) & set("AEIOU015") for alias in aliases)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"decision": "held", "held_until": date(2026, 11, 30), "reason": "second-opinion"},
         "I want a colleague's view. Until Monday 30 November 2026. Somebody"),
        ({"decision": "rejected", "reason": "hours-not-workable"}, "The hours cannot work"),
        ({"decision": "sent", "approved_at": make.MONDAY, "employer": "declined",
          "employer_at": make.MONDAY, "employer_reason": "position-filled"}, "Position filled"),
    ],
)  # fmt: skip
def test_a_decided_match_says_by_whom_and_why(facts: dict[str, Any], words: str) -> None:
    """Reasons in words, ours and the other sides'."""
    match = states.match(decided_at=make.MONDAY, decided_by="coordinator-1", **facts)
    assert (card(states.vacancy(), match, READER).decided or "").startswith(words)


def test_everybody_is_listed_to_the_very_bottom() -> None:
    """Places, reserves and those no longer on the list together are all there are."""
    matches = [
        states.match(1),
        states.match(2, listed="reserve"),
        states.match(None, listed="none", decision="rejected"),
    ]
    listed = shortlist(states.vacancy(), matches, READER)
    assert [len(part) for part in (listed.places, listed.reserves, listed.ended)] == [1, 1, 1]
