"""What would place those without an interview: for each, the smallest single change."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np

from schemas.learner import ROUTES
from services.matcher import ladders
from services.matcher.case import Case, changed_vacancy
from services.matcher.cells import Table, table
from services.matcher.changes import Change
from services.matcher.market import Learner, Outcome, Vacancy
from services.matcher.trials import Trials, judged

MOST_ROUNDS = 300
MOST_VACANCIES = 5  # on which more interviews are tried for one learner
UNKNOWN_ROUTE = "Route not given"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlock:
    """
    The smallest change that places a learner, and where.

    ``displaced`` of those who had an interview would lose it: then it is a turn that changes
    hands, because the learner has waited longer.
    """

    learner_id: UUID
    change: Change
    vacancy_id: UUID
    displaced: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UnlockReport:
    """
    For each completer without an interview the smallest single change that would place them.

    Every ``unlocks`` was verified by a round with the change, the step below it without success.
    ``nothing`` learners no single change helps; ``unread`` were not looked at, because *rounds*
    were all that could be run. Tables count those unlocked; small cells are hidden.
    """

    market: str
    completers: int
    unplaced: int
    unlocks: tuple[Unlock, ...]
    nothing: int
    unread: int
    rounds: int
    by_kind: Table
    by_route: Table
    by_month: Table


def unlock_report(case: Case, outcome: Outcome, *, most: int = MOST_ROUNDS) -> UnlockReport:
    """The report for the market of *case*, which is that after *outcome*."""
    trials = Trials(case=case, base=case.outcome(outcome), most=most, rounds=1)
    found: dict[UUID, Unlock] = {}
    unread: set[UUID] = set()
    # first what learners could do themselves: it is nearer, and needs few rounds
    for steps_of in (_own, _others):
        for learner_id in trials.base.unplaced:
            if learner_id in found:
                continue
            steps = sorted(steps_of(trials, case.learner(learner_id)), key=lambda step: step[0])
            if steps and (unlock := _unlock(trials, learner_id, steps)):
                found[learner_id] = unlock
            elif steps and trials.spent:
                unread.add(learner_id)
    unread -= found.keys()
    unlocks = [found[learner_id] for learner_id in sorted(found)]
    vacancies = {row.vacancy_id: row for row in case.inputs.vacancies}
    opened = [vacancies[each.vacancy_id] for each in unlocks]
    return UnlockReport(
        market=case.inputs.market,
        completers=len({who for who, _ in trials.base.allocated}) + len(trials.base.unplaced),
        unplaced=len(trials.base.unplaced),
        unlocks=tuple(unlocks),
        nothing=len(trials.base.unplaced) - len(unlocks) - len(unread),
        unread=len(unread),
        rounds=trials.rounds,
        by_kind=table(each.change.kind for each in unlocks),
        by_route=table(route(row.profile.route) for row in opened),
        by_month=table(f"{row.profile.starts_on:%Y-%m}" for row in opened),
    )


def route(number: int | None) -> str:
    """The route's name."""
    return ROUTES[number - 1] if number else UNKNOWN_ROUTE


Step = tuple[tuple[int, float, str, str], ladders.Ladder, list[bool]]


def _unlock(trials: Trials, learner_id: UUID, steps: Sequence[Step]) -> Unlock | None:
    """The first of *steps* that places the learner, tried in order."""
    for _, ladder, likely in steps:
        found = trials.smallest(ladder, likely, lambda made: learner_id not in made.unplaced)
        if found:
            change, made = found
            where = min(vacancy for who, vacancy in made.allocated if who == learner_id)
            lost = made.unplaced.keys() - trials.base.unplaced.keys()
            return Unlock(learner_id=learner_id, change=change, vacancy_id=where,
                          displaced=len(lost))  # fmt: skip
        if trials.spent:
            break  # a smaller change may be left untried: say nothing rather than a larger one
    return None


def _own(trials: Trials, learner: Learner) -> Iterator[Step]:
    """What the learner could change, with the steps that the prices speak for."""
    case, rows = trials.case, trials.rows
    at = _open(trials)
    others = [case.inputs.vacancies[i] for i in at]
    row = rows.learners[learner.learner_id]
    found = ladders.for_learner(learner, others, case.inputs.today, case.rules)
    # all steps of all ladders in one pass over the market
    costs = trials.costs(row, [change for ladder in found for change in ladder], at)
    ends = np.cumsum([len(ladder) for ladder in found])
    for ladder, part in zip(found, np.split(costs, ends[:-1]) if found else [], strict=True):
        likely = [bool((step <= 0).any()) for step in part]
        if any(likely):
            yield ladder[likely.index(True)].size, ladder, likely


def _others(trials: Trials, learner: Learner) -> Iterator[Step]:
    """What employers of vacancies they may have could change; or of those they could come to."""
    case, rows = trials.case, trials.rows
    row = rows.learners[learner.learner_id]
    at = _open(trials)
    eligible = [i for i in at if trials.base.judgement.rule[row, i] == 0]
    # where one more place is worth most; by number first, so that fewer come before more
    best = sorted(eligible, key=lambda i: (trials.cost(row, i, 0), i))[:MOST_VACANCIES]
    for more in range(1, ladders.MOST_INTERVIEWS + 1 if best else 0):
        steps = tuple(ladders.pledge(case.inputs.vacancies[i], more) for i in best)
        yield steps[0].size, steps, [True] * len(steps)
    changed: list[tuple[ladders.Ladder, Vacancy, int]] = [
        (ladder, changed_vacancy(case.inputs.vacancies[i], ladder[0].facts), i)
        for i in at
        for ladder in ladders.for_vacancy(learner, case.inputs.vacancies[i])
    ]
    if changed:
        may, scores = judged(case, [learner], [row for _, row, _ in changed])
        for (ladder, _, i), able, score in zip(changed, may[0], scores[0], strict=True):
            if able and trials.cost(row, i, int(score)) <= 0:
                yield ladder[0].size, ladder, [True]


def _open(trials: Trials) -> list[int]:
    """The vacancies that are not over, by row."""
    return [i for i, row in enumerate(trials.case.inputs.vacancies) if not row.closed]
