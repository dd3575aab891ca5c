"""The model card as Markdown: words for a coordinator first, figures for analysts last."""

from collections.abc import Iterator, Mapping
from typing import Any

from services.matcher import reweighing
from services.matcher.cardfigures import figures
from services.matcher.cardtable import heading, row

Facts = Mapping[str, Any]

SIGNS = {
    "not-shown": "So far outcomes point the other way, which may be chance",
    "opposite": "**Outcomes show the opposite: a person should look**",
}
SHOWN = "P@3"  # the one figure that is told in words
LEAST = 10  # vacancies; of fewer it is not told


def markdown(card: Facts) -> str:
    """The whole card; of a model that a person reweighed, what that was."""
    if "reweighed" in card:
        return reweighing.markdown(card)
    parts = (
        _head(card), _weights(card), _sectors(card), _never(card), _data(card), _order(card),
        _calibration(card), _limits(card), figures(card),
    )  # fmt: skip
    return "\n".join(line for part in parts for line in part).rstrip() + "\n"


def _head(card: Facts) -> Iterator[str]:
    yield f"# Model card: {card['version']}"
    yield ""
    yield f"Made on {card['made_on']}."
    yield ""
    yield f"{card['purpose']} {card['summary']}"
    yield ""
    if card["never"]["holds"] is False:
        yield "**Do not activate it: facts that must never count moved scores, as shown below.**"
        yield ""
    yield f"Beside every order the pages say of this model: *{card['note']}*."
    yield ""
    yield "## What it is not for"
    yield ""
    yield from (f"- {line}" for line in card["not_for"])
    yield ""


def _weights(card: Facts) -> Iterator[str]:
    yield "## What counts"
    yield ""
    yield (
        "These facts about a learner and a vacancy make the score, and nothing else does. A "
        "*weight* says how strongly a fact speaks for a start (+) or against it (-) if all else "
        "is equal; 0 is not at all. *Odds* says the same in another way: x 2.00 means twice as "
        "many starts for each interview without one, x 0.50 half as many. A fact that is not "
        "known counts neither way."
    )
    yield ""
    if card["calibration"]["fallback"] or not card["data"]["outcomes"]:
        yield "These weights are what experts expect. No outcome has changed them."
        yield ""
    named = {each["feature"]: f"{each['label']} (`{each['feature']}`)" for each in card["features"]}
    if card["left_out"]:
        those = ", ".join(named[name] for name in card["left_out"])
        yield f"**Left out of this model on purpose: {those}.**"
        yield ""
    yield from heading("what counts", "one step is", "weight", "odds", "because")
    for each in card["features"]:
        name = named[each["feature"]]
        if each["feature"] in card["left_out"]:
            yield from row(name, each["unit"], "left out", "-", "left out on purpose")
            continue
        reason = each["reason"]
        if each["verdict"] != "as-expected":
            reason += f". {SIGNS[each['verdict']]}"
        yield from row(
            name, each["unit"], f"{each['weight']:+.2f}", _odds(each["odds"]), reason
        )  # fmt: skip
    yield ""


def _odds(times: float) -> str:
    return f"x {times:.2f}" if times < 10 else f"x {times:.0f}"  # noqa: PLR2004  # two places are enough


def _sectors(card: Facts) -> Iterator[str]:
    yield "## Sectors"
    yield ""
    yield (
        "Each sector has weights of its own. This table says where they differ most from those "
        "above: *Pay +0.20* means that the weight of pay is 0.20 higher there. The fewer "
        "interviews of its own a sector has, the more it keeps to what experts expected "
        "beforehand, which the last column says."
    )
    yield ""
    labels = {each["feature"]: each["label"] for each in card["features"]}
    yield from heading("sector", "its interviews", "weights that differ", "what experts expect")
    for each in sorted(card["sectors"], key=lambda one: -one["outcomes"]):
        differs = ", ".join(f"{labels[one['feature']]} {one['by']:+.2f}" for one in each["differs"])
        yield from row(_named(each), each["outcomes"], differs or "none", each["why"])
    yield ""
    unknown = card["data"]["outcomes"] - sum(each["outcomes"] for each in card["sectors"])
    if unknown:
        yield f"Interviews for work of no known sector: {unknown}."
        yield ""


def _named(sector: Facts) -> str:
    name, routes = sector["sector"], "; ".join(sector["routes"])
    return name if name == routes.lower() else f"{name} ({routes})"


def _never(card: Facts) -> Iterator[str]:
    never = card["never"]
    yield "## What never counts"
    yield ""
    yield f"The matcher does not hold: {', '.join(never['not_held'])}."
    yield ""
    yield never["levels"]
    yield ""
    if never["holds"] is None:
        yield "Facts that only rules and people may use were not tried: there was nobody to try on."
        yield ""
        return
    yield (
        "Other facts are held for rules and for people alone. To be sure, each of them was changed "
        f"for everybody, on {never['pairs']:,} pairs of a learner and a vacancy."
    )
    yield ""
    if never["holds"]:
        yield f"No score moved: {', '.join(each['fact'] for each in never['flipped'])}."
    else:
        yield "**SCORES MOVED: do not activate this model.**"
        yield ""
        yield from heading("fact changed", "scores that moved")
        for each in never["flipped"]:
            yield from row(each["fact"], each["moved"])
    yield ""


def _data(card: Facts) -> Iterator[str]:
    data = card["data"]
    within = f"within {data['days']} days"
    yield "## What it was made of"
    yield ""
    if not data["outcomes"]:
        yield "- Interviews: none yet whose outcome is known."
    else:
        yield (
            f"- Interviews whose outcome is known: {data['outcomes']}, of which {data['starts']} "
            "led to an offer or a start. "
            f"{_of(data['learners'], 'learner')}, {_of(data['employers'], 'employer')}, "
            f"{_of(data['vacancies'], 'vacancy', 'vacancies')}; the letters left "
            f"{'on one day' if data['days'] == 1 else within}."
        )
    yield (
        "- What experts expect, written down before there was any outcome. It counts as much as "
        f"{data['expert_weight']:g} interviews, so it matters less with every outcome."
    )
    if data["unread"]:
        yield (
            f"- Not used: {_of(data['unread'], 'interview')} whose outcome was recorded as "
            "something other than an offer, a start or no offer."
        )
    yield (
        "- Not used: what coordinators decided. That says how far they agree with the order, not "
        "what came of it."
    )
    yield ""


def _order(card: Facts) -> Iterator[str]:
    yield "## How good the order is"
    yield ""
    by = {
        each["who"]: next(one for one in each["measures"] if one["name"] == SHOWN)
        for each in (card["trials"][0]["ranking"] if card["trials"] else ())
    }
    if not by or by["model"]["n"] < LEAST:
        yield (
            f"Not known yet: it takes {LEAST} vacancies that had both a start and an interview "
            "without one."
        )
    else:
        yield (
            "The model was tried on interviews of learners it did not know, for "
            f"{by['model']['n']} vacancies. Of every 100 learners among the first three for a "
            f"vacancy, {_hundred(by['model'])} started in the order that is learnt, "
            f"{_hundred(by['experts alone'])} in that of experts alone, "
            f"{_hundred(by['random order'])} in a random order."
        )
        if by["model"]["low"] <= by["experts alone"]["value"] <= by["model"]["high"]:
            yield (
                "The difference between the order that is learnt and that of experts alone may be "
                "chance."
            )
        if card["calibration"]["fallback"]:
            yield "This model keeps to the order of experts."
    yield ""


def _hundred(measure: Facts) -> str:
    return f"{100 * measure['value']:.0f}"


def _calibration(card: Facts) -> Iterator[str]:
    found = card["calibration"]
    yield "## Does it happen as often as it says?"
    yield ""
    if not found["table"]:
        yield "Not known yet: too few of the latest interviews have an outcome."
        yield ""
        return
    yield (
        "The latest interviews in five groups of equal size, from the lowest scores to the "
        "highest. The nearer the last two columns are to each other, the better."
    )
    if found["fallback"]:
        yield "The scores are those of experts alone."
    yield ""
    yield from heading("scores", "interviews", "starts expected", "starts seen")
    for part in found["table"]:
        yield from row(
            f"{part['from']:.0%} to {part['to']:.0%}", part["n"], f"{part['expected']:.0%}",
            f"{part['observed']:.0%}",
        )  # fmt: skip
    yield ""


def _limits(card: Facts) -> Iterator[str]:
    yield "## Fairness"
    yield ""
    yield card["fairness"]
    yield ""
    yield "## Limits"
    yield ""
    yield from (f"- {line}" for line in card["limits"])
    yield ""


def _of(count: int, one: str, many: str | None = None) -> str:
    return f"{count} {one if count == 1 else many or one + 's'}"
