"""A market as the next round would find it, to ask what a change would make of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self
from uuid import UUID

from services.matcher.market import Learner, Outcome, RoundInputs, Vacancy
from services.matcher.proposal import propose
from services.matcher.rules import Rules
from services.matcher.scorer import Model


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All a round depends on. Nothing that is done with it is stored or said to anybody."""

    inputs: RoundInputs
    model: Model
    rules: Rules

    @classmethod
    def after(cls, inputs: RoundInputs, outcome: Outcome, model: Model, rules: Rules) -> Self:
        """
        What a round would be computed from now, if nothing else happened since *outcome*.

        Its matches are the current ones, and pairs are scored anew: a replay's kept scores are
        of rows that a change may touch.
        """
        current = outcome.allocated - inputs.locks
        return cls(inputs=replace(inputs, current=current, scores=None), model=model, rules=rules)

    def outcome(self, earlier: Outcome | None = None) -> Outcome:
        """What the round comes to; the same with *earlier* or without, only sooner."""
        return propose(self.inputs, self.model, self.rules, earlier=earlier)

    def learner(self, learner_id: UUID) -> Learner:
        """The learner of the market; raises KeyError."""
        for row in self.inputs.learners:
            if row.learner_id == learner_id:
                return row
        raise KeyError(f"no learner {learner_id} is in the market")

    def vacancy(self, vacancy_id: UUID) -> Vacancy:
        """The vacancy of the market; raises KeyError."""
        for row in self.inputs.vacancies:
            if row.vacancy_id == vacancy_id:
                return row
        raise KeyError(f"no vacancy {vacancy_id} is in the market")

    def with_learner(self, row: Learner) -> "Case":
        """The same with *row* in place of the learner it is about."""
        rows = tuple(row if each.learner_id == row.learner_id else each
                     for each in self.inputs.learners)  # fmt: skip
        return replace(self, inputs=replace(self.inputs, learners=rows))

    def with_vacancy(self, row: Vacancy) -> "Case":
        """The same with *row*, a new vacancy or one that replaces its namesake."""
        rows = {each.vacancy_id: each for each in self.inputs.vacancies} | {row.vacancy_id: row}
        ordered = tuple(each for _, each in sorted(rows.items()))
        return replace(self, inputs=replace(self.inputs, vacancies=ordered))


def changed_learner(row: Learner, facts: Mapping[str, Any]) -> Learner:
    """*row* with other facts, of its own or of its profile, by name."""
    own = {name: value for name, value in facts.items() if name in Learner.__dataclass_fields__}
    profile = {name: value for name, value in facts.items() if name not in own}
    return replace(row, profile=row.profile.model_copy(update=profile), **own)


def changed_vacancy(row: Vacancy, facts: Mapping[str, Any]) -> Vacancy:
    """*row* with other facts of its profile, by name."""
    return replace(row, profile=row.profile.model_copy(update=dict(facts)))
