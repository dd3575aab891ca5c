"""States for the pure parts, to be changed where a test cares."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from services.review.state import MatchState, VacancyState
from tests.review import make


def vacancy(**changes: Any) -> VacancyState:
    values = {
        "vacancy_id": uuid4(),
        "version": 3,
        "profile": make.profile(),
        "pledged_at": make.MONDAY,
        "closed_reason": None,
        "closed_at": None,
        "market": "west-midlands",
        "round": None,
        "shortlist_version": 1,
        "proposed_at": make.MONDAY,
        "decided_at": None,
        "opened_at": None,
        "opened_by": None,
        "lapsed_at": None,
        "lapsed_count": 0,
        "send_due": None,
        "send_by": None,
    }
    return VacancyState(**values | changes)


def match(position: int | None = 1, **changes: Any) -> MatchState:
    empty = dict.fromkeys(MatchState.__dataclass_fields__)
    values = empty | {
        "match_id": uuid4(),
        "vacancy_id": UUID(int=1),
        "learner_id": uuid4(),
        "listed": "place",
        "position": position,
        "waiting_since": date(2026, 11, 16),
        "locked": False,
        "decision": "proposed",
    }
    return MatchState(**values | changes)
