"""
The allocation beside what others would use, on the same markets in one run.

Two real years (`shared/data/allocation`: everybody can be placed, just) and two invented markets,
one of them short of places. Each line: learners placed, total score, days waited by those placed
(invented markets), processor time of one solve and its ratio to ours.

**scipy dense** is `linear_sum_assignment` of every eligible pair with the three tiers as weights:
the independent optimum our sum must equal. **scipy sparse** is `min_weight_full_bipartite_matching`
of places one by one, with a way out for each learner; it, `matching` and greedy get the pairs a
round starts from. The maximum is scipy's `maximum_flow` over all eligible pairs.

**matching** (`pip install -e .[bench]`) answers another question, whom nobody would rather have
elsewhere, so it leaves people out. It copies its players by recursion: where Python's default
limit is too low a line says so, and it is given more.
"""

import os
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import thread_time
from typing import Any

import numpy as np

from bench.allocators import cases
from bench.allocators.answers import Matches, dense, greedy, maximum, ours, sparse, stable
from bench.allocators.cases import Case, invented, year
from bench.figure import Figure, printed, said

OPTIMA = {2017: (928, 702.3366), 2018: (927, 805.6399)}  # published beside the data
RECURSION, STACK = 200_000, 2**29


def deep(work: Callable[[], tuple[Matches, float]]) -> tuple[Matches, float]:
    """*work* with room to recurse, in a thread of its own."""
    out: list[tuple[Matches, float]] = []
    limit, _ = sys.getrecursionlimit(), threading.stack_size(STACK)
    sys.setrecursionlimit(RECURSION)
    try:
        thread = threading.Thread(target=lambda: out.append(work()))
        thread.start()
        thread.join()
    finally:
        sys.setrecursionlimit(limit)
        threading.stack_size(0)
    return out[0]


def timed(work: Callable[[], Matches]) -> tuple[Matches, float]:
    """What it gives and its processor time, the median of three unless it takes long."""
    times: list[float] = []
    while len(times) < 1 or (len(times) < 3 and times[0] < 1):  # noqa: PLR2004  # the median's three
        start = thread_time()
        found = work()
        times.append(thread_time() - start)
    return found, sorted(times)[len(times) // 2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """Writes the lines of one market; *alone* is the time of ours, *best* sum and days."""

    case: Case
    most: int
    best: tuple[float, int]
    alone: float

    def line(self, name: str, found: Matches, took: float, *, bar: bool = False) -> Figure:
        """Bars: as many as can be, for as many days, with the sum of the independent optimum."""
        placed, total, days = facts(self.case, found)
        waited = f", {days} days" if self.case.days.any() else ""
        same = placed == self.most and days == self.best[1] and abs(total - self.best[0]) < 5e-4  # noqa: PLR2004  # four decimals are published
        return Figure(
            name=f"{self.case.name}: {name}",
            figure=f"{placed} placed, {total:.4f}{waited}; {said(took)}, {took / self.alone:.2f}x",
            baseline=f"of {self.most}, {self.best[0]:.4f}" + (waited and f", {self.best[1]} days"),
            bar="equal" if bar else "-",
            held=same or not bar,
        )


def facts(case: Case, found: Matches) -> tuple[int, float, int]:
    total = int(case.values[found].sum(dtype=np.int64)) / case.unit
    return len(found[0]), total, int(case.days[found[0]].sum())


def beside(case: Case, published: tuple[int, float] | None, game: Any) -> Iterator[Figure]:  # noqa: ANN401  # the class, or None
    """Everybody's answer to one market; the optimum is the published one where there is one."""
    mine, alone = timed(lambda: ours(case))
    independent, took = timed(lambda: dense(case))
    _, total, days = facts(case, independent)
    best = (published[1] if published else total, days)
    most = maximum(case)
    lines = Beside(case=case, most=most, best=best, alone=alone)
    yield lines.line("ours", mine, alone, bar=True)
    yield lines.line("scipy dense, all pairs", independent, took, bar=True)
    yield lines.line(f"scipy sparse, {case.start.sum()} pairs", *timed(lambda: sparse(case)))
    yield lines.line("greedy by score", *timed(lambda: greedy(case)))
    if game:
        try:
            stable(case, game)
        except RecursionError:
            yield Figure(name=f"{case.name}: matching, as installed", figure="RecursionError")
        found = deep(lambda: timed(lambda: stable(case, game)))
        yield lines.line("matching, stable", *found)


def figures() -> Iterator[Figure]:
    """All of them; without `matching` one line says so, which CI counts as falling short."""
    try:
        from matching.games import HospitalResident as game  # noqa: N813, PLC0415  # optional
    except ImportError:
        game = None
        missing = "not installed: pip install -e .[bench]"
        yield Figure(name="matching", figure=missing, bar="installed", held=not os.getenv("CI"))
    for number, published in OPTIMA.items():
        if cases.DATA.is_dir():
            yield from beside(year(number), published, game)
        else:
            missing = "../shared/data/allocation is not beside the repository"
            yield Figure(name=f"WPI {number}", figure=missing, held=not os.getenv("CI"))
    for size in ((1_000, 200, 7), (5_000, 1_000, 11)):
        yield from beside(invented(*size), None, game)


if __name__ == "__main__":
    sys.exit(printed(figures()))
