"""What people decided and answered about one match, a second after one another."""

from datetime import date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from schemas import decision, interview, learner, vacancy
from schemas.decision import Shown
from schemas.match import Match
from services.matcher.market import match_id
from tests import make

_SECONDS = count(1)


def later() -> datetime:
    """A time after all before it."""
    return make.NOON + timedelta(minutes=next(_SECONDS))


def completer(learner_id: UUID | None = None, **profile: Any) -> list[learner.LearnerEvent]:
    """Somebody enrolled and completed."""
    learner_id = learner_id or uuid4()
    facts = make.learner_profile(**profile)
    return [
        make.enrolled(learner_id=learner_id, learner=facts),
        make.completed(learner_id=learner_id),
    ]


def pledge(vacancy_id: UUID, **profile: Any) -> vacancy.VacancyPledged:
    """An employer promised interviews."""
    return make.pledged(vacancy_id=vacancy_id, vacancy=make.vacancy_profile(**profile))


def approved(learner_id: UUID, vacancy_id: UUID) -> decision.MatchApproved:
    return decision.MatchApproved(**_decision(learner_id, vacancy_id))


def held(learner_id: UUID, vacancy_id: UUID, until: date | None) -> decision.MatchHeld:
    facts = _decision(learner_id, vacancy_id)
    return decision.MatchHeld(**facts, reason="ask" if until else "undone", until=until)


def rejected(learner_id: UUID, vacancy_id: UUID) -> decision.MatchRejected:
    return decision.MatchRejected(**_decision(learner_id, vacancy_id), reason="not-now")


def moved(
    learner_id: UUID, vacancy_id: UUID, to: int, *, instead_of: UUID | None = None
) -> decision.MatchMoved:
    """Put at a position; onto the place of the learner *instead_of*, if given."""
    facts = _decision(learner_id, vacancy_id)
    if instead_of:
        facts["instead_of"] = match_id((instead_of, vacancy_id))
    return decision.MatchMoved(**facts, reason="knows-them", from_position=9, to_position=to)


def sent(vacancy_id: UUID, *learner_ids: UUID, **facts: Any) -> decision.ShortlistSent:
    """Letters left about these learners; *facts* are of every match."""
    matches = tuple(
        Match(
            match_id=match_id((learner_id, vacancy_id)),
            learner_id=learner_id,
            position=position,
            score=5_000,
            waiting_since=date(2026, 8, 28),
            **facts,
        )
        for position, learner_id in enumerate(learner_ids, start=1)
    )
    return decision.ShortlistSent(
        event_id=uuid4(),
        occurred_at=later(),
        vacancy_id=vacancy_id,
        shortlist_version=1,
        coordinator="c1",
        vacancy=make.vacancy_profile(),
        matches=matches,
    )


def said(
    kind: type[interview.InterviewEvent], learner_id: UUID, vacancy_id: UUID, **facts: Any
) -> interview.InterviewEvent:
    """An answer, or what became of an interview."""
    given = {"reason": "other"} if "reason" in kind.model_fields else {}
    given |= {"starts_at": make.NOON} if "starts_at" in kind.model_fields else {}
    return kind(**(_about(learner_id, vacancy_id) | given | facts))


def _decision(learner_id: UUID, vacancy_id: UUID) -> dict[str, Any]:
    shown = Shown(shortlist_version=1)
    return _about(learner_id, vacancy_id) | {"coordinator": "c1", "shown": shown}


def _about(learner_id: UUID, vacancy_id: UUID) -> dict[str, Any]:
    return {
        "event_id": uuid4(),
        "occurred_at": later(),
        "vacancy_id": vacancy_id,
        "learner_id": learner_id,
        "match_id": match_id((learner_id, vacancy_id)),
    }
