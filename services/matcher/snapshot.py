"""A board as the inputs and the outcome of a round, to answer from: copies, sorted by id."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from services.matcher.blocking import blocked, most
from services.matcher.board import Board
from services.matcher.flow import SOLVER, Ints
from services.matcher.listing import Listing
from services.matcher.market import Judgement, Outcome, Prices, Proof, RoundInputs
from services.matcher.placement import rows_of
from services.matcher.pledges import pledges_of
from services.matcher.proven import is_proven
from services.matcher.rules import Rules
from services.matcher.scorer import Model
from services.matcher.unplaced import unplaced


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A round with all it was computed from and by."""

    round_id: UUID
    inputs: RoundInputs
    outcome: Outcome
    model: Model
    rules: Rules


def taken(board: Board, listing: Listing, round_id: UUID) -> Made:
    """What the round *round_id*, the last step of *board*, was made from and came to."""
    rows = _by_id([row.learner_id for row in board.learners])
    columns = _by_id([row.vacancy_id for row in board.vacancies])
    inputs = RoundInputs(
        market=board.market,
        today=board.today,
        learners=tuple(board.learners[row] for row in rows.tolist()),
        vacancies=tuple(board.vacancies[column] for column in columns.tolist()),
        locks=frozenset(board.decided.locks),
        excluded=frozenset(board.decided.excluded),
        current=board.pairs(),
        rerouted=frozenset(board.decided.rerouted),
        moved=dict(board.decided.moved),
        policy=board.policy,
    )
    return Made(
        round_id=round_id,
        inputs=inputs,
        outcome=_outcome(board, listing, inputs),
        model=board.judged.model,
        rules=board.judged.rules,
    )


def _outcome(board: Board, listing: Listing, inputs: RoundInputs) -> Outcome:
    judged, placement = board.judged, listing.placement()
    rows = np.array([judged.row_of[row.learner_id] for row in inputs.learners], dtype=np.intp)
    columns = np.array(
        [judged.column_of[row.vacancy_id] for row in inputs.vacancies], dtype=np.intp
    )
    at = np.ix_(rows, columns)
    judgement = Judgement(
        learners=judged.learners.picked(rows),
        vacancies=judged.vacancies.picked(columns),
        today=judged.today,
        rules_version=judged.rules.version,
        model_version=judged.model.version,
        rule_ids=judged.rules.ids,
        rule=judged.rule[at],
        scores=judged.scores[at],
    )
    used, placed = board.residual.used[rows], placement.placed[rows]
    pledges = pledges_of(inputs.vacancies)
    pools = placement.places[columns][pledges.first]
    eligible = pledges.merged((judgement.rule == 0) & (used == 0)[:, None])
    learners, vacancies = rows_of(inputs).of(inputs.current)
    sets = list(blocked(eligible, (learners, pledges.of[vacancies]), pools))
    bound = int((used > 0).sum()) + most(eligible, pools, sets)
    return Outcome(
        shortlists=tuple(
            listing.shortlists[column]
            for column in columns.tolist()
            if column in listing.shortlists
        ),
        allocated=inputs.locks | inputs.current,
        unplaced=unplaced(inputs, judged.rules, judgement, placed, sets),
        judgement=judgement,
        prices=placement.prices and _sorted(placement.prices, rows, columns),
        proof=Proof(
            optimal=is_proven(board.residual) and bound == int(placed.sum()),
            placed=int(placed.sum()),
            most=bound,
            total_score=int(judgement.scores[learners, vacancies].sum()),
            arcs=int((board.residual.values >= 0).sum()),
            eligible=int((judgement.rule == 0).sum()),
            solves=0,
            passes=0,
        ),
        rules_version=judged.rules.version,
        model_version=judged.model.version,
        model_note=judged.model.note,
        solver=SOLVER,
    )


def _sorted(prices: Prices, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Prices:
    return Prices(
        gains=prices.gains[columns],
        gain_claims=prices.gain_claims[rows],
        losses=prices.losses[columns],
        loss_claims=prices.loss_claims[rows],
        step=prices.step,
        passes=prices.passes,
    )


def _by_id(ids: Sequence[Any]) -> Ints:
    """The places of *ids* in order of id."""
    return np.array(sorted(range(len(ids)), key=ids.__getitem__), dtype=np.int64)
