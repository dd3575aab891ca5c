"""What a coordinator sees of a vacancy: its matches in order, reserves, and who is on neither."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from schemas.match import Contribution, Match
from services.matcher import geography, suitability
from services.matcher.features import FEATURES, vectors
from services.matcher.flow import Ints
from services.matcher.market import Learner, RoundInputs, Shortlist, Vacancy, match_id
from services.matcher.placement import OUTRANKED, PLACED_ELSEWHERE, Placement, is_completer
from services.matcher.scorer import Model

HIGH = 2**15  # above every integer score


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortlists:
    """Makes shortlists of a round's placement; *matched* are learner rows by vacancy row."""

    inputs: RoundInputs
    model: Model
    placement: Placement
    matched: Mapping[int, Ints]

    def all(self) -> tuple[Shortlist, ...]:
        """One for each vacancy that is open or has a match, in order of id."""
        rules = np.ascontiguousarray(self.placement.judgement.rule.T)
        completers = np.array([is_completer(row, self.inputs) for row in self.inputs.learners])
        none = np.empty(0, dtype=np.int64)
        return tuple(
            self._shortlist(i, self.matched.get(i, none), rules[i], completers)
            for i, vacancy in enumerate(self.inputs.vacancies)
            if vacancy.closed is None or i in self.matched
        )

    def _shortlist(
        self, at: int, matched: Ints, rule: NDArray[np.uint8], completers: NDArray[np.bool_]
    ) -> Shortlist:
        vacancy = self.inputs.vacancies[at]
        reserves = self._reserves(at, matched, rule)
        rows = np.concatenate([matched, reserves])
        learners = [self.inputs.learners[i] for i in rows]
        features = vectors(learners, [vacancy])[:, :, 0] if learners else np.empty((0, 0), "f4")
        order = self._order(vacancy, learners[: len(matched)], features[:, : len(matched)])
        order += range(len(matched), len(rows))
        listed = [
            self._match(position, learners[i], vacancy, features[:, i])
            for position, i in enumerate(order, start=1)
        ]
        for i, row in enumerate(reserves, start=len(matched)):
            barrier = self.placement.barrier(int(row), at).words
            listed[i] = listed[i].model_copy(update={"barrier": barrier})
        absent = completers.copy()
        absent[rows] = False
        return Shortlist(
            vacancy_id=vacancy.vacancy_id,
            matches=tuple(listed[: len(matched)]),
            reserves=tuple(listed[len(matched) :]),
            absences=self._absences(rule, absent),
        )

    def _reserves(self, at: int, matched: Ints, rule: NDArray[np.uint8]) -> Ints:
        """Eligible learners without a place here: those with none at all first, then by score."""
        free = (rule == 0) & ~self.placement.settled
        free[matched] = False
        rows = np.flatnonzero(free)
        scores = self.placement.judgement.scores[rows, at].astype(np.int64)
        keys = self.placement.placed[rows] * np.int64(2 * HIGH) + (HIGH - scores)
        most = min(self.inputs.policy.reserves, len(rows))
        return rows[np.argsort(keys, kind="stable")[:most]]

    def _order(
        self, vacancy: Vacancy, learners: Sequence[Learner], features: NDArray[np.float32]
    ) -> list[int]:
        """Best score first, equal ones by id; then coordinators' own positions."""
        if not learners:
            return []
        best_first = np.argsort(-self.model.scores(features), kind="stable").tolist()
        given = {
            i: position
            for i, learner in enumerate(learners)
            if (position := self.inputs.moved.get((learner.learner_id, vacancy.vacancy_id)))
        }
        order = [i for i in best_first if i not in given]
        for i, position in sorted(given.items(), key=lambda item: item[1]):
            order.insert(position - 1, i)
        return order

    def _match(
        self, position: int, learner: Learner, vacancy: Vacancy, features: NDArray[np.float32]
    ) -> Match:
        pair = (learner.learner_id, vacancy.vacancy_id)
        return Match(
            match_id=match_id(pair),
            learner_id=learner.learner_id,
            position=position,
            score=int(self.model.scores(features[:, None])[0]),
            waiting_since=learner.completed_on or self.inputs.today,
            locked=pair in self.inputs.locks,
            distance_miles=geography.distance(learner.profile.outcode, vacancy.profile.outcode),
            contributions=contributions(self.model, learner, vacancy, features),
            met_skills=suitability.met(learner, vacancy),
            missing_skills=suitability.missing(learner, vacancy),
        )

    def _absences(self, rule: NDArray[np.uint8], absent: NDArray[np.bool_]) -> dict[str, int]:
        ids = self.placement.judgement.rule_ids
        counts = np.bincount(rule[absent], minlength=len(ids) + 1).tolist()
        elsewhere = int((absent & (rule == 0) & self.placement.placed).sum())
        named = dict(zip(ids, counts[1:], strict=True))
        named |= {PLACED_ELSEWHERE: elsewhere, OUTRANKED: counts[0] - elsewhere}
        return {name: count for name, count in named.items() if count}


def contributions(
    model: Model, learner: Learner, vacancy: Vacancy, features: NDArray[np.float32]
) -> tuple[Contribution, ...]:
    """What moves this pair's log-odds, the largest first; what moves nothing is left out."""
    moves = [
        Contribution(
            feature=f.name, effect=round(float(effect), 3), words=f.words(learner, vacancy)
        )
        for f, effect in zip(FEATURES, model.contributions(features), strict=True)
    ]
    return tuple(sorted((m for m in moves if m.effect), key=lambda m: -abs(m.effect)))
