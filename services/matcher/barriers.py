"""Who is kept out by one rule alone: evidence for whoever may change the rule."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from services.matcher.case import Case
from services.matcher.cells import Table, shown, table
from services.matcher.market import Learner
from services.matcher.placement import is_completer
from services.matcher.rule_changes import without
from services.matcher.rules import EXCLUDED
from services.matcher.trials import allowed
from services.matcher.unlock import route

# what is over, or makes a completer: dropping these would admit nobody to anything
NO_BARRIERS = frozenset({"completed", "withdrawn", "closed", "dates", EXCLUDED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Barrier:
    """A rule without which so many completers, eligible nowhere now, would be eligible."""

    rule: str
    learners: tuple[UUID, ...]
    by_route: Table
    by_month: Table


@dataclass(frozen=True, slots=True, kw_only=True)
class BarrierReport:
    """
    Completers whom rules keep off every open vacancy: ``barred`` of them.

    ``barriers`` has the rules whose dropping, alone, admits somebody; the routes are those of
    their courses, the months those of their completion. Who would be admitted by dropping either
    of two rules counts under both. ``by_more`` need more than one rule dropped. ``table`` is
    the barriers without small cells.
    """

    market: str
    completers: int
    barred: int
    by_more: int
    barriers: tuple[Barrier, ...]
    table: Table


def barrier_report(case: Case) -> BarrierReport:
    """The report for the market of *case*."""
    rows = [row for row in case.inputs.learners if is_completer(row, case.inputs.today)]
    vacancies = [row for row in case.inputs.vacancies if not row.closed]
    barred = [] if not rows else _out(case, rows)
    barriers = []
    admitted: set[UUID] = set()
    for rule in dict.fromkeys(case.rules.ids):
        if rule in NO_BARRIERS or not barred or not vacancies:
            continue
        freed = replace(case, rules=without(case.rules, rule))
        still = {row.learner_id for row in _out(freed, barred)}
        let_in = [row for row in barred if row.learner_id not in still]
        admitted.update(row.learner_id for row in let_in)
        if let_in:
            barriers.append(_barrier(rule, let_in))
    return BarrierReport(
        market=case.inputs.market,
        completers=len(rows),
        barred=len(barred),
        by_more=len(barred) - len(admitted),
        barriers=tuple(barriers),
        table=shown({each.rule: len(each.learners) for each in barriers}),
    )


def _out(case: Case, rows: Sequence[Learner]) -> list[Learner]:
    """Those of *rows* whom the rules of *case* let onto no open vacancy."""
    open_ = [row for row in case.inputs.vacancies if not row.closed]
    may = allowed(case, rows, open_)
    place = {row.learner_id: i for i, row in enumerate(rows)}
    column = {row.vacancy_id: i for i, row in enumerate(open_)}
    for learner_id, vacancy_id in case.inputs.excluded:
        if learner_id in place and vacancy_id in column:
            may[place[learner_id], column[vacancy_id]] = False
    return [row for row, some in zip(rows, may, strict=True) if not some.any()]


def _barrier(rule: str, rows: Sequence[Learner]) -> Barrier:
    return Barrier(
        rule=rule,
        learners=tuple(row.learner_id for row in rows),
        by_route=table(route(row.profile.course.route) for row in rows),
        by_month=table(f"{row.completed_on:%Y-%m}" for row in rows),
    )
