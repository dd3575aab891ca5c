"""
A kept round, computed again from what was kept with it and with the rounds it goes on from.

    NotReplayable        the round cannot be computed again
    ├── InputsForgotten  its inputs are gone: nothing came of it, it is old, or a learner was erased
    └── OtherVersions    it was made by other rules or another model than are given
"""

from collections.abc import Sequence
from dataclasses import dataclass

from services.matcher import archive
from services.matcher.board import Board
from services.matcher.listing import Listing
from services.matcher.proposal import propose
from services.matcher.round_store import Round
from services.matcher.rules import Rules
from services.matcher.scorer import Model
from services.matcher.snapshot import Made, taken


class NotReplayable(Exception):
    """The round cannot be computed again."""


class InputsForgotten(NotReplayable):
    """Its inputs are gone: nothing came of it, it is old, or a learner was erased."""


class OtherVersions(NotReplayable):
    """It was made by other rules or another model than are given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """A round made again; the digest of ``said`` is the one that was kept."""

    made: Made
    said: bytes


def recomputed(chain: Sequence[Round], model: Model, rules: Rules) -> Replayed:
    """
    The last round of *chain*, byte for byte: the whole round it begins with, then step by step.

    All start from the kept integer scores, so another machine's arithmetic changes nothing. The
    rounds must come with their inputs. Raises NotReplayable.
    """
    kept = chain[-1]
    if [each.place for each in chain] != [*range(kept.place + 1)]:
        raise InputsForgotten(f"round {kept.round_id}: rounds it goes on from are not kept")
    parts = [_unpacked(each) for each in chain]
    if (kept.rules_version, kept.model_version) != (rules.version, model.version):
        raise OtherVersions(
            f"round {kept.round_id} was made by rules {kept.rules_version} and model "
            f"{kept.model_version}; here are {rules.version} and {model.version}"
        )
    inputs = archive.read(parts[0])
    outcome = propose(inputs, model, rules)
    if not kept.place:
        made = Made(round_id=kept.round_id, inputs=inputs, outcome=outcome)
        return Replayed(made=made, said=archive.outcome_bytes(outcome))
    board = Board.of(inputs, outcome, model, rules)
    listing = Listing(board=board)
    listing.begin(outcome.shortlists)
    for part in parts[1:]:
        step, given = archive.read_step(part)
        written = listing.write(step, board.take(step, given))
    said = archive.said(row for row in written.values() if row)
    return Replayed(made=taken(board, listing, kept.round_id), said=said)


def _unpacked(kept: Round) -> bytes:
    if kept.inputs is None:
        raise InputsForgotten(f"round {kept.round_id}: its inputs are not kept any more")
    return archive.unpacked(kept.inputs)
