"""Trying changes: judged for one row at a time, and proven by running the round with them."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from services.matcher import columns
from services.matcher.case import Case, changed_learner
from services.matcher.changes import Change, applied
from services.matcher.features import vectors
from services.matcher.fork import Fork
from services.matcher.judged import NoRoom
from services.matcher.market import Learner, Outcome, Vacancy
from services.matcher.placement import Rows, rows_of

Works = Callable[[Outcome], bool]
NEVER = np.iinfo(np.int64).max  # what a pair costs that no rule allows


@dataclass(slots=True, kw_only=True)
class Trials:
    """
    Rounds of *case* with changes; ``base`` is the round without any. At most *most* are run.

    What a change of a vacancy or a rule comes to is remembered, because it may help several.
    """

    case: Case
    base: Outcome
    most: int
    rounds: int = 0
    _known: dict[str, Outcome] = field(default_factory=dict)
    _stands: Fork | None = None
    _rows: Rows | None = None

    @property
    def rows(self) -> Rows:
        """The rows of the market's ids."""
        self._rows = self._rows or rows_of(self.case.inputs)
        return self._rows

    @property
    def spent(self) -> bool:
        """Whether no more rounds may be run."""
        return self.rounds >= self.most

    def outcome(self, change: Change) -> Outcome | None:
        """The round with *change*; None when no more may be run."""
        key = f"{change.vacancy_id} {change.rule} {change.facts}"
        shared = change.learner_id is None
        if shared and key in self._known:
            return self._known[key]
        if self.spent:
            return None
        self.rounds += 1
        made = self.after(applied(self.case, change))
        if shared:
            self._known[key] = made
        return made

    def after(self, changed: Case) -> Outcome:
        """
        The round of *changed* after the base.

        A step, as the next round is, where rules and model are the same and it has its proof;
        else whole.
        """
        case = self.case
        if (case.model, case.rules) == (changed.model, changed.rules):
            with suppress(NoRoom):
                self._stands = self._stands or Fork.laid_out(
                    case.inputs, self.base, case.model, case.rules
                )
                made = self._stands.copied().after(case.inputs, changed.inputs)
                if made.proof.optimal:
                    return made
        return changed.outcome(self.base)

    def smallest(
        self, ladder: Sequence[Change], likely: Sequence[bool], works: Works
    ) -> tuple[Change, Outcome] | None:
        """
        The first likely step of *ladder* that *works*, when no step before it does.

        The step before is run as well, so that what made it unlikely need not be believed; if
        that cannot be, because no more rounds may be run, there is no answer.
        """
        for at in (at for at, chance in enumerate(likely) if chance):
            made = self.outcome(ladder[at])
            if made is None:
                return None
            if works(made):
                return self._down(ladder, at, made, works)
        return None

    def _down(
        self, ladder: Sequence[Change], at: int, made: Outcome, works: Works
    ) -> tuple[Change, Outcome] | None:
        while at:
            before = self.outcome(ladder[at - 1])
            if before is None:
                return None
            if not works(before):
                break
            at, made = at - 1, before
        return ladder[at], made

    def costs(
        self, row: int, changes: Sequence[Change], vacancies: Sequence[int]
    ) -> NDArray[np.int64]:
        """
        What a place would cost the whole after each change, int64 [changes x vacancies].

        *row* is the learner's whose *changes* they are, *vacancies* are rows too. At most 0 where
        it would be given, or might as well; NEVER where a rule still keeps the learner off. Exact
        for who has no place.
        """
        learner = self.case.inputs.learners[row]
        variants = [changed_learner(learner, change.facts) for change in changes]
        others = self.base.judgement.vacancies.picked(vacancies)
        may, scores = judged(self.case, variants, others)
        for at, vacancy in enumerate(others):
            if (learner.learner_id, vacancy.vacancy_id) in self.case.inputs.excluded:
                may[:, at] = False
        whole = [self.cost(row, at, 0) for at in vacancies]
        return np.where(may, np.array(whole, dtype=np.int64)[None, :] - scores, NEVER)

    def cost(self, row: int, at: int, value: int) -> int:
        """What a place for the pair, by rows, would cost the whole if it were worth *value*."""
        prices = self.base.prices
        return prices.cost(row, at, value) if prices else 0


def judged(
    case: Case, learners: Sequence[Learner], vacancies: Sequence[Vacancy]
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Which pairs the rules of *case* allow, and their scores: [learners x vacancies]."""
    rows, others = columns.rows_of(learners), columns.rows_of(vacancies)
    scores = case.model.scores(vectors(rows, others), others).astype(np.int64)
    may = allowed(case, rows, others)
    return may, np.where(may, scores, -1)


def allowed(
    case: Case, learners: Sequence[Learner], vacancies: Sequence[Vacancy]
) -> NDArray[np.bool_]:
    """Which pairs the rules of *case* allow, [learners x vacancies]; refusals are no rule."""
    may: NDArray[np.bool_] = case.rules.first_failures(learners, vacancies, case.inputs.today) == 0
    return may
