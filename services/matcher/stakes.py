"""What a market's pairs, learners and pledges bring into its allocation, as far as is known."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

from services.matcher.decided import Decided
from services.matcher.favours import BARRED, NO_FAVOURS, Favours
from services.matcher.flow import Ints, Turns, worths
from services.matcher.judged import Judged
from services.matcher.market import Pair, Policy
from services.matcher.placement import days_waited, top_of
from services.matcher.pledges import Pledges
from services.matcher.residual import NOBODY


@dataclass(slots=True, kw_only=True)
class Stakes:
    """
    The verdicts, what people decided, and what pairs are favoured by beyond their scores.

    ``current`` int32 [learners x turns] are the vacancy columns of standing matches, ``NOBODY``
    where none; ``freed`` matches that stood under a lock until this step; ``step`` is what
    outweighs all scores (`flow.step_of`).
    """

    policy: Policy
    judged: Judged
    pledges: Pledges
    decided: Decided
    step: int
    current: NDArray[np.int32]
    favours: Favours = field(default_factory=Favours)
    freed: Collection[Pair] = field(default=frozenset())

    def at(self, pair: Pair) -> tuple[int, int]:
        """Row and column of a pair; ``NOBODY`` for a learner who is not in the market."""
        row = self.judged.row_of.get(pair[0], NOBODY)
        return row, self.judged.column_of[pair[1]]

    def members(self, pledge: int) -> list[int]:
        """The vacancy columns of a pledge."""
        joint = self.pledges.joint.get(pledge)
        return [int(self.pledges.first[pledge])] if joint is None else joint.tolist()

    def row_values(self, rows: Ints) -> NDArray[np.int16]:
        """What learners are worth at each pledge, int16 [rows x pledges]; -1: not eligible."""
        judged, width = self.judged, len(self.judged.vacancies)
        able = judged.rule[rows, :width] == 0
        values = np.where(able, judged.scores[rows, :width], np.int16(-1))
        for row, own in zip(rows.tolist(), values, strict=True):
            self.favours.on_row(row, own)
        return self.pledges.merged(values)

    def column_values(self, pledge: int) -> NDArray[np.int16]:
        """What each learner is worth at a pledge, int16, -1 in the room that is left."""
        judged, count = self.judged, len(self.judged.learners)
        best = np.full(len(judged.rule), -1, dtype=np.int16)
        for column in self.members(pledge):
            able = judged.rule[:count, column] == 0
            values = np.where(able, judged.scores[:count, column], np.int16(-1))
            self.favours.on_column(column, values)
            np.maximum(best[:count], values, out=best[:count])
        return best

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
            self.favours.put(row, at, favour)
        if any(self.judged.vacancies[at].vacancy_id in locked for at in members):
            for at in members:
                self.favours.put(row, at, BARRED)

    def stand(self, row: int, pledges: Iterable[int]) -> set[int]:
        """
        A learner's matches are those at *pledges*, one a turn, ``NOBODY`` where none.

        The vacancy columns of what stood and stands, whose favour is renewed.
        """
        before = set(self.current[row].tolist())
        for turn, pledge in enumerate(pledges):
            members = [] if pledge == NOBODY else self.members(pledge)
            best = max(members, key=partial(self._value, row), default=NOBODY)
            self.current[row, turn] = best
        concerned: set[int] = (before | set(self.current[row].tolist())) - {NOBODY}
        for column in concerned:
            self.renew(row, column)
        return concerned

    def value(self, row: int, pledge: int) -> int:
        """What a learner is worth at a pledge; -1: not eligible."""
        return max(self._value(row, at) for at in self.members(pledge))

    def _value(self, row: int, column: int) -> int:
        """What one pair is worth; -1: not eligible."""
        favour = self.favours.rows.get(row, NO_FAVOURS).get(column, 0)
        if self.judged.rule[row, column] or favour == BARRED:
            return -1
        return int(self.judged.scores[row, column]) + favour
