"""A round, from rows to shortlists; the same inputs give the same outcome, byte for byte."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from services.matcher.allocation import Allocation, allocate
from services.matcher.blocking import blocked, most
from services.matcher.flow import SOLVER, Ints, Turns
from services.matcher.judgement import judge
from services.matcher.lines import known_lines
from services.matcher.market import Judgement, Outcome, Proof, RoundInputs
from services.matcher.placement import (
    Placement,
    Rows,
    extra_of,
    free_places,
    rows_of,
    top_of,
    turns_of,
)
from services.matcher.pledges import pledges_of
from services.matcher.rules import Rules
from services.matcher.scorer import Model
from services.matcher.shortlist import Shortlists
from services.matcher.unplaced import unplaced


def propose(
    inputs: RoundInputs, model: Model, rules: Rules, *, earlier: Outcome | None = None
) -> Outcome:
    """
    The shortlists of a market, and the proof that none better exist.

    Raises CostsTooLarge for a market too large for exact costs, and ``ValueError`` for stored
    scores of another shape.
    """
    judgement = judge(inputs, model, rules, earlier.judgement if earlier else None)
    rows, places = rows_of(inputs), free_places(inputs)
    turns, locks = turns_of(inputs, rows), rows.of(inputs.locks)
    joint, values = pledges_of(inputs.vacancies), _values(inputs, judgement, rows)
    joint.barred(values, *locks)
    pools = places[joint.first]
    made = allocate(joint.merged(values), pools, turns, inputs.policy, top=top_of(inputs.policy))
    allocation = joint.given(made, values)

    taken = (
        np.concatenate([locks[0], allocation.learners]),
        np.concatenate([locks[1], allocation.vacancies]),
    )
    placed = turns.used > 0
    placed[taken[0]] = True
    eligible = joint.merged((judgement.rule == 0) & (turns.used == 0)[:, None])
    sets = list(blocked(eligible, (made.learners, made.vacancies), pools))
    bound = int((turns.used > 0).sum()) + most(eligible, pools, sets)
    placement = _placement(judgement, allocation, places, placed, turns)
    placement = replace(placement, extra=extra_of(inputs, rows))
    return Outcome(
        shortlists=Shortlists(
            inputs=inputs,
            model=model,
            placement=placement,
        ).all(_by_vacancy(taken), known_lines(inputs, model, earlier)),
        allocated=inputs.locks
        | {
            (inputs.learners[i].learner_id, inputs.vacancies[j].vacancy_id)
            for i, j in zip(allocation.learners, allocation.vacancies, strict=True)
        },
        unplaced=unplaced(inputs, rules, judgement, placed, sets),
        judgement=judgement,
        prices=allocation.prices,
        proof=Proof(
            optimal=allocation.prices is not None and bound == int(placed.sum()),
            placed=int(placed.sum()),
            most=bound,
            total_score=int(judgement.scores[allocation.learners, allocation.vacancies].sum()),
            arcs=allocation.arcs,
            eligible=int((judgement.rule == 0).sum()),
            solves=allocation.solves,
            passes=allocation.passes,
        ),
        rules_version=rules.version,
        model_version=model.version,
        model_note=model.note,
        solver=SOLVER,
    )


def _values(inputs: RoundInputs, judgement: Judgement, rows: Rows) -> NDArray[np.int16]:
    """What the flow maximises: scores, more where a match stands or a peer employer refused."""
    values = np.where(judgement.rule == 0, judgement.scores, np.int16(-1))
    current = rows.of(inputs.current)
    values[current] += np.where(values[current] >= 0, np.int16(inputs.policy.stickiness), 0)
    rerouted = rows.of(inputs.rerouted)
    values[rerouted] += np.where(values[rerouted] >= 0, np.int16(inputs.policy.rerouting), 0)
    return values


def _placement(
    judgement: Judgement,
    allocation: Allocation,
    places: Ints,
    placed: NDArray[np.bool_],
    turns: Turns,
) -> Placement:
    return Placement(
        judgement=judgement,
        places=places,
        placed=placed,
        settled=turns.used >= turns.each,
        prices=allocation.prices,
    )


def _by_vacancy(taken: tuple[Ints, Ints]) -> dict[int, Ints]:
    """Learner rows by vacancy row, both rising."""
    order = np.lexsort(taken)
    learners, vacancies = taken[0][order], taken[1][order]
    found, starts = np.unique(vacancies, return_index=True)
    # numpy splits nothing into one empty part
    parts = np.split(learners, starts[1:]) if len(starts) else []
    return dict(zip(found.tolist(), parts, strict=True))
