"""The model card as Markdown, for a coordinator to read."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Facts = Mapping[str, Any]

SIGNS = {
    "not-shown": "Outcomes do not show it yet",
    "opposite": "**Outcomes show the opposite: a person should look**",
}
LOWER = {"Brier", "log loss", "calibration error"}
MEANS = {
    "NDCG@5": "how near the first five come to the best order; 1 is the best",
    "MRR": "1 when the first in line starts, a half when it is the second",
    "P@3": "share of starts among the first three",
    "Brier": "distance of chance and outcome, squared; lower is better",
    "log loss": "the same, harder on certainty that was wrong; lower is better",
    "calibration error": "how far said and seen shares are apart; lower is better",
}


def markdown(card: Facts) -> str:
    """The whole card."""
    parts = (
        _head(card), _weights(card), _sectors(card), _never(card), _data(card), _trials(card),
        _calibration(card), _tail(card),
    )  # fmt: skip
    return "\n".join(line for part in parts for line in part).rstrip() + "\n"


def _head(card: Facts) -> Iterator[str]:
    yield f"# Model card: {card['version']}"
    yield ""
    yield f"Made on {card['made_on']}. Its scores say of themselves: *{card['note']}*."
    yield ""
    yield f"**{card['verdict']}**"
    yield ""
    yield "## What it is for, and what not"
    yield ""
    yield card["purpose"]
    yield ""
    yield from (f"- {line}" for line in card["not_for"])
    yield ""


def _weights(card: Facts) -> Iterator[str]:
    yield "## What counts"
    yield ""
    yield (
        "Nothing else about a pair reaches the score. *Odds* is what one step does to the odds of "
        "a start: x 2.00 doubles them, x 0.50 halves them. What is not known counts neither way."
    )
    yield ""
    yield from _row("feature", "one step is", "weight", "odds", "because")
    yield from _rule(5)
    for each in card["features"]:
        if each["feature"] in card["left_out"]:
            yield from _row(
                each["feature"], each["unit"], "left out", "-", "left out of this fit on purpose"
            )
            continue
        reason = each["reason"]
        if each["verdict"] != "as-expected":
            reason += f". {SIGNS[each['verdict']]}"
        yield from _row(
            each["feature"], each["unit"], f"{each['weight']:+.2f}", _odds(each["odds"]), reason
        )
    yield ""


def _odds(times: float) -> str:
    return f"x {times:.2f}" if times < 10 else f"x {times:.0f}"  # noqa: PLR2004  # two places are enough


def _sectors(card: Facts) -> Iterator[str]:
    yield "## Sectors"
    yield ""
    yield "Each sector has weights of its own. Here is where they differ most from the table above."
    yield ""
    yield from _row("sector", "its own outcomes", "differs in weight by", "because, experts say")
    yield from _rule(4)
    for each in card["sectors"]:
        differs = ", ".join(f"{one['feature']} {one['by']:+.2f}" for one in each["differs"])
        yield from _row(each["sector"], each["outcomes"], differs or "nothing", each["why"])
    yield ""


def _never(card: Facts) -> Iterator[str]:
    never = card["never"]
    yield "## What never counts"
    yield ""
    yield f"The matcher does not hold: {', '.join(never['not_held'])}."
    yield ""
    if never["holds"] is None:
        yield "The flip test was not run: there were no learners or no vacancies to run it on."
    else:
        said = (
            "no score moved" if never["holds"] else "**SCORES MOVED: do not activate this model**"
        )
        yield (
            f"Flip test on {never['pairs']} pairs: each of these facts, which only rules or people "
            f"may use, was turned round for everybody, and {said}."
        )
        yield ""
        yield from _row("fact turned round", "scores that moved")
        yield from _rule(2)
        for each in never["flipped"]:
            yield from _row(each["fact"], each["moved"])
    yield ""


def _data(card: Facts) -> Iterator[str]:
    data = card["data"]
    yield "## What it was made of"
    yield ""
    if not data["outcomes"]:
        yield "- no interview yet whose outcome is known"
    else:
        yield (
            f"- {data['outcomes']} interviews with a known outcome, {data['starts']} of them an "
            f"offer or a start; {data['learners']} learners, {data['employers']} employers, "
            f"{data['vacancies']} vacancies, over {data['days']} days"
        )
    yield f"- experts' opinion, worth {data['expert_weight']:g} interviews"
    if data["unread"]:
        yield f"- {data['unread']} outcomes under another name were not used"
    yield "- no decision of a coordinator: those say how far people agree, not what came of it"
    yield ""


def _trials(card: Facts) -> Iterator[str]:
    yield "## How good it is"
    yield ""
    if not card["trials"]:
        yield "Not known before interviews have outcomes."
        yield ""
        return
    yield (
        "Measured on outcomes that models made the same way had not seen, before calibration, with "
        "intervals of 95 %."
    )
    yield ""
    for trial in card["trials"]:
        yield f"### Held out: {trial['held_out']} ({trial['outcomes']} outcomes)"
        yield ""
        for kind in ("ranking", "probability"):
            yield from _measures(trial[kind])
    yield "In the tables:"
    yield ""
    yield from (f"- {name}: {words}" for name, words in MEANS.items())
    yield ("- n: vacancies that had both a start and none for the order, interviews for the chance")
    yield ("- rules only: everybody who may have the interview is alike, in the order they came")
    yield ""


def _measures(by: Sequence[Facts]) -> Iterator[str]:
    names = [each["name"] for each in by[0]["measures"]]
    yield from _row(
        "", *(f"{name} {'(lower)' if name in LOWER else ''}".strip() for name in names), "n"
    )
    yield from _rule(len(names) + 2)
    for row in by:
        measures = row["measures"]
        figures = [
            "-" if each["value"] is None
            else f"{each['value']:.3f} ({each['low']:.3f} to {each['high']:.3f})"
            for each in measures
        ]  # fmt: skip
        yield from _row(row["who"], *figures, measures[0]["n"])
    yield ""


def _calibration(card: Facts) -> Iterator[str]:
    table = card["calibration"]["table"]
    yield "## Does it happen as often as it says?"
    yield ""
    if not table:
        yield "Not known yet: too few later outcomes."
        yield ""
        return
    yield "Later outcomes in five parts of equal size, the lowest scores first."
    yield ""
    yield from _row("scores", "interviews", "starts expected", "starts seen")
    yield from _rule(4)
    for part in table:
        yield from _row(
            f"{part['from']:.0%} to {part['to']:.0%}", part["n"], f"{part['expected']:.0%}",
            f"{part['observed']:.0%}",
        )  # fmt: skip
    yield ""


def _tail(card: Facts) -> Iterator[str]:
    yield "## Fairness"
    yield ""
    yield card["fairness"]
    yield ""
    yield "## Limits"
    yield ""
    yield from (f"- {line}" for line in card["limits"])
    yield ""
    yield "## Made with"
    yield ""
    yield ", ".join(f"{each['of']} {each['version']}" for each in card["versions"])
    yield ""
    yield f"Digest `{card['digest']}`"


def _row(*cells: object) -> Iterator[str]:
    yield "| " + " | ".join(str(cell) for cell in cells) + " |"


def _rule(cells: int) -> Iterator[str]:
    yield "|" + "---|" * cells
