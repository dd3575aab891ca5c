"""Whether scores, features and outcomes still are what the model was fitted to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from services.matcher.cardwords import named
from services.matcher.features import NAMES
from services.matcher.lessons import Lessons
from services.matcher.quality import Floats

PARTS = 10
EMPTY = 1e-3  # a share of nobody counts as this, or one new value would be infinite
SHIFTED = 0.2  # PSI from which on a distribution is said to have moved
MEANS = (
    f"PSI and KS say how far values have moved; 0 is not at all. MOVED, from a PSI of {SHIFTED} "
    "on, is for a person to look at."
)
LEAST = 50  # pairs on either side; fewer say nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """How far a distribution moved: PSI, Kolmogorov-Smirnov's distance, both means."""

    name: str
    psi: float
    ks: float
    before: float
    now: float

    @property
    def moved(self) -> bool:
        """Whether a person should look."""
        return self.psi >= SHIFTED


def shift(name: str, before: Floats, now: Floats) -> Shift:
    """From *before* to *now*; neither may be empty (``ValueError``)."""
    if not len(before) or not len(now):
        raise ValueError(f"{name}: {len(before)} values before, {len(now)} now; both are needed")
    edges = np.unique(np.quantile(before, np.linspace(0, 1, PARTS + 1)[1:-1]))
    was, has = (
        np.maximum(
            np.bincount(np.searchsorted(edges, side, "right"), minlength=len(edges) + 1)
            / len(side),
            EMPTY,
        )
        for side in (before, now)
    )
    every = np.sort(np.concatenate([before, now]))
    below = [np.searchsorted(np.sort(side), every, "right") / len(side) for side in (before, now)]
    return Shift(
        name=name,
        psi=float(((has - was) * np.log(has / was)).sum()),
        ks=float(np.abs(below[0] - below[1]).max()),
        before=float(before.mean()),
        now=float(now.mean()),
    )


def report(
    shown: Lessons, closed: Lessons, judged: Mapping[str, int], *, days: int
) -> dict[str, Any]:
    """
    The last *days* of sent matches against all before, as facts for JSON.

    *shown* are all matches sent, *closed* those with an outcome. ``overrides`` are the share of
    coordinators' last decisions that went against the ranking.
    """
    recent = shown.days > (shown.days.max() if len(shown) else 0) - days
    before, now = shown.part(~recent), shown.part(recent)
    enough = min(len(before), len(now)) >= LEAST
    columns = [("score", before.scores, now.scores)]
    rows = zip(NAMES, before.outcomes.rows.T, now.outcomes.rows.T, strict=True)
    columns += [(name, was, has) for name, was, has in rows]
    shifts = [shift(*each) for each in columns] if enough else []
    started = closed.outcomes.started
    decided = sum(judged.values())
    against = judged.get("rejected", 0) + judged.get("moved", 0)
    return {
        "days": days,
        "before": len(before),
        "now": len(now),
        "enough": enough,
        "shifts": [
            {
                "name": each.name, "psi": round(each.psi, 4), "ks": round(each.ks, 4),
                "before": round(each.before, 4), "now": round(each.now, 4), "moved": each.moved,
            }
            for each in shifts
        ],
        "closed": len(closed),
        "expected": round(float(closed.scores.mean()), 4) if len(closed) else None,
        "observed": round(float(started.mean()), 4) if len(closed) else None,
        "decided": decided,
        "overrides": round(against / decided, 4) if decided else None,
    }  # fmt: skip


def words(facts: Mapping[str, Any]) -> list[str]:
    """The report for a person to read."""
    lines = []
    if facts["enough"]:
        lines.append(
            f"{facts['now']} matches sent in the last {facts['days']} days, "
            f"against {facts['before']} before:"
        )
        lines += [
            f"  {_label(each['name']):40} PSI {each['psi']:.2f}  KS {each['ks']:.2f}  "
            f"mean {each['before']:.2f} -> {each['now']:.2f}{'  MOVED' if each['moved'] else ''}"
            for each in facts["shifts"]
        ]
        lines.append(MEANS)
    else:
        lines.append(
            f"Too few matches to compare: {facts['now']} sent in the last {facts['days']} days, "
            f"{facts['before']} before; {LEAST} of each are needed."
        )
    if facts["closed"]:
        lines.append(
            f"Starts expected of {facts['closed']} interviews with an outcome: "
            f"{facts['expected']:.0%}; seen: {facts['observed']:.0%}."
        )
    else:
        lines.append(
            "Starts expected and seen: not known yet, because no interview has an outcome."
        )
    if facts["decided"]:
        lines.append(
            f"Coordinators went against the ranking in {facts['overrides']:.0%} of "
            f"{facts['decided']} decisions."
        )
    else:
        lines.append("Decisions against the ranking: not known yet, because none was taken.")
    return lines


def _label(name: str) -> str:
    return "Score of a match" if name == "score" else named(name)
