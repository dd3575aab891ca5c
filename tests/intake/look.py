"""What intake left behind, for tests to compare."""

import random
from typing import Any

from sqlalchemy import select, text

from schemas import CATALOGUE, learner, vacancy
from schemas.envelope import Event
from services.delivery.database import Sessions
from services.delivery.outbox import Outbox
from services.intake.tables import TaskRow

PROFILE = (learner.LearnerEnrolled, learner.LearnerChanged, vacancy.VacancyPledged,
           vacancy.VacancyChanged)  # fmt: skip
GROUPS = {
    **dict.fromkeys(PROFILE, "profile"),
    learner.CourseCompleted: "completion",
    learner.CompletionRevoked: "completion",
    learner.LearnerPaused: "pause",
    learner.LearnerResumed: "pause",
    learner.LearnerWithdrawn: "withdrawal",
    learner.LearnerErased: "erasure",
    vacancy.VacancyClosed: "withdrawal",
}


async def posted(sessions: Sessions) -> list[Event]:
    """Every event of the outbox, in the order it was posted."""
    async with sessions() as session:
        rows = await session.scalars(select(Outbox).order_by(Outbox.seq))
        return [CATALOGUE[row.type].of(row.payload) for row in rows]


async def names(sessions: Sessions) -> list[str]:
    """The types of what was posted, in order."""
    return [type(event).__name__ for event in await posted(sessions)]


async def tasks(sessions: Sessions) -> list[tuple[str, str]]:
    """Kind and words of the open tasks."""
    async with sessions() as session:
        rows = await session.scalars(select(TaskRow).where(TaskRow.closed_at.is_(None)))
        return sorted((row.kind, row.words) for row in rows)


async def empty(sessions: Sessions) -> None:
    """As at the start."""
    async with sessions.begin() as session:
        await session.execute(
            text(
                "truncate intake.learner, intake.vacancy, intake.employer, intake.outbox, "
                "intake.inbox, intake.task, intake.provider_return, intake.skill_word, "
                "intake.skill_ruling, intake.skill_version, intake.taxonomy, contacts.person, "
                "contacts.employer, contacts.term, contacts.erasure, contacts.reading"
            )
        )


async def held(sessions: Sessions) -> dict[str, list[str]]:
    """The rows of intake as text, without what only tells when a fact left."""
    columns = {
        "learner": "learner_id, ukprn, cells, posted, due_on, uln_digest, previous_id, seen_year, "
        "seen_at, seen_by",
        "vacancy": "vacancy_id, reference, employer_id, cells, posted, rule, words",
        "employer": "employer_id, cells",
        "task": "task_id, kind, about, other, words, closed_at is null",
        "provider_return": "ukprn, year, at, by",
    }
    async with sessions() as session:
        return {
            table: sorted(
                str(row[0])
                for row in await session.execute(
                    text(f"select row({names})::text from intake.{table}")
                )
            )
            for table, names in columns.items()
        }


async def effective(sessions: Sessions, seed: int = 0) -> dict[str, Any]:
    """
    What a reader of the topics knows in the end, by the groups of facts of the seams.

    The events are read in a chance order: an older fact of a group changes nothing.
    """
    events = await posted(sessions)
    random.Random(seed).shuffle(events)
    last: dict[tuple[str, str], Event] = {}
    for event in events:
        for group in (GROUPS[type(event)], *_opening(event)):
            held = last.get((event.key, group))
            if held is None or _order(held) < _order(event):
                last[event.key, group] = event
    return {key: _known(key, last) for key in {key for key, _ in last}}


def _known(key: str, last: dict[tuple[str, str], Event]) -> dict[str, Any]:
    profile, opening = last.get((key, "profile")), last.get((key, "opening"))
    ended, completion = last.get((key, "withdrawal")), last.get((key, "completion"))
    pause = last.get((key, "pause"))
    counts = ended is not None and (opening is None or _order(ended) > _order(opening))
    return {
        "profile": _said(profile),
        "ended": _said(ended) if counts else None,
        "completion": _said(completion)
        if isinstance(completion, learner.CourseCompleted)
        else None,
        "paused": _said(pause) if isinstance(pause, learner.LearnerPaused) else None,
        "erased": (key, "erasure") in last,
    }


def _opening(event: Event) -> tuple[str, ...]:
    opens = isinstance(event, learner.LearnerEnrolled | vacancy.VacancyPledged)
    return ("opening",) if opens else ()


def _order(event: Event) -> tuple[Any, str]:
    return (event.occurred_at, str(event.event_id))


def _said(event: Event | None) -> dict[str, Any] | None:
    if event is None:
        return None
    return event.model_dump(mode="json", exclude={"event_id", "occurred_at"})
