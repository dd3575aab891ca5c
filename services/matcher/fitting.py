"""
A fit: the model of all that is known, calibrated where later outcomes allow it.

Where there are enough outcomes, the model is fitted to the earlier ones and its log-odds are
stretched by those of the latest weeks, of other learners: what was checked is what ranks.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from services.matcher import quality
from services.matcher.calibration import Slope, calibrated, slope_of, tells
from services.matcher.heldout import Recipe, Trial, earlier, latest, log_odds, shares, trials
from services.matcher.lessons import Lessons
from services.matcher.prior import Outcomes
from services.matcher.quality import Floats, Labels
from services.matcher.scorer import Model

USUAL = Recipe()
LEAST_LATER = 40  # later outcomes; fewer say nothing of calibration
LEAST_KIND = 8  # of these, starts and others, each

# why outcomes were not learnt from; every page with a score shows it, so no figures
NOT_FOLLOWED = "what later interviews led to does not follow the score"
NO_BETTER = "for later interviews, one chance for everybody was as good a guess as the score"
ALL_ALIKE = "later interviews had all but the same score, so it could not be checked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """
    A model and what is known of it.

    ``slope`` is None where later outcomes were too few to calibrate. ``table`` is expected
    against observed on them.
    """

    model: Model
    lessons: Lessons
    recipe: Recipe
    verdict: str
    slope: Slope | None = None
    trials: tuple[Trial, ...] = ()
    table: list[dict[str, float]] = field(default_factory=list)


def fit(lessons: Lessons, recipe: Recipe = USUAL, *, measured: bool = True, seed: int = 7) -> Fit:
    """
    The model that *recipe* makes of *lessons*.

    Falls back to experts' opinion alone, and says so, where later outcomes do not follow the
    score. Unless *measured* nothing is said of how good it is, which takes ten more fits. The
    same arguments give the same model.
    """
    later = latest(lessons)
    starts = int(later.outcomes.started.sum())
    enough = len(later) >= LEAST_LATER and min(starts, len(later) - starts) >= LEAST_KIND
    made = _checked(recipe, lessons, later) if enough else _unchecked(recipe, lessons, later)
    if not measured or not len(lessons):
        return made
    return replace(made, trials=tuple(trials(recipe, lessons, weeks=enough, seed=seed)))


def _unchecked(recipe: Recipe, lessons: Lessons, later: Lessons) -> Fit:
    verdict = "No interview has an outcome yet: the order is what experts expect."
    if len(lessons):
        verdict = (
            f"Not calibrated: {len(later)} later outcomes are known; {LEAST_LATER} are needed, "
            f"with {LEAST_KIND} starts and {LEAST_KIND} others. Until then experts' opinion keeps "
            "the scores in bounds."
        )
    model = recipe.model(lessons.outcomes)
    return Fit(model=model, lessons=lessons, recipe=recipe, verdict=verdict)


def _checked(recipe: Recipe, lessons: Lessons, later: Lessons) -> Fit:
    before = recipe.model(earlier(lessons, later).outcomes)
    odds, started = log_odds(before, later.outcomes), later.outcomes.started
    slope = slope_of(odds, started) if tells(odds, started) else None
    chances = _halves(odds, later)
    why = _unreliable(slope, chances, started) if slope else ALL_ALIKE
    if slope and not why:
        model = calibrated(before, slope)
    else:
        model = replace(recipe.model(Outcomes()), fallback=why).named()
        chances = shares(log_odds(model, later.outcomes))
    return Fit(
        model=model,
        lessons=lessons,
        recipe=recipe,
        verdict=_verdict(why, len(later), slope),
        slope=slope,
        table=quality.table(chances, started),
    )


def _verdict(why: str | None, later: int, slope: Slope | None) -> str:
    found = ""
    if slope:
        found = f" (slope {slope.slope:.2f}, 95 %: {slope.low:.2f} to {slope.high:.2f})"
    if why:
        return (
            f"Calibration failed on the {later} latest outcomes: {why}{found}. The model is "
            "experts' opinion alone."
        )
    return (
        f"Calibrated on the {later} latest outcomes, which it was not fitted to: what happened "
        f"follows the score{found}."
    )


def _unreliable(slope: Slope, chances: Floats, started: Labels) -> str | None:
    """Why the outcomes seen are not to be learnt from, if so."""
    if not slope.follows:
        return NOT_FOLLOWED
    same = float(started.mean())
    if float(((chances - started) ** 2).mean()) >= same * (1 - same):
        return NO_BETTER
    return None


def _halves(odds: Floats, later: Lessons) -> Floats:
    """Chances of *later*, each half of its learners calibrated on the other half."""
    chances, half = np.empty(len(odds)), later.learners % 2
    for side in (0, 1):
        mine, other = half == side, half != side
        started = later.outcomes.started[other]
        if tells(odds[other], started):
            found = slope_of(odds[other], started)
            chances[mine] = shares(found.slope * odds[mine] + found.shift)
        else:
            chances[mine] = shares(odds[mine])
    return chances
