"""A comparison of two models, for a person to read."""

from collections.abc import Iterator, Mapping
from typing import Any


def words(facts: Mapping[str, Any]) -> Iterator[str]:
    """The facts of `modelling.compared`, a line each."""
    one, other = facts["models"]
    yield f"{'':20}{one['version']:>28}{other['version']:>28}"
    for kind in ("ranking", "probability"):
        for mine, theirs in zip(one[kind], other[kind], strict=True):
            yield f"{mine['name']:20}{_figure(mine):>28}{_figure(theirs):>28}"
    for name, weight in one["weights"].items():
        yield f"{name:20}{weight:>+28.2f}{other['weights'].get(name, 0):>+28.2f}"
    yield (
        f"On {facts['outcomes']} outcomes, which they may have been fitted to; the held-out "
        "figures are on their cards."
    )
    if shadow := facts["shadow"]:
        rounds, last = len(shadow), shadow[-1]
        yield (
            f"In the shadow of {rounds} rounds; in the last, market {last['market']}, the first "
            f"places stayed the same on {_share(last['same_first'])} of {last['vacancies']} "
            f"vacancies, {last['left_out']} learners would no longer be among any first places, "
            f"and the mean score is {_share(last['challenger_mean'])} against "
            f"{_share(last['mean'])}."
        )
    else:
        yield f"{other['version']} was not scored in any round's shadow."


def _figure(measure: Mapping[str, Any]) -> str:
    if measure["value"] is None:
        return "-"
    return f"{measure['value']:.3f} ({measure['low']:.3f}-{measure['high']:.3f})"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.0%}"
