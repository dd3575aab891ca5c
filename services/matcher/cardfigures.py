"""The last part of the model card: figures for those who know them, each with what it means."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from services.matcher.cardtable import heading, row

Facts = Mapping[str, Any]

LOWER = {"Brier", "log loss", "calibration error"}
MEANS = {
    "NDCG@5": "how near the first five come to the best possible order; 1 is the best",
    "MRR": "1 where the first in line starts, a half where only the second does, and so on",
    "P@3": "the share of starts among the first three",
    "Brier": "how far chances were from what happened, squared; 0 is the best",
    "log loss": "the same, harder on being sure and wrong; 0 is the best",
    "calibration error": "how far expected and seen shares of starts lie apart; 0 is the best",
    "n": "vacancies that had a start and an interview without one; in tables of chance, interviews",
    "rules only": "nobody is scored: all who may have the interview, in the order they came",
}


def figures(card: Facts) -> Iterator[str]:
    """The part, heading and all."""
    yield "## For analysts"
    yield ""
    yield card["verdict"]
    yield ""
    if card["trials"]:
        yield (
            "Models made in the same way, before calibration, were tried on outcomes they had not "
            "been fitted to. In brackets are intervals of 95 %. The figures mean:"
        )
        yield ""
        yield from (f"- {name}: {words}" for name, words in MEANS.items())
        yield ""
    for trial in card["trials"]:
        yield f"### Not fitted to: {trial['held_out']} ({trial['outcomes']} outcomes)"
        yield ""
        for kind in ("ranking", "probability"):
            yield from _measures(trial[kind])
    yield "### Made with"
    yield ""
    yield ", ".join(f"{each['of']} {each['version']}" for each in card["versions"])
    yield ""
    yield f"Digest `{card['digest']}`"


def _measures(by: Sequence[Facts]) -> Iterator[str]:
    names = [each["name"] for each in by[0]["measures"]]
    yield from heading(
        "", *(f"{name} {'(lower)' if name in LOWER else ''}".strip() for name in names), "n"
    )
    for each in by:
        found = [
            "-" if one["value"] is None
            else f"{one['value']:.3f} ({one['low']:.3f} to {one['high']:.3f})"
            for one in each["measures"]
        ]  # fmt: skip
        yield from row(each["who"], *found, each["measures"][0]["n"])
    yield ""
