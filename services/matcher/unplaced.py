"""Why a completer has no interview after a round."""

from collections.abc import Sequence
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from services.matcher.blocking import Blocked
from services.matcher.market import Judgement, RoundInputs, Unplaced
from services.matcher.placement import is_completer
from services.matcher.rules import Rules

SCARCE = "scarce"
NO_VACANCY = "no-vacancy"
OVER = ("closed", "dates", "standard")  # rules that say a vacancy is no longer to be had


def unplaced(
    inputs: RoundInputs,
    rules: Rules,
    judgement: Judgement,
    placed: NDArray[np.bool_],
    sets: Sequence[Blocked],
) -> dict[UUID, Unplaced]:
    """The completers without a place, each with its reason, in order of id."""
    scarce = {int(row): _scarce(each) for each in sets for row in each.unplaced}
    return {
        learner.learner_id: scarce.get(i) or _kept_off(inputs, rules, judgement, i)
        for i, learner in enumerate(inputs.learners)
        if is_completer(learner, inputs.today) and not placed[i]
    }


def _scarce(blocked: Blocked) -> Unplaced:
    learners, places = len(blocked.learners), blocked.places
    if not places:
        words = "Every interview this learner could have is given to an approved match"
    else:
        reach = f"{places} place" if places == 1 else f"{places} places"
        words = f"{learners} learners can between them reach only {reach}"
    return Unplaced(reason=SCARCE, words=words, learners=learners, places=places)


def _kept_off(inputs: RoundInputs, rules: Rules, judgement: Judgement, row: int) -> Unplaced:
    """The rule that keeps a learner off most vacancies; those no longer open count last."""
    if not inputs.vacancies:
        return Unplaced(reason=NO_VACANCY, words="No vacancy is pledged in this market")
    failing = judgement.rule[row]
    numbers, counts = np.unique(failing, return_counts=True)
    ids = [judgement.rule_ids[number - 1] for number in numbers.tolist()]
    counts[np.isin(ids, [*OVER])] = 0
    rule = ids[int(np.argmax(counts))]
    at = int(np.argmax(failing == numbers[int(np.argmax(counts))]))
    failure = rules.failure(inputs.learners[row], inputs.vacancies[at], inputs.today, rule)
    return Unplaced(reason=rule, words=failure.words)
