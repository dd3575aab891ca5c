"""
What another weight, rule or pledge would make of a market, before anybody is told.

    ChangeRefused   the change names what is not there, or gives what cannot be
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from statistics import mean
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from schemas.vacancy import VacancyProfile
from services.matcher.case import Case, changed_vacancy
from services.matcher.coverage import Coverage, coverage
from services.matcher.fork import Fork
from services.matcher.judged import NoRoom
from services.matcher.market import Outcome, RoundInputs, Shortlist, Vacancy
from services.matcher.rule_changes import RuleUnknown, with_limit, without
from services.matcher.scorer import Model, ModelRefused, verified
from services.matcher.weights import WeightUnknown, reweighted


class ChangeRefused(Exception):
    """The change names what is not there, or gives what cannot be."""


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Weight(_Said):
    """A feature weighs *times* as much as now; in *sector* alone, if given."""

    change: Literal["weight"] = "weight"
    feature: str
    times: float = Field(ge=0, le=10)
    sector: str | None = None


class RuleOff(_Said):
    """A rule is given up."""

    change: Literal["rule-off"] = "rule-off"
    rule: str


class RuleLimit(_Said):
    """A limit of a rule, or its ``from`` or ``until``, is another."""

    change: Literal["rule-limit"] = "rule-limit"
    rule: str
    name: str
    value: str | float | tuple[str, ...]


class Interviews(_Said):
    """A vacancy pledges so many interviews more, or fewer."""

    change: Literal["interviews"] = "interviews"
    vacancy_id: UUID
    more: int = Field(ge=-500, le=500)


class NewVacancy(_Said):
    """A vacancy more is pledged."""

    change: Literal["vacancy"] = "vacancy"
    vacancy_id: UUID
    vacancy: VacancyProfile


Said = Annotated[
    Weight | RuleOff | RuleLimit | Interviews | NewVacancy, Field(discriminator="change")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortlistChange:
    """Who enters and leaves a vacancy's places; ``reordered`` if only the order differs."""

    vacancy_id: UUID
    enter: tuple[UUID, ...]
    leave: tuple[UUID, ...]
    reordered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """
    A market in figures: completers with an interview, of how many, and interviews pledged.

    The others have waited so many days, on average and at most. ``total_score`` is that of the
    unlocked matches, in ten-thousandths.
    """

    placed: int
    completers: int
    places: int
    mean_days_unplaced: float
    most_days_unplaced: int
    total_score: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """
    What the next round would propose with the changes, beside what it would without.

    ``after`` is what that round publishes, byte for byte, if the changes are made and nothing
    else happens. The placed are given for figures by group, which are made elsewhere.
    ``ranked_by`` is the version of the model with the changes.
    """

    market: str
    ranked_by: str
    shortlists: tuple[ShortlistChange, ...]
    before: Figures
    after: Figures
    coverage: tuple[Coverage, ...]
    completers: tuple[UUID, ...]
    placed_before: tuple[UUID, ...]
    placed_after: tuple[UUID, ...]
    proposed: tuple[Shortlist, ...]


def changed(case: Case, said: Sequence[Said]) -> Case:
    """*case* with all changes, in order; raises ChangeRefused."""
    after = case
    try:
        for each in said:
            after = _changed(after, each)
        if after.model is not case.model:
            # a model that could not be activated must not be previewed either
            verified(after.model)
    except (RuleUnknown, WeightUnknown, ModelRefused) as error:
        raise ChangeRefused(str(error)) from error
    return after


def preview(
    case: Case, outcome: Outcome, said: Sequence[Said], *, fork: Fork | None = None
) -> Preview:
    """
    What *said* would do to the market of *case*, that after *outcome*; raises ChangeRefused.

    The next round goes on from the last where only rows change: so does its preview, on *fork*,
    if there is one. Else it is a whole round.
    """
    after_case = changed(case, said)
    before, after = _rounds(case, outcome, after_case, fork)
    completers = tuple(sorted({*_placed(after), *after.unplaced}))
    rows = after_case.inputs.learners
    return Preview(
        market=case.inputs.market,
        ranked_by=after_case.model.version,
        shortlists=tuple(_differences(before, after)),
        before=_figures(before, case.inputs),
        after=_figures(after, after_case.inputs),
        coverage=coverage(rows, completers, _placed(before), _placed(after)),
        completers=completers,
        placed_before=_placed(before),
        placed_after=_placed(after),
        proposed=after.shortlists,
    )


def _rounds(
    case: Case, outcome: Outcome, after: Case, fork: Fork | None
) -> tuple[Outcome, Outcome]:
    """The next round without the changes, and with them."""
    if fork and (case.model, case.rules) == (after.model, after.rules):
        with suppress(NoRoom):
            return outcome, fork.after(case.inputs, after.inputs)
    before = case.outcome(outcome)
    return before, after.outcome(before)


def _changed(case: Case, said: Said) -> Case:
    match said:
        case Weight():
            made: Model = reweighted(case.model, said.feature, said.times, sector=said.sector)
            return replace(case, model=made)
        case RuleOff():
            return replace(case, rules=without(case.rules, said.rule))
        case RuleLimit():
            return replace(case, rules=with_limit(case.rules, said.rule, said.name, said.value))
        case Interviews():
            return _pledged(case, said)
        case NewVacancy():
            if any(row.vacancy_id == said.vacancy_id for row in case.inputs.vacancies):
                raise ChangeRefused(f"vacancy {said.vacancy_id} is there already")
            row = Vacancy(vacancy_id=said.vacancy_id, profile=said.vacancy)
            return case.with_vacancy(row)


def _pledged(case: Case, said: Interviews) -> Case:
    try:
        row = case.vacancy(said.vacancy_id)
    except KeyError as error:
        raise ChangeRefused(f"no vacancy {said.vacancy_id} is in this market") from error
    interviews = row.profile.interviews + said.more
    if interviews < 1:
        left = f"Interviews pledged: {row.profile.interviews}; {said.more:+d} leaves {interviews}"
        raise ChangeRefused(f"{left}; at least 1 must be left, else the vacancy is closed")
    return case.with_vacancy(changed_vacancy(row, {"interviews": interviews}))


def _differences(before: Outcome, after: Outcome) -> list[ShortlistChange]:
    were = {row.vacancy_id: _order(row) for row in before.shortlists}
    changes = []
    for row in after.shortlists:
        now, was = _order(row), were.get(row.vacancy_id, ())
        if now != was:
            enter = tuple(who for who in now if who not in was)
            leave = tuple(who for who in was if who not in now)
            changes.append(ShortlistChange(vacancy_id=row.vacancy_id, enter=enter, leave=leave,
                                           reordered=not enter and not leave))  # fmt: skip
    return changes


def _order(row: Shortlist) -> tuple[UUID, ...]:
    return tuple(match.learner_id for match in row.matches)


def _placed(outcome: Outcome) -> tuple[UUID, ...]:
    return tuple(sorted({learner_id for learner_id, _ in outcome.allocated}))


def _figures(outcome: Outcome, inputs: RoundInputs) -> Figures:
    since: Mapping[UUID, date | None] = {r.learner_id: r.completed_on for r in inputs.learners}
    days = [(inputs.today - day).days for who in outcome.unplaced if (day := since[who])]
    placed = outcome.proof.placed
    return Figures(
        placed=placed,
        completers=placed + len(outcome.unplaced),
        places=sum(row.profile.interviews for row in inputs.vacancies if not row.closed),
        mean_days_unplaced=round(mean(days), 1) if days else 0.0,
        most_days_unplaced=max(days, default=0),
        total_score=outcome.proof.total_score,
    )
