"""What a market's pairs, learners and pledges bring into its allocation, as far as is known."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.matcher.decided import Decided
from services.matcher.flow import Ints, Turns, worths
from services.matcher.judged import Judged
from services.matcher.market import Pair, Policy
from services.matcher.placement import days_waited, top_of
from services.matcher.pledges import Pledges
from services.matcher.residual import NOBODY

Places = tuple[Any, Any]  # rows and columns, as numpy takes them


@dataclass(slots=True, kw_only=True)
class Stakes:
    """
    The verdicts, what people decided, and what pairs are favoured by beyond their scores.

    ``current`` int32 [learners x turns] are the vacancy columns of standing matches, ``NOBODY``
    where none; ``freed`` matches that stood under a lock until this step; ``favour`` int16
    [learners x vacancies] is below 0 where a pair cannot be given; ``step`` is what outweighs all
    scores (`flow.step_of`).
    """

    policy: Policy
    judged: Judged
    pledges: Pledges
    decided: Decided
    step: int
    current: NDArray[np.int32]
    favour: NDArray[np.int16]
    freed: Collection[Pair] = field(default=frozenset())

    def at(self, pair: Pair) -> tuple[int, int]:
        """Row and column of a pair; ``NOBODY`` for a learner who is not in the market."""
        row = self.judged.row_of.get(pair[0], NOBODY)
        return row, self.judged.column_of[pair[1]]

    def members(self, pledge: int) -> list[int]:
        """The vacancy columns of a pledge."""
        joint = self.pledges.joint.get(pledge)
        return [int(self.pledges.first[pledge])] if joint is None else joint.tolist()

    def values(self, at: Places) -> NDArray[np.int16]:
        """What the pairs *at* are worth to the allocation, int16; -1: not eligible."""
        favour = self.favour[at]
        able = (self.judged.rule[at] == 0) & (favour >= 0)
        return np.where(able, self.judged.scores[at] + favour, np.int16(-1))

    def row_values(self, rows: Ints) -> NDArray[np.int16]:
        """What learners are worth at each pledge, int16 [rows x pledges]."""
        return self.pledges.merged(self.values((rows, slice(len(self.judged.vacancies)))))

    def column_values(self, pledge: int) -> NDArray[np.int16]:
        """What each learner is worth at a pledge, int16, -1 in the room that is left."""
        values = self.values((slice(len(self.judged.learners)), self.members(pledge)))
        column = np.full(len(self.favour), -1, dtype=np.int16)
        column[: len(values)] = values.max(axis=1)
        return column

    def places(self, pledges: Iterable[int]) -> list[int]:
        """Interviews of pledges less those that locked matches use; the smallest claim counts."""
        places = []
        for pledge in pledges:
            rows = [self.judged.vacancies[column] for column in self.members(pledge)]
            locked = sum(len(self.decided.locks_at.get(row.vacancy_id, ())) for row in rows)
            places.append(max(0, min(row.profile.interviews for row in rows) - locked))
        return places

    def used(self, rows: Ints) -> Ints:
        """The interviews of learners that locked matches use, int64 [rows]."""
        ids = [self.judged.learners[row].learner_id for row in rows.tolist()]
        return np.array([len(self.decided.locks_of.get(each, ())) for each in ids], dtype=np.int64)

    def worth(self, rows: Ints) -> Ints:
        """What each interview of learners is worth beside its value, int64 [rows x turns]."""
        waiting = days_waited(self.judged.learners.picked(rows), self.judged.today)
        turns = Turns(waiting=waiting, used=self.used(rows), each=self.policy.interviews_each)
        return worths(turns, self.step, top_of(self.policy))

    def renew(self, row: int, column: int) -> None:
        """
        What a pair is favoured by beyond its score, anew; below 0 if it cannot be given.

        A locked match uses up the learner's one interview of all the pledge's vacancies.
        """
        if row == NOBODY:
            return
        learner_id = self.judged.learners[row].learner_id
        locked = self.decided.locks_of.get(learner_id, set())
        members = self.members(int(self.pledges.of[column]))
        for at in members:
            pair = learner_id, self.judged.vacancies[at].vacancy_id
            stands = at in self.current[row] or pair in self.freed
            favour = self.policy.stickiness * stands
            favour += self.policy.rerouting * (pair in self.decided.rerouted)
            self.favour[row, at] = favour
        if any(self.judged.vacancies[at].vacancy_id in locked for at in members):
            self.favour[row, members] = -1

    def stand(self, row: int, pledges: Iterable[int]) -> None:
        """A learner's matches are those at *pledges*, one a turn, ``NOBODY`` where none."""
        before = set(self.current[row].tolist())
        for turn, pledge in enumerate(pledges):
            members = [] if pledge == NOBODY else self.members(pledge)
            if len(members) > 1:
                members = [members[int(self.values((row, members)).argmax())]]
            self.current[row, turn] = members[0] if members else NOBODY
        for column in (before | set(self.current[row].tolist())) - {NOBODY}:
            self.renew(row, column)
