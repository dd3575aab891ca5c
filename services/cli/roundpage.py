"""What `p2a round` says, line by line."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from services.matcher.recheck import Recheck, Result
from services.matcher.replay_store import Listed
from services.matcher.round_store import Round

SAID = {
    Result.SAME: "Same: the round says again, byte for byte, what it said.",
    Result.WORDS: "Other words only: the same learners, in the same order, with the same scores.",
    Result.DIFFERENT: "Different: the round does not say again what it said.",
    Result.NOT_REPLAYABLE: "Not replayable.",
}
SAME_CODE = (
    "The code and the libraries are those that made it, so what is kept was altered, or a machine "
    "is at fault. Keep this output, compare the tables round and outbox with a backup, and tell "
    "the developers."
)


def rechecked_lines(found: Recheck) -> list[str]:
    """What was compared, what came of it, and what to do about it."""
    kept = found.kept
    by = f"rules {kept.rules_version} and model {kept.model_version}"
    lines = [
        f"Round {kept.round_id} of {kept.market}, {kept.at:%Y-%m-%d %H:%M:%S} UTC, {_place(kept)}.",
        f"Made by {by}, whatever holds or ranks today.",
    ]
    if found.result is Result.NOT_REPLAYABLE:
        return [*lines, f"Not replayable: {found.reason}.", f"{found.advice}"]
    again = "as it was" if found.again == kept.outcome_digest else "another than it was"
    decided = "as they were" if found.decided_again == kept.decided_digest else "others"
    written = _of(found.written, "shortlist")
    lines += [
        f"Inputs: read of {_of(kept.place + 1, 'round')}, each with the digest it had.",
        f"Said again: {written}, the digest of all of it {again}.",
        f"Who, in which order, with which scores: {decided}.",
        *_published(found),
        SAID[found.result],
    ]
    return lines if found.result is Result.SAME else [*lines, *_why(found)]


def shown_lines(kept: Round) -> list[str]:
    """A round's facts, one a line."""
    with_ = ", ".join(_named(kept.made_with)) or "not known"
    counts = ", ".join(f"{name} {n}" for name, n in kept.counts.items() if isinstance(n, int))
    return [
        f"Round {kept.round_id} of {kept.market}",
        f"  made       {kept.at:%Y-%m-%d %H:%M:%S} UTC for {kept.today}, revision {kept.revision}",
        f"  place      {_place(kept)}",
        f"  rules      {kept.rules_version}",
        f"  model      {kept.model_version} ({kept.model_note})",
        f"  made with  {with_}",
        f"  inputs     {kept.inputs_digest}",
        f"  outcome    {kept.outcome_digest}",
        f"  decided    {kept.decided_digest or 'not known'}",
        f"  published  {_of(kept.proposed, 'shortlist')}",
        f"  counts     {counts}",
    ]


def saved_lines(inputs: Path, rules: Path, model: Path) -> list[str]:
    """What was written, and how it is asked."""
    by = f"--round {inputs} --rules {rules} --model {model}"
    return [
        f"Written: {inputs}, {rules}, {model}.",
        "They hold facts about learners, by id: delete them when you have your answer.",
        f"  p2a explain VACANCY_ID --learner LEARNER_ID {by}",
        f"  p2a whatif --interviews VACANCY_ID=1 {by}",
    ]


def listed_lines(rounds: Sequence[Listed]) -> list[str]:
    """A heading, and one line a round."""
    wide = max((len(each.rules_version) for each in rounds), default=0)
    heading = (
        f"{'round':36}  {'made (UTC)':19}  {'place':8}  {'published':>9}  "
        f"{'rules':{wide}}  {'model':24}  inputs"
    )
    return [
        heading,
        *(
            f"{each.round_id}  {each.at:%Y-%m-%d %H:%M:%S}  "
            f"{'whole' if not each.place else f'step {each.place}':8}  {each.proposed:9}  "
            f"{each.rules_version:{wide}}  {each.model_version:24}  "
            f"{'kept' if each.replayable else 'dropped'}"
            for each in rounds
        ),
    ]


def _published(found: Recheck) -> Iterator[str]:
    same, gone = found.published - len(found.differing), found.kept.proposed - found.published
    yield f"Published: {_of(found.published, 'shortlist')}, {same} the same byte for byte."
    if gone > 0:
        yield f"  {gone} more not compared: the outbox does not hold them any more."
    for each in found.differing:
        yield f"  {each.vacancy_id} differs in {', '.join(each.fields)}"


def _why(found: Recheck) -> list[str]:
    made = found.kept.made_with
    if not made:
        return ["What it was made with is not known: it is older than that record."]
    other = {name: value for name, value in made.items() if found.here.get(name) != value}
    if not other:
        return [SAME_CODE]
    here = {name: found.here.get(name, "none") for name in other}
    lines = [f"Made with {', '.join(_named(other))}; here is {', '.join(_named(here))}."]
    if found.result is Result.WORDS:
        return [*lines, "Words come from the code: the release that made it has its bytes."]
    if "solver" in other:
        lines.append("Which of equally good allocations is found depends on the solver.")
    return [*lines, "Replay it by the release that made it: there it must be the same."]


def _named(parts: Mapping[str, str] | None) -> Iterable[str]:
    return (f"{name} {value}" for name, value in sorted((parts or {}).items()))


def _place(kept: Round) -> str:
    return f"step {kept.place} from the whole round {kept.base_id}" if kept.place else "whole"


def _of(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' * (count != 1)}"
