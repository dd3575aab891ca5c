"""Rules and scores over every pair of a market; what did not change is taken from before."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from services.matcher.columns import Rows, rows_of
from services.matcher.features import vectors
from services.matcher.market import Judgement, Learner, RoundInputs, Vacancy
from services.matcher.rules import Rules
from services.matcher.scorer import Model

Row = TypeVar("Row", Learner, Vacancy)
Where = tuple[NDArray[np.intp], NDArray[np.intp]]  # rows and columns of the market
BLOCK = 2**19  # pairs measured at once: some 23 MB of features


def judge(
    inputs: RoundInputs, model: Model, rules: Rules, earlier: Judgement | None = None
) -> Judgement:
    """
    The first failing rule and the score of every pair.

    Pairs whose rows equal those of *earlier*, on the same day and by the same rules and model,
    are not computed again. In a replay the scores are those of the inputs; ``ValueError`` if
    they are of another shape.
    """
    shape = (len(inputs.learners), len(inputs.vacancies))
    if inputs.scores is not None and inputs.scores.shape != shape:
        raise ValueError(f"scores are {inputs.scores.shape}, the market is {shape}")
    number = np.uint8(len(rules.ids))
    rule = np.zeros(shape, dtype=np.uint8)
    scores = np.full(shape, -1, dtype=np.int16)
    same = (inputs.today, rules.version, model.version)
    if earlier and (earlier.today, earlier.rules_version, earlier.model_version) == same:
        rows = _kept(inputs.learners, earlier.learners, lambda row: row.learner_id)
        columns = _kept(inputs.vacancies, earlier.vacancies, lambda row: row.vacancy_id)
        rule[np.ix_(rows[0], columns[0])] = earlier.rule[np.ix_(rows[1], columns[1])]
        scores[np.ix_(rows[0], columns[0])] = earlier.scores[np.ix_(rows[1], columns[1])]
        rule[rule == number] = 0
    else:
        rows = columns = (np.empty(0, np.intp), np.empty(0, np.intp))
    changed = np.setdiff1d(np.arange(shape[0]), rows[0])
    others = np.setdiff1d(np.arange(shape[1]), columns[0])
    # read once for all blocks, and for the lists that follow
    learners, vacancies = rows_of(inputs.learners), rows_of(inputs.vacancies)
    part = _Part(inputs, learners, vacancies, model, rules)
    for where in ((changed, np.arange(shape[1])), (rows[0], others)):
        part.fill(rule, scores, where)
    if inputs.scores is not None:
        scores = inputs.scores
    _exclude(rule, number, inputs)
    return Judgement(
        learners=learners,
        vacancies=vacancies,
        today=inputs.today,
        rules_version=rules.version,
        model_version=model.version,
        rule_ids=rules.ids,
        rule=rule,
        scores=scores,
    )


@dataclass(frozen=True, slots=True)
class _Part:
    inputs: RoundInputs
    learners: Rows[Learner]
    vacancies: Rows[Vacancy]
    model: Model
    rules: Rules

    def fill(self, rule: NDArray[np.uint8], scores: NDArray[np.int16], where: Where) -> None:
        rows, columns = where
        if not len(columns):
            return
        every = len(columns) == len(self.vacancies)
        vacancies = self.vacancies if every else self.vacancies.picked(columns)
        block = max(1, BLOCK // len(columns))
        for part in (rows[start : start + block] for start in range(0, len(rows), block)):
            learners = self.learners.picked(part)
            first = self.rules.first_failures(learners, vacancies, self.inputs.today)
            rule[np.ix_(part, columns)] = first
            if self.inputs.scores is None and not first.all():
                scored = self.model.scores(vectors(learners, vacancies), vacancies)
                scores[np.ix_(part, columns)] = np.where(first > 0, np.int16(-1), scored)


def _exclude(rule: NDArray[np.uint8], number: np.uint8, inputs: RoundInputs) -> None:
    row = {each.learner_id: i for i, each in enumerate(inputs.learners)}
    column = {each.vacancy_id: i for i, each in enumerate(inputs.vacancies)}
    for learner_id, vacancy_id in inputs.excluded:
        if learner_id in row and vacancy_id in column:
            place = row[learner_id], column[vacancy_id]
            rule[place] = rule[place] or number


def _kept(now: Sequence[Row], before: Sequence[Row], identity: Callable[[Row], UUID]) -> Where:
    """Places of the equal rows, now and before."""
    place = {identity(row): i for i, row in enumerate(before)}
    pairs = [
        (i, j)
        for i, row in enumerate(now)
        if (j := place.get(identity(row))) is not None and before[j] == row
    ]
    both = np.array(pairs, dtype=np.intp).reshape(-1, 2)
    return both[:, 0], both[:, 1]
