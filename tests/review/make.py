"""Valid events and rows, to be changed where a test cares."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

from schemas.interview import InterviewEvent
from schemas.letter import LetterEvent
from schemas.match import Contribution, Match, MatchWithdrawn, ShortlistProposed
from schemas.vacancy import (
    VacancyChanged,
    VacancyClosed,
    VacancyPledged,
    VacancyProfile,
    Wage,
    WageVerdict,
)

# an ordinary Monday morning, no bank holiday near
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
FRIDAY_WEEK = date(2026, 12, 4)


def profile(**changes: Any) -> VacancyProfile:
    values = {
        "employer_id": uuid4(),
        "title": "Lean manufacturing operative apprentice",
        "route": 9,
        "level": 2,
        "interviews": 2,
        "interview_by": date(2027, 1, 29),
        "starts_on": date(2027, 3, 1),
        "hours_per_week": 37.5,
        "wage": Wage(aged_18_to_20=WageVerdict.MEETS, aged_21_up=WageVerdict.MEETS),
        "outcode": "B6",
        "skills": ("dfe:team-working", "dfe:problem-solving"),
    }
    return VacancyProfile(**values | changes)


def pledged(vacancy_id: UUID, *, at: datetime = MONDAY, **changes: Any) -> VacancyPledged:
    return VacancyPledged(
        event_id=uuid4(), occurred_at=at, vacancy_id=vacancy_id, vacancy=profile(**changes)
    )


def changed(pledge: VacancyPledged, *, at: datetime, **changes: Any) -> VacancyChanged:
    return VacancyChanged(
        event_id=uuid4(),
        occurred_at=at,
        vacancy_id=pledge.vacancy_id,
        vacancy=pledge.vacancy.model_copy(update=changes),
    )


def closed(vacancy_id: UUID, *, at: datetime) -> VacancyClosed:
    return VacancyClosed(
        event_id=uuid4(), occurred_at=at, vacancy_id=vacancy_id, reason="withdrawn-by-employer"
    )


def match(vacancy_id: UUID, learner_id: UUID, position: int, **changes: Any) -> Match:
    values = {
        "measures": {"interest": 1.0},
        "model_version": "logistic-0",
        "match_id": uuid5(vacancy_id, str(learner_id)),
        "learner_id": learner_id,
        "position": position,
        "score": max(7000 - 100 * position, 0),
        "waiting_since": date(2026, 11, 16),
        "distance_miles": 3.4 + position,
        "contributions": (
            Contribution(feature="skills", effect=1.1, words="Holds 2 of the 2 skills asked for"),
            Contribution(feature="route", effect=0.6, words="Trained for this route"),
            Contribution(
                feature="gap", effect=-0.4, words="Starts 14 weeks after the course ended"
            ),
        ),
        "met_skills": ("dfe:team-working",),
        "missing_skills": ("dfe:problem-solving",),
    }
    return Match(**values | changes)


def proposed(
    vacancy_id: UUID,
    places: Sequence[UUID],
    reserves: Sequence[UUID] = (),
    *,
    version: int = 1,
    at: datetime = MONDAY,
    locked: Sequence[UUID] = (),
    **changes: Any,
) -> ShortlistProposed:
    listed = [
        match(vacancy_id, learner, place, locked=learner in locked)
        for place, learner in enumerate([*places, *reserves], start=1)
    ]
    values = {
        "event_id": uuid4(),
        "occurred_at": at,
        "vacancy_id": vacancy_id,
        "shortlist_version": version,
        "market": "west-midlands",
        "round_id": uuid4(),
        "vacancy": profile(),
        "matches": tuple(listed[: len(places)]),
        "reserves": tuple(
            m.model_copy(update={"barrier": "Every place is taken by a learner waiting longer"})
            for m in listed[len(places) :]
        ),
        "absences": {"travel-reach": 12, "outranked": 3},
        "rules_version": "2026-11-01",
        "model_version": "prior-1",
        "model_note": "An expert's estimate: no outcomes are known yet",
    }
    return ShortlistProposed(**values | changes)


def answer(
    kind: type[InterviewEvent], vacancy_id: UUID, learner_id: UUID, *, at: datetime, **more: Any
) -> Any:
    return kind(
        event_id=uuid4(),
        occurred_at=at,
        vacancy_id=vacancy_id,
        match_id=match_id(vacancy_id, learner_id),
        learner_id=learner_id,
        **more,
    )


def withdrawn(vacancy_id: UUID, learner_id: UUID, *, at: datetime) -> MatchWithdrawn:
    return MatchWithdrawn(
        event_id=uuid4(),
        occurred_at=at,
        vacancy_id=vacancy_id,
        match_id=match_id(vacancy_id, learner_id),
        learner_id=learner_id,
        reason="learner-paused",
    )


def lettered(kind: type[LetterEvent], vacancy_id: UUID, *, at: datetime, **more: Any) -> Any:
    values = {
        "event_id": uuid4(),
        "occurred_at": at,
        "letter_id": uuid4(),
        "template": "learner-invitation",
        "side": "learner",
        "vacancy_id": vacancy_id,
        "learner_id": uuid4(),
    }
    return kind(**values | more)


def match_id(vacancy_id: UUID, learner_id: UUID) -> UUID:
    return uuid5(vacancy_id, str(learner_id))


def later(*, minutes: float = 0, days: int = 0) -> datetime:
    return MONDAY + timedelta(minutes=minutes, days=days)


def word(word_id: UUID, written: str = "Stick work", **sources: int) -> dict[str, Any]:
    """A word for a skill that waits, as intake shows it."""
    said = sources or {"advert": 2, "learner": 1}
    return {
        "id": word_id,
        "word": written.casefold(),
        "written": written,
        "times": sum(said.values()),
        "sources": said,
        "since": MONDAY,
        "suggestions": [{"key": "welding", "label": "Welding", "score": 71}],
    }
