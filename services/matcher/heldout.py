"""How ways of ranking do on outcomes they have not seen: whole learners, employers, weeks."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from services.matcher import quality
from services.matcher.experts import EXPERTS, Experts
from services.matcher.features import FEATURES, NAMES
from services.matcher.lessons import Lessons
from services.matcher.prior import Outcomes, fitted
from services.matcher.quality import Floats, Measure
from services.matcher.scorer import Model

EXPERT_WEIGHT = 60  # outcomes that experts' opinion is worth
FOLDS = 5
SHUFFLES = 20
LATER = 0.25  # share of the outcomes, by time, that are held out as the latest


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How each who ranked did on the outcomes held out in one ``way``."""

    way: str
    outcomes: int
    ranking: Mapping[str, list[Measure]]
    probability: Mapping[str, list[Measure]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """
    How a model is made of outcomes: experts, what their opinion is worth, features left out.

    ``ValueError`` for a feature there is not.
    """

    experts: Experts = EXPERTS
    expert_weight: float = EXPERT_WEIGHT
    without: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse to leave out what is not there."""
        if unknown := set(self.without) - set(NAMES):
            raise ValueError(f"no feature is called {', '.join(sorted(unknown))}")

    def model(self, outcomes: Outcomes) -> Model:
        """The model; of features left out nothing is expected and nothing seen."""
        if not self.without:
            return fitted(outcomes, experts=self.experts, expert_weight=self.expert_weight)
        rows = outcomes.rows.copy()
        for at, feature in enumerate(FEATURES):
            if feature.name in self.without:
                rows[:, at] = feature.neutral
        found = fitted(
            replace(outcomes, rows=rows),
            experts=self.experts.without(self.without),
            expert_weight=self.expert_weight,
        )
        return found.without(self.without)


def log_odds(model: Model, outcomes: Outcomes) -> Floats:
    """What *model* gives each row, [n]."""
    centred = outcomes.rows - np.array(model.centres)
    moves = (model.slopes[outcomes.sector] * centred).sum(axis=1)
    odds: Floats = model.intercepts[outcomes.sector] + moves
    return odds


def shares(odds: Floats) -> Floats:
    """Log-odds as chances."""
    chances: Floats = 1 / (1 + np.exp(-odds))
    return chances


def latest(lessons: Lessons) -> Lessons:
    """The latest outcomes, by the day letters left; a day is never split."""
    if not len(lessons):
        return lessons
    since = np.quantile(lessons.days, 1 - LATER, method="higher")
    return lessons.part(lessons.days >= since)


def earlier(lessons: Lessons, later: Lessons) -> Lessons:
    """All before *later*, without any learner of it."""
    before = lessons.days < later.days.min()
    return lessons.part(before & ~np.isin(lessons.learners, later.learners))


def trials(recipe: Recipe, lessons: Lessons, *, weeks: bool, seed: int) -> list[Trial]:
    """Each way of holding out; the latest *weeks* only where there are enough of them."""
    found, alone = [], recipe.model(Outcomes())
    for way, groups in (("learners", lessons.learners), ("employers", lessons.employers)):
        folds = groups % FOLDS
        odds = np.empty(len(lessons))
        for fold in np.unique(folds):
            model = recipe.model(lessons.part(folds != fold).outcomes)
            odds[folds == fold] = log_odds(model, lessons.part(folds == fold).outcomes)
        found.append(_trial(f"whole {way}", alone, lessons, odds, seed))
    if weeks:
        later = latest(lessons)
        model = recipe.model(earlier(lessons, later).outcomes)
        odds = log_odds(model, later.outcomes)
        found.append(_trial("latest weeks", alone, later, odds, seed))
    return found


def _trial(way: str, experts: Model, held: Lessons, odds: Floats, seed: int) -> Trial:
    started = held.outcomes.started
    model, alone = shares(odds), shares(log_odds(experts, held.outcomes))
    # by rules alone all who pass are alike; they stand as they came
    came = -held.learners.astype(np.float64)
    orders = {"model": model, "experts alone": alone, "rules only": came}
    ranking = {
        who: quality.ranking(by, started, held.vacancies, seed=seed) for who, by in orders.items()
    }
    ranking["random order"] = _random(held, seed)
    same = np.full(len(held), started.mean(), dtype=np.float64)
    chances = {"model": model, "experts alone": alone, "rules only": same}
    probability = {
        who: quality.probability(by, started, held.learners, seed=seed)
        for who, by in chances.items()
    }
    return Trial(way=way, outcomes=len(held), ranking=ranking, probability=probability)


def _random(held: Lessons, seed: int) -> list[Measure]:
    chance = np.random.default_rng(seed)
    drawn = [
        quality.ranking(
            np.array(chance.random(len(held))), held.outcomes.started, held.vacancies, seed=seed
        )
        for _ in range(SHUFFLES)
    ]
    return [_mean(same) for same in zip(*drawn, strict=True)]


def _mean(measures: tuple[Measure, ...]) -> Measure:
    if not measures[0].n:
        return measures[0]
    value, low, high = (
        float(np.mean([getattr(each, name) for each in measures]))
        for name in ("value", "low", "high")
    )
    return replace(measures[0], value=value, low=low, high=high)
