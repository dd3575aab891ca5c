"""Where one learner stands on one vacancy after a round."""

from uuid import UUID

from schemas.match import Match
from services.matcher.market import Failure, Outcome, RoundInputs, Standing
from services.matcher.placement import Placement, extra_of, free_places, rows_of, turns_of
from services.matcher.rules import Rules


def standing(
    inputs: RoundInputs, outcome: Outcome, rules: Rules, learner_id: UUID, vacancy_id: UUID
) -> Standing:
    """Placed, reserve or absent, and why; raises ``KeyError`` for ids not in the market."""
    rows = rows_of(inputs)
    learner, vacancy = rows.learners[learner_id], rows.vacancies[vacancy_id]
    match, reserve = _listed(outcome, learner_id, vacancy_id)
    if match and not reserve:
        words = "Approved by a coordinator" if match.locked else "Proposed for an interview"
        return Standing(standing="placed", position=match.position, words=words)
    failing = int(outcome.judgement.rule[learner, vacancy])
    if failing:
        rule = outcome.judgement.rule_ids[failing - 1]
        row, other = inputs.learners[learner], inputs.vacancies[vacancy]
        why = rules.failure(row, other, inputs.today, rule)
    else:
        why = _barrier(inputs, outcome, learner, vacancy)
    return Standing(
        standing="reserve" if reserve else "absent",
        position=match.position if match else None,
        rule=why.rule,
        words=why.words,
        value=why.value,
        limit=why.limit,
        version=why.version,
    )


def _listed(outcome: Outcome, learner_id: UUID, vacancy_id: UUID) -> tuple[Match | None, bool]:
    """The learner's line on the vacancy's shortlist, and whether it is a reserve's."""
    for shortlist in outcome.shortlists:
        if shortlist.vacancy_id == vacancy_id:
            for reserve, matches in ((False, shortlist.matches), (True, shortlist.reserves)):
                for match in matches:
                    if match.learner_id == learner_id:
                        return match, reserve
    return None, False


def _barrier(inputs: RoundInputs, outcome: Outcome, learner: int, vacancy: int) -> Failure:
    rows = rows_of(inputs)
    turns = turns_of(inputs, rows)
    placed = turns.used > 0
    placed[rows.of(outcome.allocated)[0]] = True
    placement = Placement(
        judgement=outcome.judgement,
        places=free_places(inputs),
        placed=placed,
        settled=turns.used >= turns.each,
        prices=outcome.prices,
        extra=extra_of(inputs, rows),
    )
    return placement.barrier(learner, vacancy)
