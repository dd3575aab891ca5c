"""What a coordinator sees of a vacancy: its matches in order, reserves, and who is on neither."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from schemas.match import Match
from services.matcher import of_learners
from services.matcher.flow import Ints
from services.matcher.handover import WORDS as HANDED_OVER
from services.matcher.judged import UNJUDGED
from services.matcher.lines import Lines
from services.matcher.market import Learner, Pair, Policy, Shortlist, Vacancy
from services.matcher.placement import OUTRANKED, PLACED_ELSEWHERE, Placement, is_completer
from services.matcher.scorer import Model

HIGH = 2**15  # above every integer score
EVERYBODY = 2**31 - 1  # no key is above it
TOGETHER = 50  # lists whose lines are measured at once


class Market(Protocol):
    """What shortlists need to know of a market: a round's inputs, or a standing board."""

    @property
    def today(self) -> date: ...
    @property
    def learners(self) -> Sequence[Learner]: ...
    @property
    def vacancies(self) -> Sequence[Vacancy]: ...
    @property
    def policy(self) -> Policy: ...
    @property
    def locks(self) -> Collection[Pair]: ...
    @property
    def rerouted(self) -> Collection[Pair]: ...
    @property
    def moved(self) -> Mapping[Pair, int]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """Whose lines a vacancy's list has: rows with a place, rising, and reserves, best first."""

    at: int
    matched: Ints
    reserves: Ints
    rule: NDArray[np.uint8]

    @property
    def rows(self) -> Ints:
        return np.concatenate([self.matched, self.reserves])


def reserve_keys(placed: NDArray[np.bool_], scores: NDArray[np.signedinteger]) -> NDArray[np.int32]:
    """
    What reserves are sorted by before their ids, one whole number each: nobody's place, score.

    Of one key each the few smallest need no sorting of the rest.
    """
    keys: NDArray[np.int32] = placed * np.int32(2 * HIGH) + (np.int32(HIGH) - scores)
    return keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortlists:
    """Makes shortlists of a round's placement."""

    inputs: Market
    model: Model
    placement: Placement

    def all(
        self, matched: Mapping[int, Ints], known: Mapping[Pair, Match]
    ) -> tuple[Shortlist, ...]:
        """
        One for each vacancy that is open or has a match, in order of id.

        *matched* are learner rows by vacancy row; *known* are lines that still hold.
        """
        rules = np.ascontiguousarray(self.placement.judgement.rule.T)
        completers = np.array(
            [is_completer(row, self.inputs.today) for row in self.inputs.learners], dtype=np.bool_
        )
        none = np.empty(0, dtype=np.int64)
        drawn = [
            self.drawn(i, matched.get(i, none), rules[i])
            for i, vacancy in enumerate(self.inputs.vacancies)
            if vacancy.closed is None or i in matched
        ]
        return tuple(self.written(drawn, completers, known))

    def drawn(
        self, at: int, matched: Ints, rule: NDArray[np.uint8], within: int = EVERYBODY
    ) -> Drawn:
        """
        Who is on the list of the vacancy in row *at*, where the rows *matched* have places.

        *rule* (uint8 [learners]) are the verdicts on everybody; the reserves are likely to have
        keys *within*.
        """
        reserves = self._reserves(at, matched, rule, within)
        return Drawn(at=at, matched=matched, reserves=reserves, rule=rule)

    def written(
        self,
        drawn: Sequence[Drawn],
        completers: NDArray[np.bool_],
        known: Mapping[Pair, Match],
    ) -> list[Shortlist]:
        """The shortlists *drawn*; *completers* [learners] are those owed an interview."""
        return [
            self._one(each, completers, lines)
            for start in range(0, len(drawn), TOGETHER)
            for lines in [self._lines(drawn[start : start + TOGETHER], known)]
            for each in drawn[start : start + TOGETHER]
        ]

    def _lines(self, drawn: Sequence[Drawn], known: Mapping[Pair, Match]) -> dict[Pair, Match]:
        learners, vacancies = self.placement.judgement.learners, self.placement.judgement.vacancies
        pairs = {
            (learners[row].learner_id, vacancies[each.at].vacancy_id): (row, each.at)
            for each in drawn
            for row in each.rows.tolist()
        }
        fresh = [place for pair, place in pairs.items() if pair not in known]
        lines = Lines(model=self.model).of(learners, vacancies, fresh)
        return lines | {pair: known[pair] for pair in pairs if pair in known}

    def _one(
        self, drawn: Drawn, completers: NDArray[np.bool_], known: Mapping[Pair, Match]
    ) -> Shortlist:
        at, vacancy, rows = drawn.at, self.inputs.vacancies[drawn.at], drawn.rows
        learners = self.placement.judgement.learners
        written = [known[learners[row].learner_id, vacancy.vacancy_id] for row in rows.tolist()]
        lines = self._judged(written, rows, at)
        taken = len(drawn.matched)
        matches = self._in_order(lines[:taken], vacancy)
        absent = completers.copy()
        absent[rows] = False
        return Shortlist(
            vacancy_id=vacancy.vacancy_id,
            matches=tuple(
                _placed(
                    line,
                    position,
                    locked=(line.learner_id, vacancy.vacancy_id) in self.inputs.locks,
                    handed_over=self._handed_over(line, vacancy),
                )
                for position, line in enumerate(matches, start=1)
            ),
            reserves=tuple(
                _placed(
                    line,
                    position,
                    barrier=self.placement.barrier(int(row), at).words,
                    handed_over=self._handed_over(line, vacancy),
                )
                for position, (line, row) in enumerate(
                    zip(lines[taken:], drawn.reserves, strict=True), start=taken + 1
                )
            ),
            absences=self._absences(drawn.rule, absent),
        )

    def _judged(self, lines: list[Match], rows: Ints, at: int) -> list[Match]:
        """The lines with the round's own scores: another machine's may differ by one."""
        scores = self.placement.judgement.scores[rows, at].tolist()
        return [
            line if score in {line.score, -1} else line.model_copy(update={"score": score})
            for line, score in zip(lines, scores, strict=True)
        ]

    def _reserves(self, at: int, matched: Ints, rule: NDArray[np.uint8], within: int) -> Ints:
        """
        Eligible learners without a place here: those with none at all first, then by score.

        Equal ones by learner_id, not by row: rows of a board are in the order they came.
        """
        free = (rule == 0) & ~self.placement.settled
        free[matched] = False
        most = self.inputs.policy.reserves
        keys = reserve_keys(self.placement.placed, self.placement.judgement.scores[:, at])
        rows = np.flatnonzero(free & (keys <= within))
        if len(rows) < most:  # enough of them would be the best of all
            rows = np.flatnonzero(free)
        keys = keys[rows]
        if most < len(keys):
            near = np.flatnonzero(keys <= np.partition(keys, most)[most])
            rows, keys = rows[near], keys[near]
        learners = self.placement.judgement.learners
        first = learners.column(of_learners.first_half, np.uint64)[rows]
        second = learners.column(of_learners.second_half, np.uint64)[rows]
        return rows[np.lexsort((second, first, keys))[:most]]

    def _in_order(self, lines: Sequence[Match], vacancy: Vacancy) -> list[Match]:
        """Best score first, equal ones by learner_id; then coordinators' own positions."""
        given = {
            line.learner_id: self.inputs.moved[pair]
            for line in lines
            if (pair := (line.learner_id, vacancy.vacancy_id)) in self.inputs.moved
        }
        order = sorted(
            (line for line in lines if line.learner_id not in given),
            key=lambda line: (-line.score, line.learner_id),
        )
        moved = [line for line in lines if line.learner_id in given]
        for line in sorted(moved, key=lambda line: (given[line.learner_id], line.learner_id)):
            order.insert(given[line.learner_id] - 1, line)
        return order

    def _handed_over(self, line: Match, vacancy: Vacancy) -> str | None:
        pair = line.learner_id, vacancy.vacancy_id
        return HANDED_OVER if pair in self.inputs.rerouted else None

    def _absences(self, rule: NDArray[np.uint8], absent: NDArray[np.bool_]) -> dict[str, int]:
        ids = self.placement.judgement.rule_ids
        # a verdict that nobody has for those who do not count: cheaper than to pick the others
        counted = np.where(absent, rule, np.uint8(UNJUDGED))
        counts = np.bincount(counted, minlength=UNJUDGED + 1).tolist()
        elsewhere = int(np.count_nonzero(absent & (rule == 0) & self.placement.placed))
        named = dict(zip(ids, counts[1 : len(ids) + 1], strict=True))
        named |= {PLACED_ELSEWHERE: elsewhere, OUTRANKED: counts[0] - elsewhere}
        return {name: count for name, count in named.items() if count}


def _placed(
    line: Match,
    position: int,
    *,
    locked: bool = False,
    barrier: str | None = None,
    handed_over: str | None = None,
) -> Match:
    there = {"position": position, "locked": locked, "barrier": barrier}
    there |= {"handed_over": handed_over}
    return line.model_copy(update=there)
