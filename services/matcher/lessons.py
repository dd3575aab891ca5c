"""
Lessons: pairs as they were when letters left, with what became of the interview.

The target is the interview's outcome alone. What coordinators decided is kept beside it, to say
how far they agree with the ranking, and is never learnt from.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from schemas.decision import ShortlistSent
from services.matcher.facts import Fact, Sides
from services.matcher.features import FEATURES
from services.matcher.market import match_id
from services.matcher.prior import Outcomes
from services.matcher.sectors import of_route

# what an interview led to: 1 a start or the offer of one; who left had started
LABELS: Mapping[str, int] = {"started": 1, "offer": 1, "left": 1, "no-offer": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """
    One match whose interview has an outcome.

    ``measures`` are its features as the shortlist that was sent gave them, ``rank`` its position
    there, ``score`` (ten-thousandths) what ``model_version`` expected, ``at`` when it was sent.
    """

    learner_id: UUID
    vacancy_id: UUID
    employer_id: UUID
    route: int | None
    measures: Mapping[str, float]
    score: int
    rank: int
    model_version: str | None
    at: datetime
    outcome: str


def shown(events: Sequence[ShortlistSent], *, forgotten: Collection[UUID]) -> Iterator[Fact]:
    """What is kept of the pairs on shortlists that were sent, save of *forgotten* learners."""
    for event in events:
        for match in event.matches:
            if match.learner_id in forgotten or not match.measures:
                continue
            key = match_id((match.learner_id, event.vacancy_id))
            fact = Fact.of(
                event,
                key,
                measures=json.dumps(match.measures, sort_keys=True),
                score=match.score,
                rank=match.position,
                model_version=match.model_version,
                route=event.vacancy.route,
                employer_key=event.vacancy.employer_id,
            )
            sides = Sides(vacancy_id=event.vacancy_id, learner_id=match.learner_id)
            yield replace(fact, sides=sides)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lessons:
    """
    Lessons as arrays, in order of time [n]; ``unread`` had an outcome that is no label.

    Ids are small whole numbers; ``days`` are whole days since the first.
    """

    outcomes: Outcomes
    learners: NDArray[np.intp]
    vacancies: NDArray[np.intp]
    employers: NDArray[np.intp]
    days: NDArray[np.int64]
    scores: NDArray[np.float64]
    ranks: NDArray[np.intp]
    unread: int = 0

    def __len__(self) -> int:
        return len(self.outcomes)

    def part(self, where: NDArray[np.bool_] | NDArray[np.intp]) -> "Lessons":
        """The lessons at *where*."""
        arrays = {
            name: getattr(self, name)[where]
            for name in ("learners", "vacancies", "employers", "days", "scores", "ranks")
        }
        return Lessons(outcomes=self.outcomes.part(where), **arrays)

    @classmethod
    def of(cls, lessons: Sequence[Lesson], *, labelled: bool = True) -> "Lessons":
        """
        *lessons*, sorted by time and ids; a feature a lesson has not is neutral.

        Unless *labelled*, those without a label are among them, as no start.
        """
        rows = sorted(
            (row for row in lessons if not labelled or row.outcome in LABELS),
            key=lambda row: (row.at, row.vacancy_id, row.learner_id),
        )
        first = rows[0].at if rows else None
        values = [[row.measures.get(f.name, f.neutral) for f in FEATURES] for row in rows]
        return cls(
            outcomes=Outcomes(
                rows=np.array(values, dtype=np.float64).reshape(-1, len(FEATURES)),
                started=np.array([LABELS.get(row.outcome, 0) for row in rows], dtype=np.int8),
                sectors=np.array([of_route(row.route) for row in rows], dtype=np.intp),
            ),
            learners=_numbers([row.learner_id for row in rows]),
            vacancies=_numbers([row.vacancy_id for row in rows]),
            employers=_numbers([row.employer_id for row in rows]),
            days=np.array([(row.at - first).days for row in rows if first], dtype=np.int64),
            scores=np.array([row.score / 10_000 for row in rows], dtype=np.float64),
            ranks=np.array([row.rank for row in rows], dtype=np.intp),
            unread=len(lessons) - len(rows),
        )


def _numbers(ids: Sequence[UUID]) -> NDArray[np.intp]:
    known: dict[UUID, int] = {}
    return np.array([known.setdefault(each, len(known)) for each in ids], dtype=np.intp)
