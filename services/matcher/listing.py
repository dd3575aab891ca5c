"""The shortlists of a board, written anew only where a step may have changed them."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from schemas.match import Match
from services.matcher.board import Board, Touched
from services.matcher.flow import Ints
from services.matcher.market import Pair, Shortlist
from services.matcher.placement import Placement
from services.matcher.residual import NOBODY
from services.matcher.shortlist import EVERYBODY, Drawn, Shortlists, reserve_keys
from services.matcher.steps import Step
from services.matcher.worth import Worth

FULL = -1  # every key is behind it: a list of no reserves takes nobody


@dataclass(slots=True, kw_only=True)
class Listing:
    """
    ``shortlists`` by vacancy column; ``listed`` the columns in whose list a learner row is.

    ``last`` int32 [vacancies] is the key of each list's last reserve: whoever is before it, or
    level with it and of a smaller id, may belong on the list.
    """

    board: Board
    shortlists: dict[int, Shortlist] = field(default_factory=dict)
    listed: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    last: NDArray[np.int32] = field(init=False)
    worth: Worth = field(init=False)

    def __post_init__(self) -> None:
        """No list is known yet."""
        self.worth = Worth(residual=self.board.residual)
        self.last = np.full(self.board.judged.rule.shape[1], EVERYBODY, dtype=np.int32)

    def begin(self, shortlists: tuple[Shortlist, ...]) -> None:
        """Take over the shortlists of the round the board was laid out from."""
        column_of = self.board.judged.column_of
        for shortlist in shortlists:
            self._keep(column_of[shortlist.vacancy_id], shortlist)

    def write(self, step: Step, touched: Touched) -> dict[UUID, Shortlist | None]:
        """
        The shortlists that may differ after a step, anew; None for a vacancy that has none now.

        Lines of learners and vacancies that did not change themselves are not written again.
        """
        columns = sorted(self._concerned(touched))
        if not columns:
            return {}
        judged = self.board.judged
        learners = {row.learner_id for row in step.learners}
        rewritten = {judged.column_of[row.vacancy_id] for row in step.vacancies}
        placement = self._placement()
        writer = Shortlists(inputs=self.board, model=judged.model, placement=placement)
        drawn: list[Drawn] = []
        gone: dict[UUID, Shortlist | None] = {}
        for column in columns:
            matched = self._matched(column)
            if judged.vacancies[column].closed is not None and not len(matched):
                self._keep(column, None)
                gone[judged.vacancies[column].vacancy_id] = None
                continue
            rule = np.ascontiguousarray(judged.rule[: len(judged.learners), column])
            each = writer.drawn(column, matched, rule, int(self.last[column]))
            if column in touched.named or self._differs(each, learners):
                drawn.append(each)
            else:
                self.last[column] = self._last(column, self.shortlists[column])
        known = {
            pair: line
            for each in drawn
            if each.at not in rewritten
            for pair, line in self._known(each.at, learners).items()
        }
        writer = replace(writer, placement=self._priced(placement) if drawn else placement)
        written = writer.written(drawn, judged.completers(), known)
        for each, shortlist in zip(drawn, written, strict=True):
            self._keep(each.at, shortlist)
        return gone | {shortlist.vacancy_id: shortlist for shortlist in written}

    def _differs(self, drawn: Drawn, learners: set[UUID]) -> bool:
        """Whether a list has other learners now, or one whose own facts changed."""
        before = self.shortlists.get(drawn.at)
        if before is None:
            return True
        ids = [self.board.learners[row].learner_id for row in drawn.rows.tolist()]
        taken = len(drawn.matched)
        matches = {match.learner_id for match in before.matches}
        reserves = [match.learner_id for match in before.reserves]
        same = matches == set(ids[:taken]) and reserves == ids[taken:]
        return not same or not learners.isdisjoint(ids)

    def placement(self) -> Placement:
        """What the board's allocation gives, with prices over all eligible pairs."""
        return self._priced(self._placement())

    def _priced(self, placement: Placement) -> Placement:
        prices = self.worth.prices(self.board.stakes.step)
        return replace(placement, prices=self.board.pledges.priced(prices))

    def _placement(self) -> Placement:
        board, judged = self.board, self.board.judged
        count = len(judged.learners)
        used = board.residual.used[:count]
        held = (board.residual.held[:count] >= 0).any(axis=1)
        return Placement(
            judgement=judged.judgement(),
            places=board.residual.places[board.pledges.of[: len(judged.vacancies)]],
            placed=(used > 0) | held,
            settled=used >= board.policy.interviews_each,
            prices=None,
            extra=self._extra(),
        )

    def _extra(self) -> dict[tuple[int, int], int]:
        """What pairs, by rows, are favoured by because a peer employer refused."""
        pairs = map(self.board.stakes.at, self.board.decided.rerouted)
        return {pair: self.board.policy.rerouting for pair in pairs if pair[0] != NOBODY}

    def _concerned(self, touched: Touched) -> set[int]:
        """Vacancies that changed, and those whose list a touched learner is on or comes onto."""
        board, judged = self.board, self.board.judged
        columns = set(touched.vacancies)
        width = len(judged.vacancies)
        for row in touched.learners:
            columns |= self.listed[row]
            used = int(board.residual.used[row])
            if used >= board.policy.interviews_each:
                continue
            near = self._near(row, width)
            scores = judged.scores[row, near]
            keys = reserve_keys(self._placed(row), scores)
            able, last = judged.rule[row, near] == 0, self.last[near]
            columns.update(near[able & (keys < last)].tolist())
            learner_id = board.learners[row].learner_id
            for column in near[able & (keys == last)].tolist():
                if learner_id < self.shortlists[column].reserves[-1].learner_id:
                    columns.add(column)
        return columns

    def _near(self, row: int, width: int) -> Ints:
        """
        Vacancy columns, rising, onto whose list a learner may come, and some more.

        By what the learner is worth to the allocation, which lies together in memory and is no
        less than the score, unless a lock bars the pair.
        """
        board = self.board
        values = board.residual.values[row, board.pledges.of[:width]]
        near = (values >= 0) & (reserve_keys(self._placed(row), values) <= self.last[:width])
        barred = [*board.stakes.favours.rows.get(row, ())]
        return np.union1d(np.flatnonzero(near), np.array(barred, dtype=np.int64))

    def _matched(self, column: int) -> Ints:
        """Learner rows with a place at the vacancy, locked or not, rising."""
        board = self.board
        pledge = int(board.pledges.of[column])
        rows = {row for row in board.residual.members[pledge] if column in board.current[row]}
        vacancy_id = board.judged.vacancies[column].vacancy_id
        row_of, locked = board.judged.row_of, board.decided.locks_at.get(vacancy_id, ())
        rows |= {row_of[each] for each in locked if each in row_of}
        return np.array(sorted(rows), dtype=np.int64)

    def _known(self, column: int, learners: Collection[UUID]) -> dict[Pair, Match]:
        """Lines that still hold: the learner did not change."""
        before = self.shortlists.get(column)
        lines = (*before.matches, *before.reserves) if before else ()
        vacancy_id = self.board.judged.vacancies[column].vacancy_id
        return {(each.learner_id, vacancy_id): each
                for each in lines if each.learner_id not in learners}  # fmt: skip

    def _placed(self, row: int) -> NDArray[np.bool_]:
        residual = self.board.residual
        return np.array([residual.used[row] > 0 or (residual.held[row] >= 0).any()])

    def _keep(self, column: int, shortlist: Shortlist | None) -> None:
        row_of = self.board.judged.row_of
        before = self.shortlists.pop(column, None)
        for line in (*before.matches, *before.reserves) if before else ():
            self.listed[row_of[line.learner_id]].discard(column)
        if shortlist is None:
            self.last[column] = FULL
            return
        self.shortlists[column] = shortlist
        for line in (*shortlist.matches, *shortlist.reserves):
            self.listed[row_of[line.learner_id]].add(column)
        self.last[column] = self._last(column, shortlist)

    def _last(self, column: int, shortlist: Shortlist) -> int:
        """The key of the last reserve; anybody comes onto a list that has room."""
        board, judged = self.board, self.board.judged
        if not board.policy.reserves:
            return FULL
        if len(shortlist.reserves) < board.policy.reserves:
            return EVERYBODY
        row = judged.row_of[shortlist.reserves[-1].learner_id]
        return int(reserve_keys(self._placed(row), judged.scores[[row], column])[0])
