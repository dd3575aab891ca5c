"""How good scores were, on outcomes they had not seen: order and chance, each with an interval."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Numbers = NDArray[np.intp]
Labels = NDArray[np.int8]

RESAMPLES = 400
BINS = 5
SMALL = 1e-6  # no chance is taken for a certainty


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """
    A figure and its 95 % interval, from resampling whole groups; NaN-free: None without data.

    ``n`` counts what it is the mean of: vacancies for an order, interviews for a chance.
    """

    name: str
    n: int
    value: float | None = None
    low: float | None = None
    high: float | None = None


def ranking(chances: Floats, started: Labels, vacancies: Numbers, *, seed: int) -> list[Measure]:
    """
    NDCG@5, MRR and P@3 over the vacancies that had both a start and no start.

    Equal chances keep their order: rows must not come sorted by outcome.
    """
    found = []
    for vacancy in np.unique(vacancies):
        own = np.flatnonzero(vacancies == vacancy)
        labels = started[own[np.argsort(-chances[own], kind="stable")]].astype(np.float64)
        if 0 < labels.sum() < len(labels):
            found.append((_ndcg(labels, 5), 1 / (1 + int(labels.argmax())), labels[:3].mean()))
    table = np.array(found, dtype=np.float64).reshape(-1, 3)
    return [_measured(name, table[:, at], seed) for at, name in enumerate(("NDCG@5", "MRR", "P@3"))]


def probability(chances: Floats, started: Labels, groups: Numbers, *, seed: int) -> list[Measure]:
    """Brier score, log loss and calibration error; *groups* are resampled whole."""
    inside = np.clip(chances, SMALL, 1 - SMALL)
    loss = -np.where(started == 1, np.log(inside), np.log(1 - inside))
    by: Mapping[str, Callable[[Numbers], float]] = {
        "Brier": lambda at: float(((chances[at] - started[at]) ** 2).mean()),
        "log loss": lambda at: float(loss[at].mean()),
        "calibration error": lambda at: error(chances[at], started[at]),
    }
    return [_resampled(name, figure, groups, seed) for name, figure in by.items()]


def error(chances: Floats, started: Labels) -> float:
    """Mean distance of expected from observed share, over BINS parts of equal size."""
    if not len(chances):
        return 0.0
    return float(sum(row["n"] * abs(row["expected"] - row["observed"])
                     for row in table(chances, started)) / len(chances))  # fmt: skip


def table(chances: Floats, started: Labels) -> list[dict[str, float]]:
    """Expected and observed share of starts in parts of equal size, lowest chances first."""
    order = np.argsort(chances, kind="stable")
    parts = [part for part in np.array_split(order, BINS) if len(part)]
    return [
        {
            "n": len(part),
            "from": round(float(chances[part].min()), 4),
            "to": round(float(chances[part].max()), 4),
            "expected": round(float(chances[part].mean()), 4),
            "observed": round(float(started[part].mean()), 4),
        }
        for part in parts
    ]


def as_facts(measures: list[Measure]) -> list[dict[str, object]]:
    """The measures for a card: whole figures to four places."""
    return [
        {k: round(v, 4) if isinstance(v, float) else v for k, v in asdict(each).items()}
        for each in measures
    ]


def _ndcg(labels: Floats, most: int) -> float:
    worth = 1 / np.log2(np.arange(2, 2 + most))
    gained = float(labels[:most] @ worth[: len(labels[:most])])
    best = float(worth[: min(most, int(labels.sum()))].sum())
    return gained / best


def _measured(name: str, values: Floats, seed: int) -> Measure:
    return _resampled(
        name, lambda at: float(values[at].mean()), np.arange(len(values), dtype=np.intp), seed
    )


def _resampled(
    name: str, figure: Callable[[Numbers], float], groups: Numbers, seed: int
) -> Measure:
    """*figure* of all rows, and its interval over resampled groups."""
    rows = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    if not rows:
        return Measure(name=name, n=0)
    chance = np.random.default_rng(seed)
    drawn = chance.integers(0, len(rows), size=(RESAMPLES, len(rows)))
    figures = [figure(np.concatenate([rows[at] for at in some])) for some in drawn.tolist()]
    low, high = np.quantile(figures, (0.025, 0.975)).tolist()
    value = figure(np.arange(len(groups), dtype=np.intp))
    return Measure(name=name, n=len(groups), value=value, low=low, high=high)
