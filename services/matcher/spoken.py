"""Explanations, reports and previews as JSON, the same over HTTP and at the command line."""

from typing import Any

from pydantic_core import to_jsonable_python

from services.matcher.cells import FEWEST
from services.matcher.explanation import Explanation
from services.matcher.whatif import Preview


def plain(value: object) -> dict[str, Any]:
    """Any answer, field by field."""
    facts: dict[str, Any] = to_jsonable_python(value)
    return facts


def explained(said: Explanation) -> dict[str, Any]:
    """An explanation; a swap also lists its ``losers``."""
    facts = plain(said)
    if said.swap:
        facts["swap"]["losers"] = [str(each) for each in said.swap.losers]
    return facts


def report(said: object, *, learners: bool) -> dict[str, Any]:
    """A report; without *learners* nobody can be found in it: tables, no count under FEWEST."""
    facts = plain(said)
    if learners:
        return facts
    kept = {name: value for name, value in facts.items() if name != "unlocks"}
    for barrier in kept.get("barriers", ()):
        del barrier["learners"]
    rest = [name for name in ("nothing", "unread", "by_more") if 0 < kept.get(name, 0) < FEWEST]
    whole = ("unplaced", "barred") if rest else ()  # the rest could be worked out from it
    return kept | dict.fromkeys((*rest, *(name for name in whole if name in kept)))


def previewed(said: Preview) -> dict[str, Any]:
    """A preview without the shortlists themselves."""
    facts = plain(said)
    del facts["proposed"]
    return facts
