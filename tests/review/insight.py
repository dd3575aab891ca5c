"""What the matcher says of a market, in the words of its HTTP answers."""

from typing import Any
from uuid import UUID, uuid4

from schemas.match import Match
from tests.review.fakes import FakeServices

MARKET = "west-midlands"


def line(learner_id: UUID) -> dict[str, Any]:
    return Match(
        match_id=uuid4(),
        learner_id=learner_id,
        position=1,
        score=4200,
        waiting_since="2026-09-01",
        contributions=({"feature": "distance", "effect": -0.4, "words": "12.5 miles away"},),
        met_skills=("communication",),
        missing_skills=("number",),
    ).model_dump(mode="json")


def explained(vacancy_id: UUID, learner_id: UUID, other: UUID) -> dict[str, Any]:
    """Two changes would do; whoever has the place would lose it."""
    return {
        "standing": {"standing": "absent", "words": "The workplace is further"},
        "line": line(learner_id),
        "changes": [
            {"kind": "reach", "amount": 3, "words": "Travels 13 miles, 3 miles more"},
            {
                "kind": "rule",
                "amount": 1,
                "rule": "travel-reach",
                "words": "The rule travel-reach given up for everybody",
            },
        ],
        "tried": ["hours", "skill", "subject"],
        "swap": {
            "moves": [
                {"learner_id": str(learner_id), "leaves": None, "takes": str(vacancy_id)},
                {"learner_id": str(other), "leaves": str(vacancy_id), "takes": None},
            ],
            "losers": [str(other)],
            "placed_before": 40,
            "placed_after": 40,
        },
        "cut_short": False,
    }


def absences() -> dict[str, Any]:
    return {
        "route": "Care services",
        "placed": 0,
        "completers": 9,
        "here": 0,
        "routes": {"Digital": 5, "Engineering and manufacturing": 4},
        "absences": {"travel-reach": 6, "essential-needs": 3},
        "scarcity": {"learners": 9, "places": 2, "vacancies": [str(uuid4()), str(uuid4())]},
    }


def unlocks() -> dict[str, Any]:
    return {
        "completers": 90,
        "unplaced": 31,
        "nothing": 12,
        "unread": 0,
        "by_kind": {"cells": {"reach": 9, "holds": None, "free-from": None}, "total": 19},
        "by_route": {"cells": {"Digital": 12, "Care services": 7}, "total": 19},
        "by_month": {"cells": {"2027-01": 19}, "total": 19},
    }


def barriers() -> dict[str, Any]:
    table = {"cells": {"Digital": 7}, "total": 7}
    month = {"cells": {"2026-09": 7}, "total": 7}
    return {
        "completers": 90,
        "barred": 9,
        "by_more": None,
        "table": {"cells": {"essential-needs": 7}, "total": 7},
        "barriers": [{"rule": "essential-needs", "by_route": table, "by_month": month}],
    }


def preview(vacancy_id: UUID, enter: UUID, leave: UUID) -> dict[str, Any]:
    figures = {
        "placed": 59, "completers": 90, "places": 64, "mean_days_unplaced": 31.4,
        "most_days_unplaced": 77, "total_score": 251_200,
    }  # fmt: skip
    return {
        "shortlists": [
            {"vacancy_id": str(vacancy_id), "enter": [str(enter)], "leave": [str(leave)],
             "reordered": False},
        ],
        "coverage": [
            {"route": "Care services", "completers": None, "before": None, "after": None},
            {"route": "Digital", "completers": 24, "before": 10, "after": 12},
        ],
        "before": figures,
        "after": figures | {"placed": 61, "places": 66},
    }  # fmt: skip


def market(services: FakeServices, vacancy_id: UUID, learner_id: UUID, empty: UUID) -> None:
    """The matcher answers everything about a market, a pair and a vacancy without anybody."""
    pair = f"vacancies/{vacancy_id}/learners/{learner_id}"
    services.places[vacancy_id, learner_id] = {
        "standing": "absent", "rule": "travel-reach", "value": "12.5 miles", "limit": "10 miles",
        "words": "The workplace is further than the learner can travel",
    }  # fmt: skip
    services.said |= {
        "markets": [{"market": MARKET}],
        "levers": {
            "rules": ["travel-reach", "essential-needs"],
            "limits": {
                "travel-reach": {"modes": ["onsite"], "usual_miles": 35.0},
                "age-window": {"youngest": 19},
            },
            "features": [{"name": "distance", "words": "long ways end apprenticeships early"}],
        },
        f"{pair}/explanation": explained(vacancy_id, learner_id, uuid4()),
        f"vacancies/{empty}/absences": absences(),
        f"markets/{MARKET}/unlock": unlocks(),
        f"markets/{MARKET}/barriers": barriers(),
        f"markets/{MARKET}/what-if": preview(vacancy_id, learner_id, uuid4()),
    }
