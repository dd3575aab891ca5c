"""Why nobody is on a shortlist, and where the completers of the market are instead."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import numpy as np

from schemas.learner import ROUTES
from services.matcher.blocking import Blocked, blocked
from services.matcher.market import Outcome, RoundInputs
from services.matcher.placement import free_places, is_completer, rows_of, turns_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Scarcity:
    """So many *learners* can between them reach only *vacancies*, with so many free *places*."""

    learners: int
    places: int
    vacancies: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vacant:
    """
    A vacancy's completers in numbers.

    ``absences`` counts them by what keeps them off, ``routes`` by the route of their course:
    ``here`` of them trained for this vacancy's. ``placed`` are on its places. ``scarcity`` is the
    set of learners that shares this vacancy's places, where some of them had to go without.
    """

    vacancy_id: UUID
    route: str | None
    placed: int
    completers: int
    here: int
    routes: Mapping[str, int]
    absences: Mapping[str, int]
    scarcity: Scarcity | None


def vacant(inputs: RoundInputs, outcome: Outcome, vacancy_id: UUID) -> Vacant:
    """What *outcome* says of the vacancy; raises KeyError for one not in the market."""
    at = rows_of(inputs).vacancies[vacancy_id]
    own = inputs.vacancies[at].profile.route
    rows = [row for row in inputs.learners if is_completer(row, inputs.today)]
    routes = Counter(row.profile.course.route for row in rows)
    named = {ROUTES[route - 1]: count for route, count in routes.items() if route}
    shortlist = next((row for row in outcome.shortlists if row.vacancy_id == vacancy_id), None)
    return Vacant(
        vacancy_id=vacancy_id,
        route=ROUTES[own - 1] if own else None,
        placed=len(shortlist.matches) if shortlist else 0,
        completers=len(rows),
        here=routes[own] if own else 0,
        routes=dict(sorted(named.items(), key=lambda item: (-item[1], item[0]))),
        absences=shortlist.absences if shortlist else {},
        scarcity=_scarcity(inputs, outcome, at),
    )


def _scarcity(inputs: RoundInputs, outcome: Outcome, at: int) -> Scarcity | None:
    for each in blocking_sets(inputs, outcome):
        if each.vacancies[at]:
            ids = tuple(inputs.vacancies[i].vacancy_id for i in np.flatnonzero(each.vacancies))
            return Scarcity(learners=len(each.learners), places=each.places, vacancies=ids)
    return None


def blocking_sets(inputs: RoundInputs, outcome: Outcome) -> list[Blocked]:
    """The sets of learners who share too few places, as the round's proof has them."""
    rows = rows_of(inputs)
    turns = turns_of(inputs, rows)
    eligible = (outcome.judgement.rule == 0) & (turns.used == 0)[:, None]
    placed = rows.of(outcome.allocated - inputs.locks)
    return list(blocked(eligible, placed, free_places(inputs)))
