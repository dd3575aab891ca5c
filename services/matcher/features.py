"""
What a score is made of, one by one; nothing else about a pair reaches the scorer.

Never among them: age, sex, ethnicity, disability or support, care or offender grounds, benefits,
name, home deprivation, provider, programme, school grades, employment gaps, physical fitness.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.matcher import practicality, suitability
from services.matcher.columns import Rows, rows_of
from services.matcher.market import Learner, Vacancy
from services.matcher.suitability import Values


@dataclass(frozen=True, slots=True)
class Feature:
    """
    One fact about a pair.

    ``direction`` is the sign its weight must have, for ``reason``. ``low`` and ``high`` bound its
    values; ``neutral`` is the value an unknown counts as, which contributes nothing.
    """

    name: str
    direction: int
    low: float
    high: float
    neutral: float
    reason: str
    measure: Callable[[Rows[Learner], Rows[Vacancy]], Values]
    words: Callable[[Learner, Vacancy], str]


FEATURES: tuple[Feature, ...] = (
    Feature(
        "skills-met", 1, 0, 1, 0.5,
        "who shows what is asked for is likelier to be taken on",
        suitability.skills_met, suitability.skills_words,
    ),
    Feature(
        "course-route", 1, 0, 1, 0.5,
        "the course prepared for work of its own route",
        suitability.course_route, suitability.course_words,
    ),
    Feature(
        "interest", 1, 0, 1, 0.5,
        "people start and stay in work they chose",
        suitability.interest, suitability.interest_words,
    ),
    Feature(
        "level-above", -1, 0, 3, 0,
        "more than one step up at once is often too much",
        suitability.level_above, suitability.level_words,
    ),
    Feature(
        "level-below", -1, 0, 3, 0,
        "work under a level already reached is often declined",
        suitability.level_below, suitability.level_words,
    ),
    Feature(
        "distance", -1, 0, 4, 0.8,
        "long journeys to work end apprenticeships early",
        practicality.distance, practicality.distance_words,
    ),
    Feature(
        "reach", -1, 0, 1, 0.5,
        "near the limit somebody gave, the journey is a burden",
        practicality.reach, practicality.reach_words,
    ),
    Feature(
        "start-gap", -1, 0, 6, 1,
        "the longer the wait for the start, the more are lost on the way",
        practicality.start_gap, practicality.start_words,
    ),
    Feature(
        "hours-gap", -1, 0, 3, 0,
        "hours outside those asked for are a reason to decline",
        practicality.hours_gap, practicality.hours_words,
    ),
    Feature(
        "pay", 1, 0, 12, 4,
        "better pay is likelier to be accepted",
        practicality.pay, practicality.pay_words,
    ),
    Feature(
        "positions", 1, 0, 1, 0.5,
        "the more positions for those interviewed, the likelier a start",
        practicality.positions, practicality.positions_words,
    ),
)  # fmt: skip
NAMES = tuple(feature.name for feature in FEATURES)


def vectors(learners: Sequence[Learner], vacancies: Sequence[Vacancy]) -> NDArray[np.float32]:
    """
    All features of all pairs, float32 [features x learners x vacancies], no NaN left.

    What is read off `Rows` is read once: changed learners among many vacancies cost no Python
    for each vacancy.
    """
    learners, vacancies = rows_of(learners), rows_of(vacancies)
    out = np.empty((len(FEATURES), len(learners), len(vacancies)), dtype=np.float32)
    for row, feature in zip(out, FEATURES, strict=True):
        row[:] = feature.measure(learners, vacancies)
        flat = row.reshape(-1)
        # where they are, not a mask of them: a mask this irregular takes up to five times as long
        flat[np.flatnonzero(np.isnan(flat))] = np.float32(feature.neutral)
    return out


def measures(vector: NDArray[np.float32]) -> dict[str, float]:
    """A pair's features by name, as they are kept with a match until its outcome is known."""
    return dict(zip(NAMES, np.round(vector.astype(np.float64), 4).tolist(), strict=True))


def vector(learner: Learner, vacancy: Vacancy) -> NDArray[np.float32]:
    """The features of one pair, for explaining it; for scoring, take many pairs at once."""
    return vectors([learner], [vacancy])[:, 0, 0]
