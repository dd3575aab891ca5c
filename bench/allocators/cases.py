"""Markets to give out: two real years, and invented ones."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from services.matcher.candidates import candidates
from services.matcher.flow import Ints, Turns, step_of
from services.matcher.judgement import judge
from services.matcher.placement import free_places, rows_of, turns_of
from services.matcher.prior import fitted
from services.matcher.rules import Rules
from services.matcher.tables import read
from tests.matcher.cohorts import cohort

DATA = Path(__file__).parents[3] / "shared" / "data" / "allocation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A market: whole values (-1 not eligible), how both sides rank, and pairs to start from."""

    name: str
    values: np.ndarray
    unit: int
    places: Ints
    turns: Turns
    days: Ints
    mine: np.ndarray
    theirs: np.ndarray
    start: np.ndarray

    def tiers(self) -> np.ndarray:
        """All three tiers of a pair in one number, 0 where not eligible."""
        step = step_of(int(self.values.max()), self.places, self.turns)
        worth = (self.turns.waiting[:, None] + 1.0) * step + self.values
        return np.where(self.values >= 0, worth, 0.0)


def year(number: int) -> Case:
    """A real year: students, centres and what either side would like."""
    names = [DATA / f"wpi_{number}_{name}.csv" for name in ("pairs", "centres")]
    with names[0].open() as pairs, names[1].open() as centres:
        tables = read(pairs, centres)
    row = {name: i for i, name in enumerate(tables.learners)}
    column = {name: j for j, name in enumerate(tables.vacancies)}
    mine, theirs = np.zeros((2, *tables.values.shape))
    with names[0].open() as pairs:
        for student, centre, likes, liked in list(csv.reader(pairs))[1:]:
            mine[row[student], column[centre]] = float(likes)
            theirs[row[student], column[centre]] = float(liked)
    nobody_waits = np.zeros(len(row), dtype=np.int64)
    return Case(
        name=f"WPI {number}",
        values=tables.values,
        unit=int(tables.unit),
        places=tables.places,
        turns=Turns(waiting=nobody_waits, used=nobody_waits),
        days=nobody_waits,
        mine=mine,
        theirs=theirs,
        start=tables.values >= 0,
    )


def invented(learners: int, vacancies: int, pledged: int) -> Case:
    """An invented market; both sides rank by score."""
    inputs = cohort(2, learners, vacancies, pledged=pledged)
    judgement = judge(inputs, fitted(), Rules.load())
    values = np.where(judgement.rule == 0, judgement.scores, np.int16(-1))
    done = [(inputs.today - (row.completed_on or inputs.today)).days for row in inputs.learners]
    return Case(
        name=f"{learners} x {vacancies}",
        values=values,
        unit=10_000,
        places=free_places(inputs),
        turns=turns_of(inputs, rows_of(inputs)),
        days=np.array(done, dtype=np.int64),
        mine=values,
        theirs=values,
        start=candidates(values, per_vacancy=50, per_learner=20, scattered=10),
    )
