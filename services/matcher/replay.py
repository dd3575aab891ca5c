"""
A kept round, computed again from what was kept with it and with the rounds it goes on from.

    NotReplayable         the round cannot be computed again
    ├── InputsForgotten   its inputs are gone: nothing came of it, or a learner was erased
    ├── InputsAltered     its inputs are not those it was made from
    ├── OtherVersions     it was made by other rules or another model than are given
    └── VersionsUnusable  the rules or the model it was made by cannot be read any more

Each says in ``advice`` what to do.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from services.matcher import archive
from services.matcher.board import Board
from services.matcher.judged import OtherPairs
from services.matcher.listing import Listing
from services.matcher.market import Shortlist
from services.matcher.proposal import propose
from services.matcher.round_store import Round
from services.matcher.rules import Rules
from services.matcher.scorer import Model
from services.matcher.snapshot import Made, taken


class NotReplayable(Exception):
    """The round cannot be computed again."""

    advice: ClassVar[str] = ""


class InputsForgotten(NotReplayable):
    """Its inputs are gone: nothing came of it, it is old, or a learner was erased."""

    advice = (
        "Nothing brings them back, and nothing should; the round's digests and the shortlists "
        "it published are still there."
    )


class InputsAltered(NotReplayable):
    """Its inputs are not those it was made from."""

    advice = "Compare the table round with a backup, and find out who writes to it."


class OtherVersions(NotReplayable):
    """It was made by other rules or another model than are given."""

    advice = "Compare the tables model and ruleset with a backup."


class VersionsUnusable(NotReplayable):
    """The rules or the model it was made by cannot be read any more."""

    advice = (
        "If it was changed, put its row of the table model or ruleset back from a backup; if it "
        "is for other features or of another form, replay by the release that made the round."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """
    A round made again; the digest of ``said`` is the one that was kept.

    ``shortlists`` are those it wrote: all of a whole round, of a step those it may have changed.
    """

    made: Made
    said: bytes
    shortlists: tuple[Shortlist, ...]


def recomputed(chain: Sequence[Round], model: Model, rules: Rules) -> Replayed:
    """
    The last round of *chain*, byte for byte: the whole round it begins with, then step by step.

    All start from the kept integer scores, so another machine's arithmetic changes nothing. The
    rounds must come with their inputs. Raises NotReplayable.
    """
    kept = chain[-1]
    if [each.place for each in chain] != [*range(kept.place + 1)]:
        raise InputsForgotten(f"round {kept.round_id}: rounds it goes on from are not kept")
    if any(each.inputs is None for each in chain):
        raise InputsForgotten(f"round {kept.round_id}: {_why_gone(chain)}")
    parts = [_unpacked(each) for each in chain]
    if (kept.rules_version, kept.model_version) != (rules.version, model.version):
        raise OtherVersions(
            f"round {kept.round_id} was made by rules {kept.rules_version} and model "
            f"{kept.model_version}; here are {rules.version} and {model.version}"
        )
    try:
        return _made_again(kept, parts, model, rules)
    except archive.RoundUnreadable as error:
        raise InputsAltered(f"round {kept.round_id}: {error}") from error
    except OtherPairs as error:
        raise VersionsUnusable(
            f"round {kept.round_id}: another release judged other pairs: {error}"
        ) from error


def _made_again(kept: Round, parts: Sequence[bytes], model: Model, rules: Rules) -> Replayed:
    inputs = archive.read(parts[0])
    outcome = propose(inputs, model, rules)
    if not kept.place:
        made = Made(
            round_id=kept.round_id, inputs=inputs, outcome=outcome, model=model, rules=rules
        )
        said = archive.outcome_bytes(outcome)
        return Replayed(made=made, said=said, shortlists=outcome.shortlists)
    board = Board.of(inputs, outcome, model, rules)
    listing = Listing(board=board)
    listing.begin(outcome.shortlists)
    for part in parts[1:]:
        step, given = archive.read_step(part)
        written = listing.write(step, board.take(step, given))
    rows = tuple(row for row in written.values() if row)
    made = taken(board, listing, kept.round_id)
    return Replayed(made=made, said=archive.said(rows), shortlists=rows)


def _unpacked(kept: Round) -> bytes:
    try:
        data = archive.unpacked(kept.inputs or b"")
    except archive.RoundUnreadable as error:
        raise InputsAltered(f"round {kept.round_id}: {error}") from error
    if archive.digest(data) != kept.inputs_digest:
        raise InputsAltered(
            f"round {kept.round_id}: what is kept of its inputs has another digest than they had"
        )
    return data


def _why_gone(chain: Sequence[Round]) -> str:
    if any(each.proposed for each in chain):
        return (
            "its inputs were dropped, because somebody in them was erased since, or left the "
            "market while it was computed"
        )
    return (
        "its inputs were dropped, because no shortlist came of it, or because somebody in them "
        "was erased"
    )
