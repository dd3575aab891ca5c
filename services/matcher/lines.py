"""The lines of a shortlist: what speaks for one learner on one vacancy, and what against."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from schemas.match import Contribution, Match
from services.matcher import geography, suitability
from services.matcher.columns import Rows
from services.matcher.features import FEATURES, measures, vectors
from services.matcher.market import Learner, Outcome, Pair, RoundInputs, Vacancy, match_id
from services.matcher.prompts import prompts
from services.matcher.scorer import Model


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Writes matches, still without position or barrier."""

    model: Model

    def of(
        self,
        learners: Rows[Learner],
        vacancies: Rows[Vacancy],
        places: Sequence[tuple[int, int]],
    ) -> dict[Pair, Match]:
        """
        The lines of pairs by (learner row, vacancy row).

        All are measured at once: measuring few pairs costs as much as measuring a few hundred.
        """
        if not places:
            return {}
        rows, row_at = np.unique([row for row, _ in places], return_inverse=True)
        columns, column_at = np.unique([column for _, column in places], return_inverse=True)
        some, others = learners.picked(rows), vacancies.picked(columns)
        measured = vectors(some, others)
        scores = self.model.scores(measured, others)
        return {
            (some[i].learner_id, others[j].vacancy_id): self._match(
                some[i], others[j], int(scores[i, j]), measured[:, i, j]
            )
            for i, j in zip(row_at.tolist(), column_at.tolist(), strict=True)
        }

    def _match(
        self, learner: Learner, vacancy: Vacancy, score: int, features: NDArray[np.float32]
    ) -> Match:
        # what we measured ourselves need not be checked again: a list has some 200 such parts
        return Match.model_construct(
            match_id=match_id((learner.learner_id, vacancy.vacancy_id)),
            learner_id=learner.learner_id,
            position=1,
            score=score,
            waiting_since=learner.completed_on or learner.profile.course.started_on,
            distance_miles=geography.distance(learner.profile.outcode, vacancy.profile.outcode),
            contributions=contributions(self.model, learner, vacancy, features),
            met_skills=suitability.met(learner, vacancy),
            missing_skills=suitability.missing(learner, vacancy),
            measures=measures(features),
            model_version=self.model.version,
            prompts=prompts(learner, vacancy),
        )


def contributions(
    model: Model, learner: Learner, vacancy: Vacancy, features: NDArray[np.float32]
) -> tuple[Contribution, ...]:
    """What moves this pair's log-odds, the largest first; what moves nothing is left out."""
    effects = np.round(model.contributions(features, vacancy), 3).tolist()
    moves = [
        Contribution.model_construct(
            feature=feature.name, effect=effect, words=feature.words(learner, vacancy)
        )
        for feature, effect in zip(FEATURES, effects, strict=True)
        if effect
    ]
    return tuple(sorted(moves, key=lambda move: -abs(move.effect)))


def known_lines(inputs: RoundInputs, model: Model, earlier: Outcome | None) -> dict[Pair, Match]:
    """Lines of *earlier* whose learner and vacancy are as they were, by the same model."""
    if earlier is None or earlier.model_version != model.version:
        return {}
    learners = {row.learner_id: row for row in earlier.judgement.learners}
    vacancies = {row.vacancy_id: row for row in earlier.judgement.vacancies}
    same = {r.learner_id for r in inputs.learners if learners.get(r.learner_id) == r}
    same |= {r.vacancy_id for r in inputs.vacancies if vacancies.get(r.vacancy_id) == r}
    return {
        (match.learner_id, shortlist.vacancy_id): match
        for shortlist in earlier.shortlists
        if shortlist.vacancy_id in same
        for match in (*shortlist.matches, *shortlist.reserves)
        if match.learner_id in same
    }
