"""
Single changes that somebody could bring about, each a value that can be tried.

Only facts listed here can change: never age, grounds or anything else that is protected, and no
place of living, course or completion, which are what they are.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from services.matcher.case import Case, changed_learner, changed_vacancy
from services.matcher.market import Pair
from services.matcher.rule_changes import with_limit, without
from services.matcher.rules import Rules

# what may be asked of a learner and of an employer; anything else is refused, not forgotten
LEARNER_FACTS = frozenset(
    {"max_miles", "available_from", "holds", "hours_from", "hours_to", "skills"}
    | {"english", "maths"}
) | {"paused", "paused_until"}
VACANCY_FACTS = frozenset({"interviews", "starts_on", "programmes"})
# who would have to act, by kind: nearest to the learner first. Our judgement (decision 0100).
WHO: Mapping[str, str] = {
    "reach": "learner",
    "free-from": "learner",
    "hours": "learner",
    "break": "learner",
    "holds": "learner",
    "subject": "learner",
    "skill": "learner",
    "refusal": "coordinator",
    "starts": "employer",
    "pledge": "employer",
    "open-to": "employer",
    "rule-limit": "scheme",
    "rule": "scheme",
}
ACTORS = ("learner", "coordinator", "employer", "scheme")
# how much one unit weighs against a mile, a day or an hour, when kinds are compared
WEIGHT: Mapping[str, float] = {
    "break": 7,
    "holds": 30,
    "subject": 30,
    "skill": 30,
    "pledge": 30,
    "open-to": 30,
}


class NotForUs(ValueError):
    """The change would touch a fact that must not decide anything, or that nobody can change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """
    One change: *amount* of *unit* more than now, in *words*.

    Of the learner's facts, the vacancy's, the rules' (``rule``, with *facts* as its limits, or
    without any: the rule goes), or of the pair's refusal.
    """

    kind: str
    amount: float
    unit: str
    words: str
    learner_id: UUID | None = None
    vacancy_id: UUID | None = None
    rule: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse to touch what is protected."""
        allowed = {"learner": LEARNER_FACTS, "employer": VACANCY_FACTS}.get(WHO[self.kind])
        if allowed is not None and (other := self.facts.keys() - allowed):
            raise NotForUs(f"{self.kind} must not change {', '.join(sorted(other))}")

    @property
    def size(self) -> tuple[int, float, str, str]:
        """What orders changes: who must act, how much, and ties by kind and words."""
        weight = WEIGHT.get(self.kind, 1)
        return ACTORS.index(WHO[self.kind]), self.amount * weight, self.kind, self.words


def applied(case: Case, change: Change) -> Case:
    """*case* with *change*; raises KeyError for ids not in the market, RuleUnknown."""
    if change.kind == "refusal":
        pair: Pair = (_id(change.learner_id), _id(change.vacancy_id))
        inputs = replace(case.inputs, excluded=case.inputs.excluded - {pair})
        return replace(case, inputs=inputs)
    if change.rule:
        return replace(case, rules=_rules(case, change.rule, change.facts))
    if WHO[change.kind] == "learner":
        row = case.learner(_id(change.learner_id))
        return case.with_learner(changed_learner(row, change.facts))
    vacancy = case.vacancy(_id(change.vacancy_id))
    return case.with_vacancy(changed_vacancy(vacancy, change.facts))


def _rules(case: Case, rule: str, facts: Mapping[str, Any]) -> Rules:
    rules = case.rules if facts else without(case.rules, rule)
    for name, value in facts.items():
        rules = with_limit(rules, rule, name, value)
    return rules


def _id(given: UUID | None) -> UUID:
    if given is None:
        raise KeyError("the change names nobody")
    return given
