"""`p2a allocate`: the allocator alone, on two tables."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

FAILED = 1
UNPROVEN = 3
FILE = {"exists": True, "dir_okay": False, "readable": True}


def allocate(
    pairs: Annotated[
        Path,
        typer.Argument(metavar="PAIRS", help="learner,vacancy,score; headers are free", **FILE),
    ],
    capacities: Annotated[
        Path, typer.Argument(metavar="CAPACITIES", help="vacancy,places; headers are free", **FILE)
    ],
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object")] = False,  # noqa: FBT002  # a flag of the command
) -> None:
    """
    Give out the places: most learners first, then the best total score, proven optimal.

    The first two columns of PAIRS are ids, the score is the third or the mean of all that
    follow. Matches go to standard output, `learner,vacancy` a line.
    """
    import numpy as np

    from services.matcher.allocation import allocate as allocation_of
    from services.matcher.flow import CostsTooLarge, Turns
    from services.matcher.market import Policy
    from services.matcher.tables import TableUnreadable, read

    try:
        with (
            pairs.open(encoding="utf-8-sig", newline="") as left,
            capacities.open(encoding="utf-8-sig", newline="") as right,
        ):
            tables = read(left, right)
        nobody_waits = np.zeros(len(tables.learners), dtype=np.int64)
        turns = Turns(waiting=nobody_waits, used=nobody_waits)
        made = allocation_of(tables.values, tables.places, turns, Policy())
    except (TableUnreadable, CostsTooLarge, OSError) as error:
        print(f"p2a allocate: {error}", file=sys.stderr)
        raise typer.Exit(FAILED) from error
    matches = [
        (tables.learners[i], tables.vacancies[j])
        for i, j in zip(made.learners, made.vacancies, strict=True)
    ]
    total = round(float(sum(tables.scores[match] for match in matches)), 4)
    proven = made.prices is not None
    if as_json:
        facts = {"placed": len(matches), "total": total, "proven": proven, "matches": matches}
        print(json.dumps(facts))
    else:
        for learner, vacancy in matches:
            print(f"{learner},{vacancy}")
        how = "proven optimal" if proven else "NOT proven optimal"
        counts = f"{len(matches)} of {len(tables.learners)} learners placed"
        print(f"{counts}, total score {total}, {how}", file=sys.stderr)
    if not proven:
        raise typer.Exit(UNPROVEN)
