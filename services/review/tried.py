"""What a preview tried, in words, and who could make the change."""

from collections.abc import Iterator
from dataclasses import dataclass

from services.review import labels
from services.review.calling import Calling
from services.review.inquiring import Levers
from services.review.whatif import DAYS, WhatIf


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """
    What heads a result, and what ends it.

    *weighed* says that weights were changed: chances estimated with other weights cannot be
    compared.
    """

    words: str
    makers: str
    weighed: bool


def tried(form: WhatIf, levers: Levers, calling: Calling) -> Tried:
    """What *form* asked for; *levers* says what limits are now."""
    words = "; ".join(_changes(form, levers, calling))
    makers = "; ".join(_makers(form))
    return Tried(
        words=f"With: {words}",
        makers=f"Nothing is changed yet: {makers}.",
        weighed=bool(form.feature),
    )


def _changes(form: WhatIf, levers: Levers, calling: Calling) -> Iterator[str]:
    if form.vacancy and form.more:
        yield f"{labels.more_interviews(form.more)} at {calling.at(form.vacancy)}"
    if form.rule:
        yield f"the rule given up: {labels.inside(labels.absence(form.rule))}"
    if form.limit:
        yield _limit(form, levers)
    if form.feature and form.times is not None:
        yield f"{labels.skill(form.feature)} counting {labels.times(form.times)}"


def _limit(form: WhatIf, levers: Levers) -> str:
    rule, name = form.limited
    if name in DAYS and form.day:
        counting = "counting only" if name == "from" else "no longer counting"
        day = f"{form.day.day} {form.day:%B %Y}"
        return f"{labels.absence(rule)}, the rule {counting} from {day}"
    was = levers.limits.get(rule, {}).get(name)
    now = f" instead of {was:g}" if isinstance(was, int | float) else ""
    return f"{labels.limit(form.limit)} {form.value}{now}"


def _makers(form: WhatIf) -> Iterator[str]:
    if form.vacancy:
        yield "the employer can change the pledge"
    if form.rule or form.limit:
        yield "whoever keeps the rules file can change the rule, with a restart of the matcher"
    if form.feature and form.times is not None:
        command = f"p2a model reweigh {form.feature}={form.times:g}"
        yield f"the operator can change the weight with {command} and then p2a model activate"
