"""
Who may be matched with what: rules, in a fixed order, each with words.

    RulesUnreadable   the rules' file does not say what it must
"""

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from services.matcher import fit, lawfulness, openness, readiness
from services.matcher.columns import Rows, rows_of
from services.matcher.market import Failure, Learner, Vacancy
from services.matcher.readings import Mask

EXCLUDED = "excluded"


class Rule(Protocol):
    """One rule; ``fails`` gives booleans that broadcast to [learners x vacancies]."""

    id: ClassVar[str]

    def fails(self, learners: Rows[Learner], vacancies: Rows[Vacancy], today: date) -> Mask: ...

    def failure(self, learner: Learner, vacancy: Vacancy, today: date) -> Failure:
        """The words, value and limit for a pair that fails."""
        ...


# the order in which a pair's first failing rule is found: the learner, the vacancy, the two
ORDER: tuple[type[Rule], ...] = (
    readiness.Completed,
    readiness.Withdrawn,
    readiness.Paused,
    readiness.AgeWindow,
    openness.Closed,
    openness.Dates,
    lawfulness.FoundationGate,
    lawfulness.WageFloor,
    fit.Programme,
    fit.StartDate,
    fit.TravelReach,
    fit.EssentialNeeds,
)


class RulesUnreadable(Exception):
    """The rules' file does not say what it must; the message says where."""


@dataclass(frozen=True, slots=True)
class Dated:
    """A rule and the days, *until* excluded, on which it holds."""

    rule: Rule
    since: date = date.min
    until: date = date.max

    def holds(self, today: date) -> bool:
        return self.since <= today < self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules in force, and a version that changes whenever their file does."""

    version: str
    dated: tuple[Dated, ...]
    raw: bytes = field(default=b"", repr=False, compare=False)

    @property
    def ids(self) -> tuple[str, ...]:
        """Rule ids in order, the refused pairs last; ``Judgement.rule`` counts from 1 here."""
        return (*(each.rule.id for each in self.dated), EXCLUDED)

    def first_failures(
        self, learners: Sequence[Learner], vacancies: Sequence[Vacancy], today: date
    ) -> NDArray[np.uint8]:
        """
        0, or 1 + the place in ``ids`` of the first failing rule: [learners x vacancies].

        ``Rows`` keep what is read of them: give the same ones again, and only changed rows cost.
        """
        first = np.zeros((len(learners), len(vacancies)), dtype=np.uint8)
        rows, others = rows_of(learners), rows_of(vacancies)
        # from the last rule to the first, so that the first that fails is what stays
        for number, each in reversed([*enumerate(self.dated, start=1)]):
            if each.holds(today):
                fails = each.rule.fails(rows, others, today)
                np.copyto(first, np.uint8(number), where=fails)
        return first

    def failure(self, learner: Learner, vacancy: Vacancy, today: date, rule: str) -> Failure:
        """What *rule*, known to fail here, says of the pair."""
        if rule == EXCLUDED:
            return Failure(rule, "This match was refused before, so it is not proposed again")
        (named,) = (each.rule for each in self.dated if each.rule.id == rule)
        return named.failure(learner, vacancy, today)

    @classmethod
    def load(cls, path: Path | None = None) -> Self:
        """The rules of *path*, or those packaged; raises RulesUnreadable."""
        packaged = files(__package__) / "rules.toml"
        raw = path.read_bytes() if path else packaged.read_bytes()
        return cls.of(raw, name=str(path or "rules.toml"))

    @classmethod
    def of(cls, raw: bytes, *, name: str = "rules.toml") -> Self:
        """The rules a file with *raw* in it gives; raises RulesUnreadable."""
        try:
            tables = tomllib.loads(raw.decode())
        except ValueError as error:
            raise RulesUnreadable(f"{name}: {error}") from error
        version = tables.pop("version", None)
        if not isinstance(version, str):
            raise RulesUnreadable(f"version: text is needed, got {version!r}")
        if unknown := tables.keys() - {rule.id for rule in ORDER}:
            raise RulesUnreadable(f"no rule is called {', '.join(sorted(unknown))}")
        dated = (_dated(rule, tables[rule.id]) for rule in ORDER if rule.id in tables)
        digest = hashlib.sha256(raw).hexdigest()[:8]
        held = tuple(each for each in dated if each)
        return cls(version=f"{version}-{digest}", dated=held, raw=raw)


def _dated(rule: type[Rule], table: Mapping[str, Any]) -> Dated | None:
    limits = {key: value for key, value in table.items() if key not in {"on", "from", "until"}}
    if unknown := limits.keys() - set(getattr(rule, "__dataclass_fields__", ())):
        raise RulesUnreadable(f"{rule.id} has no setting {', '.join(sorted(unknown))}")
    for key in ("from", "until"):
        if key in table and type(table[key]) is not date:
            raise RulesUnreadable(f"{rule.id}.{key}: a date is needed, got {table[key]!r}")
    if not table.get("on", True):
        return None
    try:
        made = TypeAdapter(rule).validate_python(limits)
    except ValidationError as error:
        where = ", ".join(f"{e['loc'][0]}: {e['msg']}" for e in error.errors())
        raise RulesUnreadable(f"{rule.id}: {where}") from error
    return Dated(made, table.get("from", date.min), table.get("until", date.max))
