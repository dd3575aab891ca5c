"""A round after one event: against a whole round, and against the same in the smallest market."""

import resource
from collections.abc import Iterator
from dataclasses import dataclass
from math import inf
from statistics import mean, median

import numpy as np

from bench.figure import Figure, said
from bench.rounds.solving import Solved, at_most
from bench.rounds.standing import Standing, Took
from services.matcher.snapshot import Made
from tests.matcher.cohorts import cohort

STEPS, UNTIMED = 25, 3  # of each kind, and as many before them
PLEDGED = 11  # places or fewer at a vacancy: somewhat more than there are learners
SHORT = 4  # the same: for half of the learners
UPKEEP = 0.2  # the most that keeping the allocation up may cost, in bare solves of the whole
GROWTH = 2.0  # the most that everything but the solve may cost, in times of the smallest market

Kinds = dict[str, list[Took]]


@dataclass(kw_only=True)
class Stepping:
    """
    Markets of rising size; ``smallest`` is the first of them.

    What an event costs there is measured again in turns with each other market: a machine that
    others share is not as fast from one minute to the next.
    """

    smallest: Standing | None = None

    def figures(self, learners: int, vacancies: int) -> Iterator[Figure]:
        """The whole round of a market and its parts, then single events of each kind."""
        size = f"{learners} x {vacancies}"
        standing, made, whole = stood(learners, vacancies)
        solved = Solved(inputs=made.inputs, outcome=made.outcome)
        del made
        yield from solved.figures()
        del solved.outcome
        yield Figure(name=f"whole round {size}", figure=f"{whole.whole:.3g} s", baseline="once")
        took, beside = self._in_turns(standing)
        yield from self._events(size, took, whole, beside)
        yield solving(size, took, solved.alone)
        yield from covering(size, took)
        yield Figure(name=f"memory at its most, to {size}", figure=f"{memory():.2f} GB")

    def short(self, learners: int, vacancies: int) -> Iterator[Figure]:
        """Events where there are fewer places than learners: who comes moves others."""
        size = f"{learners} x {vacancies}, short of places"
        standing, made, whole = stood(learners, vacancies, pledged=SHORT)
        solved = Solved(inputs=made.inputs, outcome=made.outcome)
        yield list(solved.figures())[-1]  # its coverage; the rest is known of the other market
        took = {name: events(standing, name) for name in standing.kinds()}
        for name, some in took.items():
            yield kind(f"{name}, {size}", some, whole)
        yield solving(size, took, solved.alone)
        yield from covering(size, took)

    def largest(self, learners: int, vacancies: int) -> Iterator[Figure]:
        """The same of a market too large for a flow over all pairs, and so without a bar."""
        size = f"{learners} x {vacancies}"
        standing, made, whole = stood(learners, vacancies)
        yield Figure(
            name=f"whole round {size}",
            figure=f"{whole.whole:.3g} s",
            baseline=f"{made.outcome.proof.placed} placed, proven",
        )
        places = np.array([row.profile.interviews for row in made.inputs.vacancies])
        placed, eligible = len(made.outcome.allocated), made.outcome.judgement.rule == 0
        most = at_most(placed, eligible, places)
        yield Figure(
            name=f"coverage, whole round {size}",
            figure=f"{placed} placed",
            baseline=f"at most {most}",
            bar="equal",
            held=placed == most,
        )
        del made, eligible
        took, beside = self._in_turns(standing, seen=False)
        yield from self._events(size, took, whole, beside, growth=inf)
        yield Figure(name=f"memory at its most, to {size}", figure=f"{memory():.2f} GB")

    def _in_turns(self, standing: Standing, *, seen: bool = True) -> tuple[Kinds, Kinds]:
        """What events of each kind took in a market, and right after it in the smallest."""
        smallest = self.smallest = self.smallest or standing
        took: Kinds = {}
        beside: Kinds = {}
        for name in standing.kinds():
            took[name] = events(standing, name, seen=seen)
            beside[name] = events(smallest, name, seen=False)
        return took, took if smallest is standing else beside

    def _events(
        self, size: str, took: Kinds, whole: Took, beside: Kinds, growth: float = GROWTH
    ) -> Iterator[Figure]:
        """What each kind took, and what all but the solve may cost."""
        rest, least = (
            {name: median(each.rest for each in some) for name, some in kinds.items()}
            for kinds in (took, beside)
        )
        for name, some in took.items():
            yield kind(f"{name}, {size}", some, whole, rest[name] / least[name])
        times = mean(rest.values()) / mean(least.values())
        barred = growth < inf and took is not beside
        yield Figure(
            name=f"an event but for the solve, {size}",
            figure=f"{said(mean(rest.values()))}, {times:.2f}x",
            baseline=f"smallest {said(mean(least.values()))}",
            bar=f"<= {growth:.0f}x" if barred else "-",
            held=times <= growth or not barred,
        )


def kind(name: str, took: list[Took], whole: Took, growth: float | None = None) -> Figure:
    """The median step of a kind, the longest, and what is not the allocation's."""
    step, rest = (median(getattr(each, part) for each in took) for part in ("whole", "rest"))
    longest = max(each.whole for each in took)
    times = "" if growth is None else f", {growth:.2f}x"
    return Figure(
        name=name,
        figure=f"{said(step)} ({said(longest)}), {step / whole.whole:.4f}x",
        baseline=f"but for the solve {said(rest)}{times}",
    )


def solving(size: str, took: dict[str, list[Took]], alone: float) -> Figure:
    """The allocation's part of a step: upkeep, proof and prices, against a solve of the whole."""
    upkeep = mean(each.solve for some in took.values() for each in some)
    return Figure(
        name=f"the solve of an event, {size}",
        figure=f"{said(upkeep)}, {upkeep / alone:.3f}x",
        baseline=f"OR-tools {said(alone)}",
        bar=f"<= {UPKEEP}x",
        held=upkeep / alone <= UPKEEP,
    )


def covering(size: str, took: dict[str, list[Took]]) -> Iterator[Figure]:
    """In how many of the rounds after an event as many were placed as can be."""
    every = [each for some in took.values() for each in some]
    best = sum(each.placed == each.most for each in every)
    yield Figure(
        name=f"coverage after each event, {size}",
        figure=f"{best} of {len(every)} at the most",
        baseline=f"{every[-1].placed} placed of {every[-1].most}",
        bar="all",
        held=best == len(every),
    )


def stood(learners: int, vacancies: int, pledged: int = PLEDGED) -> tuple[Standing, Made, Took]:
    """A market after its first round, which round that was, and what it took."""
    standing = Standing(inputs=cohort(2, learners, vacancies, pledged=pledged))
    made, whole = standing.round()
    if made.made is None:
        raise RuntimeError(f"{learners} x {vacancies}: the first round was not a whole one")
    return standing, made.made, whole


def events(standing: Standing, name: str, *, seen: bool = True) -> list[Took]:
    """What single events of a kind took; those after are *seen* to place as many as can be."""
    happens = standing.kinds()[name]
    took = [standing.step(happens) for _ in range(UNTIMED + STEPS)][UNTIMED:]
    # not between those that are timed: it reads every pair, and leaves the caches full of them
    for each in took if seen else ():
        standing.step(happens)
        placed, eligible, places = standing.placed()
        each.placed, each.most = placed, at_most(placed, eligible, places)
    return took


def memory() -> float:
    """The most memory this process has held, in GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
