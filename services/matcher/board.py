"""
A market as it stands after its last round, ready for the next: what changed is all that costs.

    NoRoom   the market has outgrown it: lay it out anew from all its inputs

A board is laid out from a whole round (`proposal.propose`) and then taken on step by step. Rows
keep the places in which they came; the same steps from the same start give the same bytes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from services.matcher.columns import Rows
from services.matcher.decided import Decided
from services.matcher.flow import Ints, Turns, worths
from services.matcher.judged import Given, Judged, NoRoom
from services.matcher.market import Learner, Outcome, Pair, Policy, RoundInputs, Vacancy
from services.matcher.placement import days_waited, top_of
from services.matcher.pledges import Pledges, pledges_of
from services.matcher.repair import redrawn
from services.matcher.residual import NOBODY, NONE, Residual
from services.matcher.rules import Rules
from services.matcher.scorer import Model
from services.matcher.steps import Step
from services.matcher.upkeep import Changes, keep

ROOM = (256, 32)  # learners and vacancies that may come before it is laid out anew, at least
SHARE = 8  # or one for so many that are there


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """Rows of learners whose row or place changed in a step, columns of vacancies changed."""

    learners: frozenset[int]
    vacancies: frozenset[int]


@dataclass(slots=True, kw_only=True)
class Board:
    """
    The rows and verdicts of a market, its allocation with proof, and what people decided.

    ``current`` int32 [learners x turns] are the vacancy columns of standing matches, ``NOBODY``
    where none; ``favour`` what pairs are worth beyond their scores, below 0 where they cannot be
    given; ``step`` is what outweighs all scores (`flow.step_of`).
    """

    market: str
    policy: Policy
    judged: Judged
    pledges: Pledges
    residual: Residual
    current: NDArray[np.int32]
    favour: NDArray[np.int16]
    step: int
    decided: Decided

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
        sizes = (len(inputs.learners), len(inputs.vacancies))
        room = (
            sizes[0] + max(ROOM[0], sizes[0] // SHARE),
            sizes[1] + max(ROOM[1], sizes[1] // SHARE),
        )
        each = inputs.policy.interviews_each
        board = cls(
            market=inputs.market,
            policy=inputs.policy,
            judged=Judged.of(outcome.judgement, model, rules, room),
            pledges=pledges_of(inputs.vacancies),
            residual=_empty(room, each),
            current=np.full((room[0], each), NOBODY, dtype=np.int32),
            favour=np.zeros(room, dtype=np.int16),
            step=outcome.prices.step,
            decided=Decided.of(inputs),
        )
        board._begin(outcome)
        return board

    def take(self, step: Step, given: Given | None = None) -> Touched:
        """Go on by one step; the scores of what is judged anew are *given* in a replay."""
        judged, known = self.judged, len(self.judged.vacancies)
        rows, _ = judged.put(step.learners, step.vacancies)
        self._pledge(step.vacancies, known)
        self.decided.take(step)
        rejudged, columns = self.judged_anew(step)
        verdicts = judged.judge(rejudged, columns, given)
        self._exclude(set(rejudged), set(columns))
        judged.count(rejudged, columns, verdicts)
        pairs = step.locks.all | step.rerouted.all
        for pair in pairs:
            self._refavour(*self._at(pair))
        entering = sorted({*rows, *self._rows(step.entering)})
        changed = {
            *columns,
            *(self._at(pair)[1] for pair in pairs | {each.pair for each in step.moved}),
        }
        changed |= {judged.column_of[vacancy_id] for vacancy_id in step.again} - {NOBODY}
        before = self.residual.held.copy()
        differ = keep(self.residual, self._changes(entering, columns, changed)) | set(entering)
        for row in differ:
            places = {*before[row].tolist(), *self.residual.held[row].tolist()} - {NOBODY}
            changed.update(column for pledge in places for column in self.members(pledge))
        self._stand(sorted(differ))
        return Touched(learners=frozenset(differ), vacancies=frozenset(changed))

    def judged_anew(self, step: Step) -> tuple[list[int], list[int]]:
        """The learner rows and vacancy columns, rising, all of whose pairs a step judges."""
        columns = (self.judged.column_of[row.vacancy_id] for row in step.vacancies)
        return self._rows(step.rejudged), sorted(columns)

    def values(self, rows: Ints, columns: Ints) -> NDArray[np.int16]:
        """What pairs are worth to the allocation, int16 [rows x columns]; -1: not eligible."""
        at = np.ix_(rows, columns)
        able = (self.judged.rule[at] == 0) & (self.favour[at] >= 0)
        return np.where(able, self.judged.scores[at] + self.favour[at], np.int16(-1))

    def members(self, pledge: int) -> list[int]:
        """The vacancy columns of a pledge."""
        joint = self.pledges.joint.get(pledge)
        return [int(self.pledges.first[pledge])] if joint is None else joint.tolist()

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

    def free_places(self) -> Ints:
        """Interviews of each vacancy's pledge less those that locked matches use, int64."""
        count = len(self.judged.vacancies)
        free: Ints = self.residual.places[self.pledges.of[:count]]
        return free

    def extra(self) -> dict[tuple[int, int], int]:
        """What pairs, by rows, are favoured by because a peer employer refused."""
        pairs = map(self._at, self.decided.rerouted)
        return {pair: self.policy.rerouting for pair in pairs if pair[0] != NOBODY}

    def _begin(self, outcome: Outcome) -> None:
        """Lay the proven allocation out: who holds what, and the heights that prove it."""
        residual, sizes = self.residual, outcome.judgement.rule.shape
        rows, columns = np.arange(sizes[0]), np.arange(sizes[1])
        for row, column in sorted(map(self._at, outcome.allocated - self.decided.locks)):
            turn = int((self.current[row] == NOBODY).argmax())
            self.current[row, turn] = column
            residual.held[row, turn] = self.pledges.of[column]
        standing = zip(*(each.tolist() for each in self.taken()), strict=True)
        for row, column in [*map(self._at, self.decided.locks | self.decided.rerouted), *standing]:
            self._refavour(row, column)
        merged = self.pledges.merged(self.values(rows, columns))
        residual.values[: sizes[0], : merged.shape[1]] = merged
        residual.used[: sizes[0]] = self._used(rows)
        residual.worth[: sizes[0]] = self._worth(rows)
        places = self._places(range(merged.shape[1]))
        residual.places[: len(places)] = places
        if outcome.prices:
            residual.height[: len(places)] = -outcome.prices.gains[self.pledges.first]
        residual.rebuild()
        for node in np.flatnonzero(residual.places == 0).tolist():
            into = residual.arcs[:, node]
            if not residual.members[node] and (into < NONE).any():
                residual.height[node] = int((into + residual.height)[into < NONE].min())

    def _at(self, pair: Pair) -> tuple[int, int]:
        """Row and column of a pair; ``NOBODY`` for a learner who is not in the market."""
        row = self.judged.row_of.get(pair[0], NOBODY)
        return row, self.judged.column_of[pair[1]]

    def _rows(self, learner_ids: Iterable[UUID]) -> list[int]:
        known = self.judged.row_of
        return sorted(known[each] for each in learner_ids if each in known)

    def _exclude(self, rows: set[int], columns: set[int]) -> None:
        """Refused pairs of rows or columns that were judged anew."""
        rule = self.judged.rule
        for row, column in map(self._at, self.decided.excluded):
            if row != NOBODY and (row in rows or column in columns):
                rule[row, column] = rule[row, column] or self.judged.excluded

    def _refavour(self, row: int, column: int) -> None:
        """
        What a pair is favoured by beyond its score; below 0 if it cannot be given.

        A locked match uses up the learner's one interview of all the pledge's vacancies.
        """
        if row == NOBODY:
            return
        learner_id = self.judged.learners[row].learner_id
        locked = self.decided.locks_of.get(learner_id, set())
        for at in self.members(int(self.pledges.of[column])):
            vacancy_id = self.judged.vacancies[at].vacancy_id
            favour = self.policy.stickiness * int(at in self.current[row])
            favour += self.policy.rerouting * int((learner_id, vacancy_id) in self.decided.rerouted)
            self.favour[row, at] = favour
        members = self.members(int(self.pledges.of[column]))
        if any(self.judged.vacancies[at].vacancy_id in locked for at in members):
            self.favour[row, members] = -1

    def _pledge(self, vacancies: Sequence[Vacancy], known: int) -> None:
        """Number the pledges anew if vacancies came or may have joined; raises NoRoom."""
        columns = [self.judged.column_of[row.vacancy_id] for row in vacancies]
        joint = {column for each in self.pledges.joint.values() for column in each.tolist()}
        joining = any(row.profile.joint_pledge for row in vacancies)
        if joining or any(column >= known or column in joint for column in columns):
            pledges = pledges_of(self.judged.vacancies)
            if not np.array_equal(pledges.of[:known], self.pledges.of[:known]):
                raise NoRoom("vacancies that stand have joined or left a pledge")
            self.pledges = pledges

    def _changes(self, entering: list[int], columns: list[int], touched: set[int]) -> Changes:
        """The step as the allocation takes it, by pledge."""
        rows, every = np.array(entering, dtype=np.int64), np.arange(len(self.judged.vacancies))
        values = np.full((len(rows), len(self.residual.places)), -1, dtype=np.int16)
        merged = self.pledges.merged(self.values(rows, every))
        values[:, : merged.shape[1]] = merged
        pledges = sorted({int(self.pledges.of[column]) for column in touched})
        return Changes(
            learners=rows,
            values=values,
            worth=self._worth(rows),
            used=self._used(rows),
            pledges={pledge: self._column(pledge)
                     for pledge in sorted({int(self.pledges.of[each]) for each in columns})},
            places=dict(zip(pledges, self._places(pledges), strict=True)),
        )  # fmt: skip

    def _column(self, pledge: int) -> NDArray[np.int16]:
        learners = np.arange(len(self.judged.learners))
        values = self.values(learners, np.array(self.members(pledge), dtype=np.int64))
        column = np.full(len(self.residual.used), -1, dtype=np.int16)
        column[: len(values)] = values.max(axis=1)
        return column

    def _places(self, pledges: Iterable[int]) -> list[int]:
        """Interviews of pledges less those that locked matches use; the smallest claim counts."""
        places = []
        for pledge in pledges:
            rows = [self.judged.vacancies[column] for column in self.members(pledge)]
            locked = sum(len(self.decided.locks_at.get(row.vacancy_id, ())) for row in rows)
            places.append(max(0, min(row.profile.interviews for row in rows) - locked))
        return places

    def _used(self, rows: Ints) -> Ints:
        ids = [self.judged.learners[row].learner_id for row in rows.tolist()]
        return np.array([len(self.decided.locks_of.get(each, ())) for each in ids], dtype=np.int64)

    def _worth(self, rows: Ints) -> Ints:
        waiting = days_waited(self.judged.learners.picked(rows), self.judged.today)
        turns = Turns(waiting=waiting, used=self._used(rows), each=self.policy.interviews_each)
        return worths(turns, self.step, top_of(self.policy))

    def _stand(self, rows: list[int]) -> None:
        """What *rows* have now is what stands: a little dearer to take away than to give."""
        every = np.arange(len(self.judged.vacancies))
        for row in rows:
            values = self.values(np.array([row]), every)[0]
            before = set(self.current[row].tolist()) - {NOBODY}
            for turn, pledge in enumerate(self.residual.held[row].tolist()):
                members = [] if pledge == NOBODY else self.members(pledge)
                best = max(members, key=lambda at: (values[at], -at), default=NOBODY)
                self.current[row, turn] = best
            for column in before | (set(self.current[row].tolist()) - {NOBODY}):
                self._refavour(row, column)
            merged = self.pledges.merged(self.values(np.array([row]), every))[0]
            self.residual.values[row, : len(merged)] = merged
        redrawn(self.residual, set(rows), set())


def _empty(room: tuple[int, int], each: int) -> Residual:
    """Nobody and no place yet, but room for *room* learners and pledges."""
    learners, pledges = room
    return Residual(
        values=np.full(room, -1, dtype=np.int16),
        places=np.zeros(pledges, dtype=np.int64),
        worth=np.zeros((learners, each), dtype=np.int64),
        used=np.full(learners, each, dtype=np.int64),
        held=np.full((learners, each), NOBODY, dtype=np.int32),
        height=np.zeros(pledges + 1, dtype=np.int64),
    )
