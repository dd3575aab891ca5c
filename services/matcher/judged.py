"""Rules and scores of a market that changes: room for more rows, only changed ones judged anew."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from schemas.vacancy import VacancyProfile
from services.matcher import of_learners, readings
from services.matcher.columns import Rows
from services.matcher.features import vectors
from services.matcher.market import Judgement, Learner, Vacancy
from services.matcher.rules import Rules
from services.matcher.scorer import Model

UNJUDGED = 255  # where there is room, but nobody yet
NOTHING = np.empty((0, 0), dtype=np.uint8)
BLOCK = 2**19  # pairs measured at once: some 23 MB of features
# facts of a vacancy that are told, and that no rule and no feature reads
TOLD = frozenset({"title", "wanted", "skills_from_standard", "disability_confident"})
COUNTING = tuple(name for name in VacancyProfile.model_fields if name not in TOLD)


class NoRoom(Exception):
    """More learners or vacancies came than room was left for: the market is to be laid out anew."""


class OtherPairs(Exception):
    """Scores were given, but not of the pairs that are to be judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Scores of changed learners [rows x vacancies], of changed vacancies [learners x columns]."""

    rows: NDArray[np.int16]
    columns: NDArray[np.int16]


@dataclass(slots=True, kw_only=True)
class Judged:
    """
    The rows of a market in the order they came, and the verdict on every pair.

    ``rule`` (uint8) and ``scores`` (int16) are as in `Judgement` but have room for more rows;
    ``tally`` [learners x rules] counts a learner's vacancies by verdict, eligible ones first.
    """

    today: date
    model: Model
    rules: Rules
    learners: Rows[Learner]
    vacancies: Rows[Vacancy]
    rule: NDArray[np.uint8]
    scores: NDArray[np.int16]
    tally: NDArray[np.int32] = field(init=False)
    row_of: dict[UUID, int] = field(init=False)
    column_of: dict[UUID, int] = field(init=False)

    def __post_init__(self) -> None:
        """Number the rows, count the verdicts."""
        self.row_of = {row.learner_id: i for i, row in enumerate(self.learners)}
        self.column_of = {row.vacancy_id: i for i, row in enumerate(self.vacancies)}
        self.tally = np.zeros((len(self.rule), len(self.rules.ids) + 1), dtype=np.int32)
        self._count([*range(len(self.learners))], [], NOTHING)

    @classmethod
    def of(
        cls, judgement: Judgement, model: Model, rules: Rules, room: tuple[int, int]
    ) -> "Judged":
        """What was judged before, and *room* for so many learners and vacancies."""
        rule = np.full(room, UNJUDGED, dtype=np.uint8, order="F")
        scores = np.full(room, -1, dtype=np.int16, order="F")
        part = tuple(slice(0, size) for size in judgement.rule.shape)
        rule[part], scores[part] = judgement.rule, judgement.scores
        return cls(
            today=judgement.today,
            model=model,
            rules=rules,
            learners=judgement.learners.copied(),
            vacancies=judgement.vacancies.copied(),
            rule=rule,
            scores=scores,
        )

    def completers(self) -> NDArray[np.bool_]:
        """Whom the scheme owes an interview, [learners]."""
        done = self.learners.column(of_learners.completed_on, np.int32) <= readings.day(self.today)
        owed: NDArray[np.bool_] = done & ~self.learners.column(of_learners.withdrawn, np.bool_)
        return owed

    def judgement(self) -> Judgement:
        """The verdicts as they are now: views, good until the next change."""
        part = (slice(0, len(self.learners)), slice(0, len(self.vacancies)))
        return Judgement(
            learners=self.learners,
            vacancies=self.vacancies,
            today=self.today,
            rules_version=self.rules.version,
            model_version=self.model.version,
            rule_ids=self.rules.ids,
            rule=self.rule[part],
            scores=self.scores[part],
        )

    @property
    def excluded(self) -> int:
        """The verdict on a pair that was refused."""
        return len(self.rules.ids)

    def differing(self, vacancies: Sequence[Vacancy]) -> set[UUID]:
        """Those of *vacancies* that are new, or of which something else is said that counts."""
        column_of, known = self.column_of, self.vacancies
        return {
            row.vacancy_id
            for row in vacancies
            if row.vacancy_id not in column_of
            or not _as_good_as(row, known[column_of[row.vacancy_id]])
        }

    def put(
        self, learners: Sequence[Learner], vacancies: Sequence[Vacancy]
    ) -> tuple[list[int], list[int]]:
        """Take in changed and new rows, sorted by id; where they stand. Raises NoRoom."""
        rows = _placed(self.row_of, [row.learner_id for row in learners], len(self.rule))
        columns = _placed(self.column_of, [row.vacancy_id for row in vacancies], self.rule.shape[1])
        self.learners.put(dict(zip(rows, learners, strict=True)))
        self.vacancies.put(dict(zip(columns, vacancies, strict=True)))
        return rows, columns

    def judge(self, rows: list[int], columns: list[int], given: Given | None = None) -> Given:
        """
        Judge all pairs of *rows* and of *columns* anew; scores are *given* in a replay.

        Their scores, to be kept for one. Who was refused is to be refused again. Raises
        OtherPairs.
        """
        before = self.rule[: len(self.learners), columns]
        scored = Given(
            rows=self._fill(rows, None, given.rows if given else None),
            columns=self._fill(None, columns, given.columns if given else None),
        )
        self._count(rows, columns, before)
        return scored

    def refuse(self, row: int, column: int) -> None:
        """The pair was refused; what else bars it goes before."""
        if self.rule[row, column] == 0:
            self.rule[row, column] = self.excluded
            self.tally[row, [0, self.excluded]] += -1, 1

    def _count(self, rows: list[int], columns: list[int], before: NDArray[np.uint8]) -> None:
        """Count the verdicts of *rows* anew, and those of *columns* in place of *before*."""
        codes = self.tally.shape[1]
        for column, old in zip(columns, before.T, strict=True):
            new = self.rule[: len(self.learners), column]
            differ = old != new  # most verdicts are what they were
            differ[rows] = False
            others = np.flatnonzero(differ)
            known = others[old[others] != UNJUDGED]
            self.tally[known, old[known]] -= 1
            self.tally[others, new[others]] += 1
        block = max(1, BLOCK // max(1, len(self.vacancies)))
        for part in (rows[start : start + block] for start in range(0, len(rows), block)):
            verdicts = self.rule[part, : len(self.vacancies)]
            keys = np.arange(len(part), dtype=np.int64)[:, None] * codes + verdicts
            counts = np.bincount(keys.ravel(), minlength=len(part) * codes)
            self.tally[part] = counts.reshape(len(part), codes)

    def _fill(
        self, rows: list[int] | None, columns: list[int] | None, given: NDArray[np.int16] | None
    ) -> NDArray[np.int16]:
        """Judge the pairs of some rows or of some columns, None being all; their scores."""
        count = len(self.learners) if rows is None else len(rows)
        width = len(self.vacancies) if columns is None else len(columns)
        scores = np.empty((count, width), dtype=np.int16) if given is None else given
        if scores.shape != (count, width):
            raise OtherPairs(f"scores are {scores.shape}, to be judged are {(count, width)}")
        if not scores.size:
            return scores
        vacancies = self.vacancies if columns is None else self.vacancies.picked(columns)
        block = max(1, BLOCK // width)
        for start in range(0, count, block):
            end = min(start + block, count)
            part = range(start, end) if rows is None else rows[start:end]
            whole = rows is None and len(part) == count
            learners = self.learners if whole else self.learners.picked(part)
            first = self.rules.first_failures(learners, vacancies, self.today)
            if given is None:
                scored = self.model.scores(vectors(learners, vacancies), vacancies)
                scored[first > 0] = -1
                scores[start:end] = scored
            # slices where they serve: they are twice as fast
            at = (slice(start, end) if rows is None else part,
                  slice(width) if columns is None else columns)  # fmt: skip
            self.rule[at], self.scores[at] = first, scores[start:end]
        return scores


def _as_good_as(row: Vacancy, other: Vacancy) -> bool:
    """Whether every pair with the one is judged as with the other."""
    own, its = row.profile, other.profile
    return row.closed == other.closed and all(
        getattr(own, name) == getattr(its, name) for name in COUNTING
    )


def _placed(known: dict[UUID, int], ids: list[UUID], room: int) -> list[int]:
    for each in ids:
        known.setdefault(each, len(known))
    if len(known) > room:
        raise NoRoom(f"{len(known)} rows, room for {room}")
    return [known[each] for each in ids]
