"""A comparison of two models, for a person to read."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from services.matcher.cardfigures import LOWER, MEANS
from services.matcher.cardwords import named
from services.matcher.scorer import Model
from services.matcher.weights import EVERY, moved

LISTED = 20  # weights of sectors; more would hide the rest
WIDE, CELL = 57, 23
UNKNOWN = {
    "ranking": "no vacancy has had both a start and an interview without one",
    "probability": "no interview has an outcome",
}


def sectors(one: Model, other: Model) -> list[dict[str, Any]]:
    """
    The weights of sectors in which two models differ, what is most unlike other work first.

    What became as many times itself in every sector is not among them: it shows in the weights
    for work of no known sector.
    """
    elsewhere = dict(zip(one.names, other.slopes[0] - one.slopes[0], strict=True))
    rows = [
        {"sector": sector, "feature": name, "one": round(was, 3), "other": round(now, 3)}
        for name in one.names
        for sector, was, now in moved(one, other, name)
        if sector not in {EVERY, None}
    ]
    return sorted(rows, key=lambda row: -abs(row["other"] - row["one"] - elsewhere[row["feature"]]))


def words(facts: Mapping[str, Any]) -> Iterator[str]:
    """The facts of `modelling.compared`, a line each."""
    one, other = facts["models"]
    yield _line("", one["version"], other["version"])
    yield "How good the order and the chances are:"
    for kind in ("ranking", "probability"):
        yield from _measures(one[kind], other[kind], UNKNOWN[kind])
    yield "Weights, for work of no known sector:"
    for name, weight in one["weights"].items():
        yield _line(f"  {named(name)}", f"{weight:+.2f}", f"{other['weights'].get(name, 0):+.2f}")
    yield from _sectors(facts["sectors"])
    yield (
        f"On {facts['outcomes']} outcomes, which they may have been fitted to; the held-out "
        "figures are on their cards."
    )
    if shadow := facts["shadow"]:
        yield from _shadow(shadow)
    else:
        yield f"{other['version']} was not scored in any round's shadow."


def _measures(
    mine: Sequence[Mapping[str, Any]], theirs: Sequence[Mapping[str, Any]], why: str
) -> Iterator[str]:
    names = ", ".join(each["name"] for each in mine)
    if any(each["value"] is None for each in (*mine, *theirs)):
        yield f"  {names}: not known yet, because {why}."
        return
    for one, other in zip(mine, theirs, strict=True):
        better = "lower" if one["name"] in LOWER else "higher"
        yield _line(f"  {one['name']} ({better} is better)", _figure(one), _figure(other))
        yield f"    {MEANS[one['name']]}"


def _sectors(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if not rows:
        yield "In no sector do they differ otherwise than there."
        return
    yield "Weights of a sector that differ, the most unlike other work first:"
    for row in rows[:LISTED]:
        name = f"  {row['sector']}: {named(row['feature'])}"
        yield _line(name, f"{row['one']:+.2f}", f"{row['other']:+.2f}")
    if len(rows) > LISTED:
        yield f"  {len(rows) - LISTED} more; --json has all"


def _shadow(rounds: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    last = rounds[-1]
    yield f"In the shadow of {len(rounds)} rounds; in the last, market {last['market']}:"
    if last["same_first"] is None:
        yield "  no vacancy had two learners to put in order."
    else:
        yield (
            f"  the first places stayed the same on {last['same_first']:.0%} of "
            f"{last['vacancies']} vacancies, and {last['left_out']} learners would no longer be "
            "among any first places."
        )
    if last["mean"] is None or last["challenger_mean"] is None:
        yield "  no score to compare: rules let nobody onto any vacancy."
    else:
        yield f"  the mean score is {last['challenger_mean']:.0%} against {last['mean']:.0%}."


def _figure(measure: Mapping[str, Any]) -> str:
    return f"{measure['value']:.3f} ({measure['low']:.3f}-{measure['high']:.3f})"


def _line(name: str, *cells: str) -> str:
    return f"{name:{WIDE}}" + "".join(f"{cell:>{CELL}}" for cell in cells)
