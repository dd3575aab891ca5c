"""
The model card of the demonstration's cohort, as a coordinator would read it.

`P2A_RECORD=1` writes docs/architecture/model-card-example.md anew; then read it.
"""

import os
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import text

from services.embedded.sample import write_sample
from services.matcher import archive
from services.matcher.card import card
from services.matcher.cardtext import markdown
from services.matcher.cardwords import LABELS
from services.matcher.features import FEATURES, NAMES, measures, vectors
from services.matcher.fitting import fit
from services.matcher.heldout import Recipe
from services.matcher.lessons import Lesson, Lessons
from services.matcher.market import RoundInputs
from services.matcher.never import flip_test
from tests.flow.cohort import matched

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

TODAY = date(2026, 11, 16)
EXAMPLE = Path(__file__).parents[2] / "docs/architecture/model-card-example.md"
RECORDING = bool(os.environ.get("P2A_RECORD"))
INTERVIEWS, A_DAY = 240, 4
# what decides in this invented world, in log-odds
LAW = {"skills-met": 3.0, "interest": 2.0, "course-route": 1.0, "hours-gap": -1.5, "distance": -0.5}
# of a release, or of a machine's last bits: not for an example to show
FIXED: dict[str, Any] = {
    "digest": "of the model's text",
    "versions": [{"of": "scikit-learn and numpy", "version": "as locked"}],
}


async def demonstration(folder: Path, database: str) -> RoundInputs:
    """The learners, vacancies and scores of the first round of a larger demonstration."""
    paths = write_sample(folder, learner_count=240, vacancy_count=40, seed=1, today=TODAY)
    async with matched(paths, database, TODAY) as matcher, matcher() as session:
        inputs = await session.scalar(text("select inputs from round"))
    return archive.read(archive.unpacked(inputs))


def lived(cohort: RoundInputs, *, seed: int = 11) -> list[Lesson]:
    """Interviews of pairs who meet every rule, and what they led to by the law."""
    assert cohort.scores is not None
    chance = np.random.default_rng(seed)
    table = vectors(cohort.learners, cohort.vacancies)
    pairs = chance.permutation(np.argwhere(cohort.scores >= 0))[:INTERVIEWS]
    found = []
    for number, (row, column) in enumerate(pairs.tolist()):
        one, other, facts = cohort.learners[row], cohort.vacancies[column], table[:, row, column]
        moves = [
            LAW.get(feature.name, 0) * (float(fact) - feature.neutral)
            for feature, fact in zip(FEATURES, facts, strict=True)
        ]
        started = chance.random() < 1 / (1 + np.exp(0.5 - sum(moves)))
        lesson = Lesson(
            learner_id=one.learner_id,
            vacancy_id=other.vacancy_id,
            employer_id=other.profile.employer_id,
            route=other.profile.route,
            measures=measures(facts),
            score=int(cohort.scores[row, column]),
            rank=1,
            model_version="logistic-0",
            at=datetime.combine(TODAY, time(9), UTC) + timedelta(days=number // A_DAY),
            outcome="started" if started else "no-offer",
        )
        found.append(lesson)
    return found


async def test_the_card_of_the_demonstrations_cohort_reads_as_the_example(
    tmp_path: Path, database: str
) -> None:
    cohort = await demonstration(tmp_path, database)
    made = fit(Lessons.of(lived(cohort)), Recipe(without=("pay",)))
    assert str(made.model.outcomes) in made.model.note
    flipped = flip_test(made.model, cohort.learners, cohort.vacancies)
    fixed = FIXED | {"version": f"logistic-{made.model.outcomes}-example"}
    said = markdown(card(made, flipped, made_on=TODAY.isoformat()) | fixed)

    words, _, figures = said.partition("## For analysts")
    for part in ("What it is not for", "What counts", "Sectors", "What never counts",
                 "What it was made of", "How good the order is", "Fairness", "Limits"):  # fmt: skip
        assert f"## {part}\n" in words
    learnt = f"It has learnt from {made.model.outcomes} of the 240 interviews"
    assert learnt in words.partition("\n|")[0]
    for name in NAMES:
        assert f"| {LABELS[name]} (`{name}`) |" in words
    assert "**Left out of this model on purpose: Pay (`pay`).**" in words
    assert "No score moved: age" in words
    for name in ("NDCG@5", "MRR", "P@3", "Brier", "log loss", "slope"):
        assert name not in words
        assert name in figures

    if RECORDING:
        EXAMPLE.write_text(said)
    assert EXAMPLE.read_text() == said, "P2A_RECORD=1 writes the example anew; then read it"
