"""`p2a explain`: why here, why not, what would change it; who is left out and what would help."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from services.cli.asking import WRONG_USE, KeptRound, Matcher, ended

FILE = {"exists": True, "dir_okay": False, "readable": True}
REPORTS = ("unlock", "barriers")
COMMAND = "explain"
# why a completer has no interview, where it is no rule
UNPLACED = {
    "scarce": "More learners than interviews they could have",
    "no-vacancy": "No vacancy is pledged in the market",
}


def explain(  # noqa: PLR0913 - the options of a command
    what: Annotated[
        str, typer.Argument(metavar="WHAT", help="a vacancy's id, a market, `unlock`, `barriers`")
    ],
    *,
    learner: Annotated[
        UUID | None, typer.Option(help="with a vacancy: this learner's case")
    ] = None,
    market: Annotated[str, typer.Option(help="with a report: the market")] = "west-midlands",
    learners: Annotated[
        bool, typer.Option("--learners", help="in a report: by learner's id")
    ] = False,
    file: Annotated[
        Path | None, typer.Option("--round", metavar="FILE", help="a kept round's inputs", **FILE)
    ] = None,
    rules: Annotated[Path | None, typer.Option(help="with --round: its rules", **FILE)] = None,
    model: Annotated[Path | None, typer.Option(help="with --round: its model", **FILE)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object")] = False,
) -> None:
    """
    Say why, and what would change it. Everything was tried by running the round with it.

    A vacancy: why nobody else is on its shortlist; with --learner, why this one is or is not. A
    market: its figures. `unlock`: what would place those without an interview. `barriers`: whom
    one rule alone keeps out. It asks the matcher at P2A_MATCHER_URL, or works on --round FILE.
    """
    kept = KeptRound(COMMAND, file, rules, model) if file else None
    if what in REPORTS:
        said = (
            kept.report(what, learners=learners)
            if kept
            else Matcher(COMMAND).asked(f"markets/{market}/{what}?learners={learners}".lower())
        )
        lines = _unlock(said) if what == "unlock" else _barriers(said)
    elif (vacancy_id := _id(what)) is None:
        said = _market(what)
        lines = _figures(said)
    elif learner:
        at = f"vacancies/{vacancy_id}/learners/{learner}/explanation"
        said = kept.explained(vacancy_id, learner) if kept else Matcher(COMMAND).asked(at)
        lines = _pair(said)
    else:
        at = f"vacancies/{vacancy_id}/absences"
        said = kept.absences(vacancy_id) if kept else Matcher(COMMAND).asked(at)
        lines = _vacant(said)
    print(json.dumps(said, sort_keys=True) if as_json else "\n".join(lines))


def _id(what: str) -> UUID | None:
    try:
        return UUID(what)
    except ValueError:
        return None


def _market(name: str) -> dict[str, Any]:
    known: list[dict[str, Any]] = Matcher(COMMAND).asked("markets")
    found = next((row for row in known if row["market"] == name), None)
    if found is None:
        there = ", ".join(row["market"] for row in known) or "none yet"
        ended(COMMAND, f"no market is called {name}; there are {there}", WRONG_USE)
    return found


def _figures(said: dict[str, Any]) -> list[str]:
    placed = f"{said['allocated']} of {said['completers']} completers have an interview."
    return [
        f"{said['market']}: {placed}",
        *(f"  without one, {_rule(reason)}: {n}" for reason, n in said["unplaced"].items()),
        "What would help: p2a explain unlock; p2a explain barriers",
    ]


def _pair(said: dict[str, Any]) -> list[str]:
    stands, swap = said["standing"], said["swap"]
    where = {"placed": "On a place", "reserve": "In reserve", "absent": "Not on the shortlist"}
    lines = [f"{where[stands['standing']]}. {stands['words']}."]
    if stands["value"]:
        needs = f" It would have to be: {stands['limit']}." if stands["limit"] else ""
        lines.append(f"It is: {stands['value']}.{needs}")
    lines += [f"  {move['effect']:+.2f} {move['words']}" for move in said["line"]["contributions"]]
    if stands["standing"] == "placed":
        return lines
    if said["changes"]:
        lines.append("Each of these alone gives a place here; anything less does not:")
        lines += [f"  {change['words']}" for change in said["changes"]]
    else:
        lines.append("No single change was found that gives a place here.")
    if said["tried"]:
        lines.append(f"Tried without success: {', '.join(map(_kind, said['tried']))}.")
    if said["cut_short"]:
        lines.append(f"Not everything could be tried in {said['rounds']} rounds.")
    if swap:
        moves = [(move["leaves"], move["takes"]) for move in swap["moves"]]
        moved = sum(leaves is not None and takes is not None for leaves, takes in moves)
        lost = len(swap["losers"])
        without = f"{_of(lost, 'learner')} would have no interview" if lost else "nobody loses one"
        lines.append(
            f"Given a place here now: {_of(moved, 'learner')} would move, {without}; "
            f"{swap['placed_after']} would have an interview, {swap['placed_before']} do now."
        )
    return lines


def _vacant(said: dict[str, Any]) -> list[str]:
    others = {name: n for name, n in said["routes"].items() if name != said["route"]}
    lines = [f"{_of(said['placed'], 'learner')} on a place, of {said['completers']} completers."]
    if said["route"]:
        there = "".join(f", {n} in {name}" for name, n in others.items())
        lines.append(f"{said['here']} trained in {said['route']}{there}.")
    lines += [f"  {_rule(rule)}: {n}" for rule, n in said["absences"].items()]
    if said["scarcity"]:
        few = said["scarcity"]
        lines.append(f"{_of(few['learners'], 'learner')} can between them reach only "
                     f"{_of(few['places'], 'place')}.")  # fmt: skip
    return lines


def _unlock(said: dict[str, Any]) -> list[str]:
    unlocked = _shown(said["by_kind"]["total"])
    lines = [
        f"{_shown(said['unplaced'])} of {said['completers']} completers have no interview.",
        f"One change would place {unlocked}; no single change {_shown(said['nothing'])}.",
    ]
    if said["unread"] != 0:
        lines.append(f"Not looked at, after {said['rounds']} rounds: {_shown(said['unread'])}.")
    lines += _cells(said["by_kind"], "kind", _kind)
    lines += _cells(said["by_route"], "route") + _cells(said["by_month"], "month")
    return [*lines, *(f"  {_unlocked(each)}" for each in said.get("unlocks", ()))]


def _unlocked(said: dict[str, Any]) -> str:
    """Who, what would change, on which vacancy; of a learner's own change, where it leads."""
    change, where = said["change"], f"vacancy {said['vacancy_id']}"
    changed = change["vacancy_id"]
    if changed is None:
        told = f"a place on {where}"
    elif changed == said["vacancy_id"]:
        told = f"on {where}"
    else:
        told = f"on vacancy {changed}; a place on {where}"
    return f"{said['learner_id']}: {change['words']}, {told}"


def _barriers(said: dict[str, Any]) -> list[str]:
    barred = f"{_shown(said['barred'])} of {said['completers']} completers"
    lines = [
        f"Kept off every vacancy by rules: {barred}.",
        f"Of them by more than one rule: {_shown(said['by_more'])}.",
        *_cells(said["table"], "rule, if it alone did not stand", _rule),
    ]
    for barrier in said["barriers"]:
        rule = _rule(barrier["rule"])
        lines += _cells(barrier["by_route"], f"route, {rule}")
        lines += _cells(barrier["by_month"], f"month, {rule}")
    return lines


def _cells(table: dict[str, Any], words: str, named: Callable[[str], str] = str) -> list[str]:
    rows = [f"  {named(name)}: {_shown(count)}" for name, count in table["cells"].items()]
    return [f"By {words}:", *rows] if rows else []


def _rule(name: str) -> str:
    """A rule, or another reason, in the words of the console, and its key."""
    from services.review import labels

    return f"{UNPLACED.get(name) or labels.absence(name)} ({name})"


def _kind(name: str) -> str:
    """A kind of change in the words of the console, and its key."""
    from services.review import labels

    return f"{labels.change(name)} ({name})"


def _shown(count: int | None) -> str:
    return "too few to show" if count is None else str(count)


def _of(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' * (count != 1)}"
