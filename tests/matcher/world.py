"""Invented interviews and what they led to, in a world whose law a test chooses."""

from datetime import timedelta
from uuid import UUID

import numpy as np

from services.matcher.experts import EXPERTS
from services.matcher.features import FEATURES, NAMES
from services.matcher.lessons import Lesson, Lessons
from services.matcher.scorer import spread
from tests import make


def lived(
    count: int,
    *,
    shuffled: bool = False,
    certain: bool = False,
    seed: int = 1,
    missing: str | None = None,
) -> Lessons:
    """
    Interviews of a world where skills and interest decide; or nothing does, if *shuffled*.

    If *certain*, what experts think likelier than not always happens, and nothing else.
    """
    chance = np.random.default_rng(seed)
    rows = spread(count, seed)
    neutral = np.array([feature.neutral for feature in FEATURES])
    law = np.zeros(len(NAMES))
    law[NAMES.index("skills-met")], law[NAMES.index("interest")] = 5.0, 3.5
    odds = -0.6 + (rows - neutral) @ law
    started = chance.random(count) < 1 / (1 + np.exp(-odds))
    if certain:
        expected = (rows - neutral) @ EXPERTS.slopes()
        started = expected > np.median(expected)
    if shuffled:
        started = chance.permutation(started)
    lessons = [
        Lesson(
            learner_id=UUID(int=at // 2 + 1),
            vacancy_id=UUID(int=at % max(1, count // 14) + 1),
            employer_id=UUID(int=at % max(1, count // 28) + 1),
            route=at % 15 + 1,
            measures={n: v for n, v in zip(NAMES, row, strict=True) if n != missing},
            score=5_000,
            rank=at % 5 + 1,
            model_version="logistic-0",
            at=make.NOON + timedelta(days=at // 4),
            outcome="started" if yes else "no-offer",
        )
        for at, (row, yes) in enumerate(zip(rows.tolist(), started.tolist(), strict=True))
    ]
    return Lessons.of(lessons)
