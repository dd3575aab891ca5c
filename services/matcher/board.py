"""
A market as it stands after its last round, ready for the next: what changed is all that costs.

    NoRoom   the market has outgrown it: lay it out anew from all its inputs

A board is laid out from a whole round (`proposal.propose`) and then taken on step by step. Rows
keep the places in which they came; the same steps from the same start give the same bytes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Self
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from services.matcher import entry
from services.matcher.columns import Rows
from services.matcher.decided import Decided
from services.matcher.flow import Ints
from services.matcher.judged import Given, Judged, NoRoom
from services.matcher.layout import laid_out, room_for
from services.matcher.market import Learner, Outcome, Pair, Policy, RoundInputs, Vacancy
from services.matcher.pledges import Pledges, pledges_of
from services.matcher.proven import Proven
from services.matcher.repair import redrawn
from services.matcher.residual import NOBODY, Residual
from services.matcher.rules import Rules
from services.matcher.scorer import Model
from services.matcher.stakes import Stakes
from services.matcher.steps import Step
from services.matcher.upkeep import keep


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """
    Rows of learners whose row or place changed in a step, columns of vacancies concerned.

    ``named`` are those of the vacancies that the step itself names. ``judged`` are the scores of
    all that was judged anew.
    """

    learners: frozenset[int]
    vacancies: frozenset[int]
    named: frozenset[int]
    judged: Given


@dataclass(slots=True, kw_only=True)
class Board:
    """
    The rows and verdicts of a market, what people decided, its allocation with proof.

    ``scored`` int64 [learners] are the scores of each one's matches without a lock, together.
    """

    market: str
    stakes: Stakes
    residual: Residual
    proven: Proven = field(init=False)
    scored: Ints = field(init=False)

    def __post_init__(self) -> None:
        """Nothing is proven yet; what stands is scored."""
        self.proven = Proven(residual=self.residual)
        self.scored = np.zeros(len(self.residual.used), dtype=np.int64)
        rows, columns = self.taken()
        np.add.at(self.scored, rows, self.judged.scores[rows, columns])

    @property
    def policy(self) -> Policy:
        """How places are given out."""
        return self.stakes.policy

    @property
    def judged(self) -> Judged:
        """Its rows, and the verdict on every pair."""
        return self.stakes.judged

    @property
    def decided(self) -> Decided:
        """What people decided about pairs."""
        return self.stakes.decided

    @property
    def pledges(self) -> Pledges:
        """Which pledge each vacancy belongs to."""
        return self.stakes.pledges

    @property
    def current(self) -> NDArray[np.int32]:
        """The vacancy columns of matches without a lock, [learners x turns]."""
        return self.stakes.current

    @property
    def today(self) -> date:
        """The day its rows are judged on."""
        return self.judged.today

    @property
    def learners(self) -> Rows[Learner]:
        """In the order they came."""
        return self.judged.learners

    @property
    def vacancies(self) -> Rows[Vacancy]:
        """In the order they came."""
        return self.judged.vacancies

    @property
    def locks(self) -> set[Pair]:
        """Matches that keep their places."""
        return self.decided.locks

    @property
    def rerouted(self) -> set[Pair]:
        """Pairs favoured because a peer employer refused."""
        return self.decided.rerouted

    @property
    def moved(self) -> dict[Pair, int]:
        """Positions that coordinators gave."""
        return self.decided.moved

    @classmethod
    def of(cls, inputs: RoundInputs, outcome: Outcome, model: Model, rules: Rules) -> Self:
        """The board after a whole, proven round; raises NoRoom without a proof."""
        if outcome.prices is None:
            raise NoRoom("a round without a proof is nothing to go on from")
        room = room_for(len(inputs.learners), len(inputs.vacancies))
        each = inputs.policy.interviews_each
        stakes = Stakes(
            policy=inputs.policy,
            judged=Judged.of(outcome.judgement, model, rules, room),
            pledges=pledges_of(inputs.vacancies),
            decided=Decided.of(inputs),
            step=outcome.prices.step,
            current=np.full((room[0], each), NOBODY, dtype=np.int32),
        )
        given = outcome.allocated - stakes.decided.locks
        residual = laid_out(stakes, given, outcome.prices)
        return cls(market=inputs.market, stakes=stakes, residual=residual)

    def take(self, step: Step, given: Given | None = None) -> Touched:
        """
        Go on by one step; the scores of what is judged anew are *given* in a replay.

        Raises NoRoom before anybody's place has changed; the board is of no other use then.
        """
        judged, known = self.judged, (len(self.learners), len(self.vacancies))
        differing = judged.differing(step.vacancies)
        rows, named = judged.put(step.learners, step.vacancies)
        self._pledge(step.vacancies, known[1])
        self.decided.take(step)
        rejudged = self._rows(step.rejudged)
        columns = sorted(judged.column_of[vacancy_id] for vacancy_id in differing)
        scored = judged.judge(rejudged, columns, given)
        self._exclude(rejudged, columns, step)
        pairs = step.locks.all | step.rerouted.all | self._locks_met(rows, columns, known)
        self.stakes.freed = frozenset(step.locks.went)
        for pair in pairs:
            self.stakes.renew(*self.stakes.at(pair))
        entering = sorted({*rows, *self._rows(step.entering)})
        told = {vacancy_id for _, vacancy_id in pairs | {each.pair for each in step.moved}}
        changed = {judged.column_of[vacancy_id] for vacancy_id in told.union(step.again)}
        changed.update(named)
        changes = entry.changes(self.stakes, self.residual, entering, columns, changed)
        by_name = frozenset(changed)
        before = self.residual.held.copy()
        differ = keep(self.residual, changes) | set(entering)
        for row in differ:
            places = {*before[row].tolist(), *self.residual.held[row].tolist()} - {NOBODY}
            changed.update(column for pledge in places for column in self.stakes.members(pledge))
        self._stand(sorted(differ), step)
        return Touched(
            learners=frozenset(differ),
            vacancies=frozenset(changed),
            named=by_name,
            judged=scored,
        )

    def taken(self) -> tuple[Ints, Ints]:
        """The matches without a lock: learner rows, rising, and vacancy columns."""
        rows, turns = np.nonzero(self.residual.held >= 0)
        return rows, self.current[rows, turns].astype(np.int64)

    def pairs(self) -> frozenset[Pair]:
        """The matches without a lock."""
        rows, columns = self.taken()
        return frozenset(
            (self.learners[row].learner_id, self.vacancies[column].vacancy_id)
            for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
        )

    def _rows(self, learner_ids: Iterable[UUID]) -> list[int]:
        known = self.judged.row_of
        return sorted(known[each] for each in learner_ids if each in known)

    def _exclude(self, rows: list[int], columns: list[int], step: Step) -> None:
        """Pairs that are refused from now on, and those of rows or columns judged anew."""
        decided = self.decided
        people = [self.learners[row].learner_id for row in rows]
        pairs = {(who, at) for who in people for at in decided.excluded_of.get(who, ())}
        pairs.update(step.excluded.came)
        vacancies = [self.vacancies[column].vacancy_id for column in columns]
        pairs |= {(who, at) for at in vacancies for who in decided.excluded_at.get(at, ())}
        for row, column in map(self.stakes.at, pairs):
            if row != NOBODY:
                self.judged.refuse(row, column)

    def _locks_met(self, rows: list[int], columns: list[int], known: tuple[int, int]) -> set[Pair]:
        """Locks that stood before a learner came, or before a vacancy joined their pledge."""
        came = [self.learners[row].learner_id for row in rows if row >= known[0]]
        met = {(who, at) for who in came for at in self.decided.locks_of.get(who, ())}
        for column in (each for each in columns if each >= known[1]):
            for member in self.stakes.members(int(self.pledges.of[column])):
                vacancy_id = self.vacancies[member].vacancy_id
                met |= {(who, vacancy_id) for who in self.decided.locks_at.get(vacancy_id, ())}
        return met

    def _pledge(self, vacancies: Sequence[Vacancy], known: int) -> None:
        """Number the pledges anew if vacancies came or may have joined; raises NoRoom."""
        columns = [self.judged.column_of[row.vacancy_id] for row in vacancies]
        joint = {column for each in self.pledges.joint.values() for column in each.tolist()}
        joining = any(row.profile.joint_pledge for row in vacancies)
        if joining or any(column >= known or column in joint for column in columns):
            pledges = pledges_of(self.vacancies)
            if not np.array_equal(pledges.of[:known], self.pledges.of[:known]):
                raise NoRoom("vacancies that stand have joined or left a pledge")
            self.stakes.pledges = pledges

    def _stand(self, rows: list[int], step: Step) -> None:
        """What *rows* have now is what stands: a little dearer to take away than to give."""
        stakes, self.stakes.freed = self.stakes, frozenset()
        went = {at for at in map(stakes.at, step.locks.went) if at[0] != NOBODY}
        stood = {(row, column) for row in rows
                 for column in stakes.stand(row, self.residual.held[row].tolist())}  # fmt: skip
        for at in went:  # only now: who was locked until then stood there with the favour
            stakes.renew(*at)
        for row, column in went | stood:
            pledge = int(self.pledges.of[column])
            self.residual.values[row, pledge] = stakes.value(row, pledge)
        for row in rows:
            columns = self.current[row][self.current[row] != NOBODY]
            self.scored[row] = self.judged.scores[row, columns].sum()
        redrawn(self.residual, set(rows), set())
