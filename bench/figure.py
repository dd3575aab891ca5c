"""What a benchmark prints: a figure a line, beside its baseline of the same run and its bar."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median
from time import thread_time

ROUNDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """
    One measurement.

    *bar* says in words what *held* is the verdict on; without a bar the figure is only reported.
    """

    name: str
    figure: str
    baseline: str = "-"
    bar: str = "-"
    held: bool = True


def seconds(*works: Callable[[], object]) -> list[float]:
    """
    The median time of each work, in turns.

    The calling thread's own processor time: the same as the clock's on a quiet machine, and
    still comparable on a busy one.
    """
    for work in works:
        work()
    taken: list[list[float]] = [[] for _ in works]
    for _ in range(ROUNDS):
        for times, work in zip(taken, works, strict=True):
            start = thread_time()
            work()
            times.append(thread_time() - start)
    return [median(times) for times in taken]


def said(duration: float) -> str:
    """A duration as read by people."""
    return f"{duration * 1000:.3g} ms"


def printed(figures: Iterable[Figure]) -> int:
    """Print each figure as it comes; 1 if one fell short of its bar, else 0."""
    short = 0
    for each in figures:
        verdict = "ok" if each.held else "SHORT"
        short |= not each.held
        print(f"{each.name:<53} {each.figure:<33} {each.baseline:<33} {each.bar:<16} {verdict}")
    return int(short)
