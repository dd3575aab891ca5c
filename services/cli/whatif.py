"""`p2a whatif`: what another weight, rule or pledge would do, before anybody is told."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from services.cli import weights
from services.cli.asking import WRONG_USE, KeptRound, Matcher, ended
from services.cli.fairness import Groups, GroupsUnreadable, Met, Rate, rates, read

FILE = {"exists": True, "dir_okay": False, "readable": True}
COMMAND = "whatif"
LISTED = 20  # learners of a vacancy on either side; more would hide the next vacancy


def whatif(  # noqa: PLR0913 - the options of a command
    market: Annotated[str, typer.Argument(help="the market")] = "west-midlands",
    *,
    weight: Annotated[
        list[str],
        typer.Option(metavar=weights.SHAPE, help=weights.IN_SECTOR),
    ] = [],  # noqa: B006  # typer copies it
    without: Annotated[list[str], typer.Option(metavar="RULE", help="give the rule up")] = [],  # noqa: B006
    limit: Annotated[
        list[str], typer.Option(metavar="RULE.NAME=VALUE", help="another limit, `from` or `until`")
    ] = [],  # noqa: B006
    interviews: Annotated[
        list[str], typer.Option(metavar="VACANCY=N", help="N interviews more, or -N fewer")
    ] = [],  # noqa: B006
    vacancy: Annotated[
        Path | None,
        typer.Option(help="a vacancy more: JSON of vacancy_id and vacancy", **FILE),
    ] = None,
    groups: Annotated[
        Path | None,
        typer.Option(
            help="monitoring answers as CSV (learner_id and questions), read only here", **FILE
        ),
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--round", metavar="FILE", help="a kept round's inputs", **FILE)
    ] = None,
    rules: Annotated[Path | None, typer.Option(help="with --round: its rules", **FILE)] = None,
    model: Annotated[Path | None, typer.Option(help="with --round: its model", **FILE)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object")] = False,
) -> None:
    """
    Show who would enter and leave each shortlist, and what it does to all; nothing is sent.

    Making the change gives exactly this, if nothing else happens meanwhile. With --groups the
    selection rates by group are shown too; the file stays on this machine.
    """
    changes = [
        *(weights.weight(COMMAND, each) for each in weight),
        *(_limit(each) for each in limit),
        *({"change": "rule-off", "rule": each} for each in without),
        *(_interviews(each) for each in interviews),
        *([_vacancy(vacancy)] if vacancy else []),
    ]
    if not changes:
        ended(COMMAND, "say what would change: --weight, --without, --limit, --interviews or "
                       "--vacancy", WRONG_USE)  # fmt: skip
    said = (
        KeptRound(COMMAND, file, rules, model).preview(changes)
        if file
        else Matcher(COMMAND).asked(f"markets/{market}/what-if", {"changes": changes})
    )
    found, met = _compared(said, _answers(groups)) if groups else ([], None)
    if as_json:
        of = {"groups": [asdict(each) for each in found], "met": asdict(met) if met else None}
        print(json.dumps(said | of, sort_keys=True))
    else:
        road = _road(said["ranked_by"], weight) if weight and not file else ()
        print("\n".join([*_lines(said, reweighed=bool(weight)), *_fairness(met, found), *road]))
    if met and not met.completers:
        ended(COMMAND, f"no group could be compared: nobody in {groups} is a completer of "
                       f"{said['market']}; learner_id must be the ids the matcher has")  # fmt: skip


def _compared(said: dict[str, Any], answers: Groups) -> tuple[list[Rate], Met]:
    people = said["completers"]
    found = rates(answers, people, said["placed_before"], said["placed_after"])
    return found, Met.of(answers, people)


def _answers(path: Path) -> Groups:
    try:
        return read(path)
    except GroupsUnreadable as error:
        ended(COMMAND, str(error))


def _limit(given: str) -> dict[str, Any]:
    named, value = weights.parts(COMMAND, given, "RULE.NAME=VALUE")
    rule, _, name = named.partition(".")
    listed: Any = value.split(",") if "," in value else value
    return {"change": "rule-limit", "rule": rule, "name": name, "value": listed}


def _interviews(given: str) -> dict[str, Any]:
    vacancy_id, more = weights.parts(COMMAND, given, "VACANCY=N")
    try:
        UUID(vacancy_id)
    except ValueError:
        ended(COMMAND, f"{vacancy_id} is no vacancy's id; it is on the vacancy's shortlist, such "
                       "as 0b7f0c5e-6f3c-4d8e-9a55-3f0f7f0a1c11", WRONG_USE)  # fmt: skip
    if not re.fullmatch(r"[+-]?\d{1,3}", more):
        ended(COMMAND, f"{more} is no number of interviews more or fewer; write it as "
                       f"{vacancy_id}=2 or {vacancy_id}=-1", WRONG_USE)  # fmt: skip
    return {"change": "interviews", "vacancy_id": vacancy_id, "more": more}


def _vacancy(path: Path) -> dict[str, Any]:
    from pydantic import ValidationError

    from services.matcher.whatif import NewVacancy

    try:
        said: dict[str, Any] = {"change": "vacancy", **json.loads(path.read_bytes())}
        NewVacancy.model_validate(said)
    except ValidationError as error:
        first = error.errors()[0]
        ended(COMMAND, f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}")
    except (ValueError, TypeError, OSError) as error:
        ended(COMMAND, f"{path}: {type(error).__name__}: one JSON object is needed")
    return said


def _lines(said: dict[str, Any], *, reweighed: bool) -> Iterator[str]:
    was, now = said["before"], said["after"]
    yield "Nothing is sent or stored. With the change:"
    for name, words in (
        ("placed", "completers with an interview"),
        ("places", "interviews pledged"),
        ("mean_days_unplaced", "days the others have waited, on average"),
        ("most_days_unplaced", "days the longest of them has waited"),
    ):
        yield f"  {words}: {was[name]} -> {now[name]}"
    if not reweighed:  # other weights would be marking themselves
        starts = was["total_score"] / 1e4, now["total_score"] / 1e4
        yield f"  starts to be expected of these interviews: {starts[0]:.1f} -> {starts[1]:.1f}"
    yield from _coverage(said["coverage"])
    count = len(said["shortlists"])
    yield f"{count or 'No'} shortlist{'s' * (count != 1)} would change{':' if count else '.'}"
    for row in said["shortlists"]:
        if row["reordered"]:
            yield f"  {row['vacancy_id']}: another order"
        else:
            yield f"  {row['vacancy_id']}: {len(row['enter'])} enter, {len(row['leave'])} leave"
            yield from _listed("enters", row["enter"])
            yield from _listed("leaves", row["leave"])


def _coverage(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    yield "  with an interview, by the route of their course:"
    for row in rows:
        was, now = (row[side] for side in ("before", "after"))
        told = f"{was} -> {now} of {row['completers']}" if row["completers"] else "too few to show"
        yield f"    {row['route']}: {told}"


def _listed(does: str, learners: Sequence[str]) -> Iterator[str]:
    yield from (f"    {does}: {who}" for who in learners[:LISTED])
    if len(learners) > LISTED:
        yield f"    {does}: {len(learners) - LISTED} more; --json has all"


def _road(version: str, weight: Sequence[str]) -> Iterator[str]:
    """How the weights are made to rank, as the very model previewed."""
    yield f"To make these weights rank: p2a model reweigh {' '.join(weight)}"
    yield f"  then p2a model activate {version} --by ACCOUNT"


def _fairness(met: Met | None, found: Sequence[Rate]) -> Iterator[str]:
    if met:
        so = "" if met.completers else " So nothing could be compared."
        yield (
            f"Of {met.learners} learners with an answer in the file, {met.completers} are "
            f"completers of this market.{so}"
        )
    for rate in found:
        named = f"  {rate.question}, {rate.group}: "
        if rate.before is None or rate.after is None:
            yield named + "too few to show"
        elif rate.ratio_after is None or rate.interval is None:
            yield named + f"{rate.before:.0%} -> {rate.after:.0%}; not enough data for a ratio"
        else:
            low, high = rate.interval
            flag = "; below 0.8: to be looked at" if rate.flagged else ""
            yield f"{named}{rate.before:.0%} -> {rate.after:.0%} selected{flag}"
            ratios = f"{rate.ratio_before:.2f} -> {rate.ratio_after:.2f}"
            yield f"    {ratios} of the highest group's, likely {low:.2f} to {high:.2f}"
