"""A round after one event: against a whole round, and against the same in the smallest market."""

import resource
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf
from statistics import mean, median

from bench.figure import Figure, said
from bench.rounds.solving import Solved, covered
from bench.rounds.standing import Standing, Took
from services.matcher.snapshot import Made
from tests.matcher.cohorts import cohort

STEPS, UNTIMED = 25, 3  # of each kind, and as many before them
PLEDGED = 11  # places or fewer at a vacancy: somewhat more than there are learners
GROWTH = 2.0  # the most that everything but the solve may cost, in times of the smallest market


@dataclass(kw_only=True)
class Stepping:
    """Markets of rising size; ``rest`` is what an event of each kind cost in the first one."""

    rest: dict[str, float] = field(default_factory=dict)

    def figures(self, learners: int, vacancies: int) -> Iterator[Figure]:
        """The whole round of a market and its parts, then single events of each kind."""
        size = f"{learners} x {vacancies}"
        standing, made, whole = stood(learners, vacancies)
        solved = Solved(inputs=made.inputs, outcome=made.outcome)
        del made
        yield from solved.figures()
        del solved.outcome
        yield Figure(name=f"whole round {size}", figure=f"{whole.whole:.3g} s")
        took = events(standing)
        yield from self._events(size, took, whole)
        upkeep = median(each.solve for some in took.values() for each in some)
        yield Figure(
            name=f"the solve of an event, {size}",
            figure=f"{said(upkeep)}, {upkeep / solved.alone:.3f}x",
            baseline=f"OR-tools {said(solved.alone)}",
        )
        steps = len(took) * (UNTIMED + STEPS)
        yield covered(f"{steps} steps on, {size}", *standing.placed())
        yield Figure(name=f"memory at its most, to {size}", figure=f"{memory():.2f} GB")

    def largest(self, learners: int, vacancies: int) -> Iterator[Figure]:
        """The same of a market too large for a flow over all pairs, and so without a bar."""
        size = f"{learners} x {vacancies}"
        standing, made, whole = stood(learners, vacancies)
        proof = made.outcome.proof
        del made
        yield Figure(name=f"whole round {size}", figure=f"{whole.whole:.3g} s")
        yield Figure(
            name=f"coverage, {size}",
            figure=f"{proof.placed} placed",
            baseline=f"bound {proof.most}",
            bar="equal",
            held=proof.placed == proof.most,
        )
        yield from self._events(size, events(standing), whole, growth=inf)
        yield Figure(name=f"memory at its most, to {size}", figure=f"{memory():.2f} GB")

    def _events(
        self, size: str, took: dict[str, list[Took]], whole: Took, growth: float = GROWTH
    ) -> Iterator[Figure]:
        """What each kind took, and what all but the solve may cost."""
        rest = {name: median(each.rest for each in some) for name, some in took.items()}
        self.rest = self.rest or rest
        for name, some in took.items():
            yield self._kind(f"{name}, {size}", some, whole, rest[name] / self.rest[name])
        times = mean(rest.values()) / mean(self.rest.values())
        yield Figure(
            name=f"an event but for the solve, {size}",
            figure=f"{said(mean(rest.values()))}, {times:.2f}x",
            baseline=f"smallest {said(mean(self.rest.values()))}",
            bar=f"<= {growth:.0f}x" if growth < inf else "-",
            held=times <= growth,
        )

    def _kind(self, name: str, took: list[Took], whole: Took, growth: float) -> Figure:
        step, rest = (median(getattr(each, part) for each in took) for part in ("whole", "rest"))
        return Figure(
            name=name,
            figure=f"{said(step)}, {step / whole.whole:.4f}x",
            baseline=f"but for the solve {said(rest)}, {growth:.2f}x",
        )


def stood(learners: int, vacancies: int) -> tuple[Standing, Made, Took]:
    """A market after its first round, which round that was, and what it took."""
    standing = Standing(inputs=cohort(2, learners, vacancies, pledged=PLEDGED))
    made, whole = standing.round()
    if made.made is None:
        raise RuntimeError(f"{learners} x {vacancies}: the first round was not a whole one")
    return standing, made.made, whole


def events(standing: Standing) -> dict[str, list[Took]]:
    """What single events took, by kind."""
    return {
        name: [standing.step(happens) for _ in range(UNTIMED + STEPS)][UNTIMED:]
        for name, happens in standing.kinds().items()
    }


def memory() -> float:
    """The most memory this process has held, in GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
