"""
A round as it is computed, not yet anybody's truth: of a whole market, or one step on.

    NotOptimal   the allocation could not be proven best, so nothing of it is published
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from schemas.vacancy import VacancyProfile
from services.matcher import archive, publication, reckoning
from services.matcher.board import Board
from services.matcher.judged import NoRoom
from services.matcher.listing import Listing
from services.matcher.market import Pair, Policy, Shortlist
from services.matcher.pool import Pool, Warm
from services.matcher.proposal import propose
from services.matcher.rules import Rules
from services.matcher.scorer import Model
from services.matcher.snapshot import Made
from services.matcher.steps import Step

ROUNDS = UUID("c2f1b7b2-6b1e-5a35-9f6f-0b7a5f3c9d41")
LONGEST = 2_000  # steps that a replay may have to take from a whole round


class NotOptimal(Exception):
    """The allocation could not be proven best, so nothing of it is published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class By:
    """What a round is made by, beside its market."""

    today: date
    policy: Policy
    model: Model
    rules: Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """
    A computed round.

    ``shortlists`` are those that were written anew, None where a vacancy has none any more;
    ``marks`` what makes each news. ``inputs`` are kept packed: all of a whole round's, or the step
    from the round before. ``made`` is a whole round with all it was computed from.
    """

    round_id: UUID
    market: str
    by: By
    seen: int
    warm: Warm
    shortlists: dict[UUID, Shortlist | None]
    profiles: dict[UUID, VacancyProfile]
    marks: dict[UUID, str]
    given_up: dict[Pair, str]
    latest: datetime | None
    inputs: bytes
    inputs_digest: str
    outcome_digest: str
    decided_digest: str
    counts: dict[str, Any]
    made: Made | None = None


def draft(pool: Pool, by: By) -> Draft:
    """The pool's next round: one step on if it can be, else whole. Raises NotOptimal."""
    with pool.lock:
        if pool.warm and _goes_on(pool.warm, by):
            step, warm = pool.step(by.today), pool.lent()
            try:
                return _stepped(pool, warm, step, by)
            except NoRoom:
                pool.outgrown(warm, step)
        return _whole(pool, by)


def _goes_on(warm: Warm, by: By) -> bool:
    """Whether a step from the last round is what a round on that day, by those, would be."""
    judged = warm.board.judged
    here = (judged.today, judged.rules.version, judged.model.version, warm.board.policy)
    return warm.place < LONGEST and here == (
        by.today,
        by.rules.version,
        by.model.version,
        by.policy,
    )


def _whole(pool: Pool, by: By) -> Draft:
    inputs = pool.inputs(by.today, by.policy)
    outcome = propose(inputs, by.model, by.rules)
    if not outcome.proof.optimal:
        raise NotOptimal(f"market {pool.market}, revision {pool.seen}: no proof; see the log")
    round_id = _round_id(pool, by)
    board = Board.of(inputs, outcome, by.model, by.rules)
    listing = Listing(board=board)
    listing.begin(outcome.shortlists)
    written = archive.written(inputs, outcome.judgement.scores)
    return _drafted(
        pool,
        by,
        Warm(board=board, listing=listing, base_id=round_id, place=0, round_id=round_id, known={}),
        shortlists={row.vacancy_id: None for row in inputs.vacancies}
        | {row.vacancy_id: row for row in outcome.shortlists},
        inputs=written,
        said=archive.outcome_bytes(outcome),
        counts=reckoning.of_outcome(inputs, outcome),
        made=Made(
            round_id=round_id, inputs=inputs, outcome=outcome, model=by.model, rules=by.rules
        ),
    )


def _stepped(pool: Pool, warm: Warm, step: Step, by: By) -> Draft:
    board = warm.board
    touched = board.take(step)
    if not board.proven.holds():
        raise NotOptimal(f"market {pool.market}, revision {pool.seen}: a step without proof")
    shortlists = warm.listing.write(step, touched)
    return _drafted(
        pool,
        by,
        replace(warm, place=warm.place + 1, round_id=_round_id(pool, by)),
        shortlists=shortlists,
        inputs=archive.stepped(step, touched.judged),
        said=archive.said(row for row in shortlists.values() if row),
        counts=reckoning.of_board(board),
    )


def _drafted(  # noqa: PLR0913 - a round is many things
    pool: Pool,
    by: By,
    warm: Warm,
    *,
    shortlists: dict[UUID, Shortlist | None],
    inputs: bytes,
    said: bytes,
    counts: dict[str, Any],
    made: Made | None = None,
) -> Draft:
    profiles = {key: pool.vacancies[key].profile for key in shortlists}
    written = [row for row in shortlists.values() if row]
    verdicts = pool.verdicts(by.today)
    return Draft(
        round_id=warm.round_id,
        market=pool.market,
        by=by,
        seen=pool.seen,
        warm=warm,
        shortlists=shortlists,
        profiles=profiles,
        marks=publication.marks(written, profiles, verdicts.missed),
        given_up=dict(verdicts.given_up),
        latest=verdicts.latest,
        inputs=archive.packed(inputs),
        inputs_digest=archive.digest(inputs),
        outcome_digest=archive.digest(said),
        decided_digest=archive.digest(archive.decided(written)),
        counts=counts,
        made=made,
    )


def _round_id(pool: Pool, by: By) -> UUID:
    """The same for the same work, so that a round made again says the same events."""
    versions = f"{by.rules.version}/{by.model.version}"
    work = f"{pool.market}/{pool.last}/{pool.seen}/{by.today.isoformat()}/{versions}"
    return uuid5(ROUNDS, work)
