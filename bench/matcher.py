"""
The matcher against raw numpy, bare OR-tools and scipy, on invented markets of one run.

Bulk scoring; then for markets of three sizes a whole round, its allocation and proof, and rounds
after single events of five kinds, with what they cost beside the allocation's own work. `large`
adds a market of 100,000 learners and 10,000 vacancies, whose whole round takes about five minutes.
"""

import sys
from collections.abc import Iterator

from bench.figure import Figure, printed
from bench.rates.stage import as_deployed
from bench.rounds import scoring
from bench.rounds.stepping import Stepping

SIZES = ((1_000, 200), (5_000, 1_000), (20_000, 4_000))
LARGE = (100_000, 10_000)


def figures() -> Iterator[Figure]:
    """All of them; the largest market only when asked for."""
    yield from scoring.figures()
    stepping = Stepping()
    for size in SIZES:
        yield from stepping.figures(*size)
    yield from stepping.short(*SIZES[1])
    if "large" in sys.argv:
        yield from stepping.largest(*LARGE)


if __name__ == "__main__":
    as_deployed()
    sys.exit(printed(figures()))
