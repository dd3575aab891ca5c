"""
A kept round, computed again from what was kept with it.

    NotReplayable        the round cannot be computed again
    ├── InputsForgotten  its inputs are gone: nothing came of it, it is old, or a learner was erased
    └── OtherVersions    it was made by other rules or another model than are here
"""

from services.matcher import archive
from services.matcher.market import Outcome, RoundInputs
from services.matcher.proposal import propose
from services.matcher.round_store import Round
from services.matcher.rules import Rules
from services.matcher.scorer import Model


class NotReplayable(Exception):
    """The round cannot be computed again."""


class InputsForgotten(NotReplayable):
    """Its inputs are gone: nothing came of it, it is old, or a learner was erased."""


class OtherVersions(NotReplayable):
    """It was made by other rules or another model than are here."""


def recomputed(kept: Round, model: Model, rules: Rules) -> tuple[RoundInputs, Outcome]:
    """
    The round's inputs and what it said, byte for byte (`archive.outcome_bytes`).

    The allocation starts from the kept integer scores, so another machine's arithmetic changes
    nothing. *kept* must come with its inputs. Raises NotReplayable.
    """
    if kept.inputs is None:
        raise InputsForgotten(f"round {kept.round_id}: its inputs are not kept any more")
    if (kept.rules_version, kept.model_version) != (rules.version, model.version):
        raise OtherVersions(
            f"round {kept.round_id} was made by rules {kept.rules_version} and model "
            f"{kept.model_version}; here are {rules.version} and {model.version}"
        )
    inputs = archive.read(archive.unpacked(kept.inputs))
    return inputs, propose(inputs, model, rules)
