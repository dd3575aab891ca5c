"""
The card of a model that a person reweighed, and the words of it.

    NothingReweighed   no model ranks yet, or every weight stays as it is
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from services.matcher.card import head
from services.matcher.cardtable import heading, row
from services.matcher.cardwords import LABELS, UNITS
from services.matcher.never import Flipped
from services.matcher.scorer import Model
from services.matcher.weights import EVERY, moved
from services.matcher.whatif import Weight

LIMITS = (
    "The weights were set by a person. No outcome was looked at: how good it is, is not measured.",
    "Its scores say the same of themselves as those of the model it was made from.",
)
WHERE: Mapping[str | None, str] = {EVERY: "in every sector", None: "of no known sector"}


class NothingReweighed(Exception):
    """No model ranks yet, or every weight stays as it is."""


def card(
    base: Model, made: Model, weights: Sequence[Weight], flipped: Flipped | None, *, made_on: str
) -> dict[str, Any]:
    """What was changed from which model, by which times, as JSON holds it."""
    return {
        **head(made, made_on),
        "reweighed": {
            "from": base.version,
            "weights": said(weights),
            "moved": [
                each
                for feature in dict.fromkeys(each.feature for each in weights)
                for each in _moved(base, made, feature)
            ],
        },
        "flipped": {"pairs": flipped.pairs, "holds": flipped.holds} if flipped else None,
        "limits": list(LIMITS),
    }


def said(weights: Sequence[Weight]) -> list[dict[str, Any]]:
    """*weights* as JSON holds them, in the order they are applied."""
    return [each.model_dump(include={"feature", "times", "sector"}) for each in weights]


def _moved(base: Model, made: Model, feature: str) -> Iterator[dict[str, Any]]:
    for sector, before, after in moved(base, made, feature):
        yield {
            "feature": feature,
            "sector": sector,
            "unit": UNITS.get(feature, "each unit"),
            "before": round(before, 3),
            "after": round(after, 3),
        }


def markdown(card: Mapping[str, Any]) -> str:
    """The whole card, for a coordinator to read."""
    return "\n".join(_lines(card)).rstrip() + "\n"


def changes(weights: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What `said` holds, a line each."""
    for each in weights:
        where = f" in {each['sector']}" if each["sector"] else ""
        yield f"{each['feature']}{where} counts {each['times']:g} times as much"


def _lines(card: Mapping[str, Any]) -> Iterator[str]:
    base = card["reweighed"]["from"]
    yield f"# Model card: {card['version']}"
    yield ""
    yield f"Made on {card['made_on']} from {base} by weighing otherwise:"
    yield ""
    yield from (f"- {line}" for line in changes(card["reweighed"]["weights"]))
    yield ""
    yield f"All else is {base}'s. Its scores say of themselves: *{card['note']}*."
    yield ""
    yield "## What it is for, and what not"
    yield ""
    yield card["purpose"]
    yield ""
    yield from (f"- {line}" for line in card["not_for"])
    yield ""
    yield "## What counts otherwise"
    yield ""
    yield from heading("feature", "where", "one step is", "weight before", "weight now")
    rows = card["reweighed"]["moved"]
    for each in rows:
        figures = (f"{each[side]:+.2f}" for side in ("before", "after"))
        name = f"{LABELS.get(each['feature'], 'feature')} (`{each['feature']}`)"
        yield from row(name, WHERE.get(each["sector"], each["sector"]), each["unit"], *figures)
    yield ""
    if any(each["sector"] == EVERY for each in rows):
        yield (
            f"Where it says *{WHERE[EVERY]}*, the weights are those for work of no known sector; "
            "each sector's own weight became as many times itself."
        )
        yield ""
    yield from _flip_test(card["flipped"])
    yield ""
    yield "## Limits"
    yield ""
    yield from (f"- {line}" for line in card["limits"])
    yield f"- `p2a model compare {base} {card['version']}` puts both on all outcomes there are."
    yield ""
    yield f"Digest `{card['digest']}`"


def _flip_test(flipped: Mapping[str, Any] | None) -> Iterator[str]:
    if flipped is None:
        yield "The flip test was not run: there were no learners or no vacancies to run it on."
    else:
        held = "no score moved" if flipped["holds"] else "**SCORES MOVED: do not activate it**"
        yield f"Flip test on {flipped['pairs']} pairs, of facts that must never count: {held}."
