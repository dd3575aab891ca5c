"""
The card of a model that a person reweighed, and the words of it.

    NothingReweighed   no model ranks yet, or every weight stays as it is
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from services.matcher import saved
from services.matcher.card import FORM
from services.matcher.cardwords import LABELS, NOT_FOR, PURPOSE, UNITS
from services.matcher.never import Flipped
from services.matcher.scorer import Model
from services.matcher.sectors import NO_SECTOR, NUMBERS
from services.matcher.whatif import Weight

LIMITS = (
    "The weights were set by a person. No outcome was looked at: how good it is, is not measured.",
    "Its scores say the same of themselves as those of the model it was made from.",
)


class NothingReweighed(Exception):
    """No model ranks yet, or every weight stays as it is."""


def card(
    base: Model, made: Model, weights: Sequence[Weight], flipped: Flipped | None, *, made_on: str
) -> dict[str, Any]:
    """What was changed from which model, by which times, as JSON holds it."""
    return {
        "form": FORM,
        "version": made.version,
        "digest": json.loads(saved.text(made))["digest"],
        "made_on": made_on,
        "note": made.note,
        "purpose": PURPOSE,
        "not_for": list(NOT_FOR),
        "reweighed": {
            "from": base.version,
            "weights": said(weights),
            "moved": [
                _moved(base, made, *each)
                for each in dict.fromkeys((each.feature, each.sector) for each in weights)
            ],
        },
        "flipped": {"pairs": flipped.pairs, "holds": flipped.holds} if flipped else None,
        "limits": list(LIMITS),
    }


def said(weights: Sequence[Weight]) -> list[dict[str, Any]]:
    """*weights* as JSON holds them, in the order they are applied."""
    return [each.model_dump(include={"feature", "times", "sector"}) for each in weights]


def _moved(base: Model, made: Model, feature: str, sector: str | None) -> dict[str, Any]:
    at = NUMBERS[sector] if sector else NO_SECTOR, base.names.index(feature)
    return {
        "feature": feature,
        "sector": sector,
        "unit": UNITS.get(feature, "each unit"),
        "before": round(float(base.slopes[at]), 3),
        "after": round(float(made.slopes[at]), 3),
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
    yield "| feature | sector | one step is | weight before | weight now |"
    yield "|---|---|---|---|---|"
    for row in card["reweighed"]["moved"]:
        sector = row["sector"] or "of no known sector"
        figures = f"{row['before']:+.2f} | {row['after']:+.2f}"
        label = LABELS.get(row["feature"], "feature")
        yield f"| {label} (`{row['feature']}`) | {sector} | {row['unit']} | {figures} |"
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
