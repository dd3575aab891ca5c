"""Who may be matched with what: rules, in a fixed order, each with words."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from services.matcher import attainment, fit, lawfulness, openness, readiness, wishes
from services.matcher.columns import rows_of
from services.matcher.market import Failure, Learner, Vacancy
from services.matcher.rulefile import read
from services.matcher.scopes import Rule, Ruling

EXCLUDED = "excluded"
MOST = 256  # rules are numbered in eight bits
# the order in which a pair's first failing rule is found: the learner, the vacancy, the two
ORDER: tuple[type[Rule], ...] = (
    readiness.Completed,
    readiness.Withdrawn,
    readiness.Paused,
    readiness.AgeWindow,
    openness.Closed,
    openness.Dates,
    openness.Standard,
    lawfulness.FoundationGate,
    lawfulness.WageFloor,
    fit.Programme,
    wishes.StartDate,
    wishes.TravelReach,
    wishes.LearnerChoice,
    fit.EssentialNeeds,
    attainment.Level,
    attainment.EnglishMaths,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules in force, and a version that changes whenever their file does."""

    version: str
    rulings: tuple[Ruling, ...]
    raw: bytes = field(default=b"", repr=False, compare=False)

    @property
    def ids(self) -> tuple[str, ...]:
        """Rule ids in order, the refused pairs last; ``Judgement.rule`` counts from 1 here."""
        return (*(each.id for each in self.rulings), EXCLUDED)

    def first_failures(
        self, learners: Sequence[Learner], vacancies: Sequence[Vacancy], today: date
    ) -> NDArray[np.uint8]:
        """
        0, or 1 + the place in ``ids`` of the first failing rule: [learners x vacancies].

        ``Rows`` keep what is read of them: give the same ones again, and only changed rows cost.
        """
        first = np.zeros((len(learners), len(vacancies)), dtype=np.uint8)
        rows, others = rows_of(learners), rows_of(vacancies)
        for number, each in enumerate(self.rulings, start=1):
            # the first rule to fail has the largest figure, so no pair needs a branch
            weight = each.fails(rows, others, today).view(np.uint8) * np.uint8(MOST - number)
            np.maximum(first, weight, out=first)
        return np.negative(first, out=first)  # MOST less the figure, in eight bits

    def failure(self, learner: Learner, vacancy: Vacancy, today: date, rule: str) -> Failure:
        """What *rule*, known to fail here, says of the pair; with the rules' version."""
        if rule == EXCLUDED:
            words = "This match was refused before, so it is not proposed again"
            return Failure(rule, words, version=self.version)
        (ruling,) = (each for each in self.rulings if each.id == rule)
        entry = ruling.entry(learner, vacancy, today)
        if entry is None or entry.rule is None:
            raise ValueError(f"{rule} is off here on {today}: it cannot have failed")
        return replace(entry.rule.failure(learner, vacancy, today), version=self.version)

    @classmethod
    def load(cls, path: Path | None = None) -> Self:
        """The rules of *path*, or those packaged; raises ``rulefile.RulesUnreadable``."""
        packaged = files(__package__) / "rules.toml"
        raw = path.read_bytes() if path else packaged.read_bytes()
        return cls.of(raw, name=str(path or "rules.toml"))

    @classmethod
    def of(cls, raw: bytes, *, name: str = "rules.toml") -> Self:
        """The rules a file with *raw* in it gives; raises ``rulefile.RulesUnreadable``."""
        written = read(raw, ORDER, name=name)
        digest = hashlib.sha256(raw).hexdigest()[:8]
        return cls(version=f"{written.version}-{digest}", rulings=written.rulings, raw=raw)
