"""
What a round is computed from and what comes of it. Values only: no database, no clock.

`proposal.propose` makes an outcome of inputs, `standing.standing` tells where one pair stands.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Literal
from uuid import UUID, uuid5

import numpy as np
from numpy.typing import NDArray

from schemas.learner import LearnerProfile
from schemas.match import Match
from schemas.vacancy import VacancyProfile
from services.matcher.columns import Rows

Pair = tuple[UUID, UUID]  # (learner_id, vacancy_id), always in this order


def match_id(pair: Pair) -> UUID:
    """The identity of a match, whichever round proposes it."""
    learner_id, vacancy_id = pair
    return uuid5(vacancy_id, str(learner_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class Learner:
    """
    A learner as far as is known; rules, not the store, keep the unready ones out.

    ``completed_on`` None: not a completer. ``paused_until`` None while ``paused``: no end known.
    An erased learner is not among a round's learners at all.
    """

    learner_id: UUID
    profile: LearnerProfile
    completed_on: date | None = None
    paused: bool = False
    paused_until: date | None = None
    withdrawn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Vacancy:
    """A vacancy and its pledge; ``closed`` is the reason it takes nobody more."""

    vacancy_id: UUID
    profile: VacancyProfile
    closed: str | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """Why not: the rule, its words, what was found and what would do, the rules' version."""

    rule: str
    words: str
    value: str | None = None
    limit: str | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How places are given out; kept with the round, because a replay needs the same."""

    interviews_each: int = 1
    stickiness: int = 200  # ten-thousandths of score a current match may fall short
    rerouting: int = 500  # the same for who was refused by a peer employer: more than stickiness
    reserves: int = 5
    per_vacancy: int = 50
    per_learner: int = 20
    scattered: int = 10

    def __post_init__(self) -> None:
        """Refuse what no round could follow."""
        favours = (self.stickiness, self.rerouting)
        if self.interviews_each < 1 or min(favours) < 0 or max(favours) > 10_000:  # noqa: PLR2004  # 1.0
            raise ValueError("interviews_each is at least 1, stickiness and rerouting 0 to 10000")
        if min(self.reserves, self.per_vacancy, self.per_learner, self.scattered) < 0:
            raise ValueError("reserves, per_vacancy, per_learner and scattered are at least 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundInputs:
    """
    All a round depends on, besides its model and rules.

    Learners and vacancies are sorted by id (``ValueError`` otherwise). ``locks`` are the matches
    that keep their place, also those whose learner is not in the market any more: each uses up
    a place of its vacancy. ``current`` are the unlocked matches of the last round.
    ``rerouted`` are pairs to favour, because a peer employer refused and the learner consents.
    ``moved`` are positions coordinators gave, from 1. ``scores`` are those of an earlier
    outcome, in a replay.
    """

    market: str
    today: date
    learners: tuple[Learner, ...]
    vacancies: tuple[Vacancy, ...]
    locks: frozenset[Pair] = frozenset()
    excluded: frozenset[Pair] = frozenset()
    current: frozenset[Pair] = frozenset()
    rerouted: frozenset[Pair] = frozenset()
    moved: Mapping[Pair, int] = field(default_factory=dict)
    policy: Policy = field(default_factory=Policy)
    scores: NDArray[np.int16] | None = None

    def __post_init__(self) -> None:
        """Refuse rows out of order: the order of rows decides ties."""
        for name, ids in (
            ("learners", [row.learner_id for row in self.learners]),
            ("vacancies", [row.vacancy_id for row in self.vacancies]),
        ):
            if any(a >= b for a, b in pairwise(ids)):
                raise ValueError(f"{name} must be sorted by id, each once")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """
    What the places of a proven allocation are worth, in whole units of score (int64).

    ``gains`` is what one more place at each vacancy would gain the whole, ``losses`` what one
    fewer would lose it (without meaning where there is none). The claims are the learners' side
    of both. Whole *steps* of a cost are people's only interviews, or their turns.
    """

    gains: NDArray[np.int64]
    gain_claims: NDArray[np.int64]
    losses: NDArray[np.int64]
    loss_claims: NDArray[np.int64]
    step: int
    passes: int

    def cost(self, learner: int, vacancy: int, value: int) -> int:
        """At least this would be lost to the whole if the pair, by rows, were given a place."""
        gain = int(self.gain_claims[learner] + self.gains[vacancy])
        loss = int(self.loss_claims[learner] + self.losses[vacancy])
        return max(gain, loss) - value

    def costs_a_turn(self, cost: int) -> bool:
        """Whether *cost* is more than any difference of scores: somebody's interview or turn."""
        return 2 * cost > self.step


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """
    What shows that no allocation over all eligible pairs is better.

    ``optimal`` is False only if the check failed: such an outcome is not to be published.
    ``most`` is the largest number of learners who can be placed, counted another way;
    ``total_score`` is that of the matches without a lock, in ten-thousandths.
    """

    optimal: bool
    placed: int
    most: int
    total_score: int
    arcs: int
    eligible: int
    solves: int
    passes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unplaced:
    """
    Why a completer has no interview.

    ``reason`` is the rule that keeps them from most vacancies, or ``scarce`` when *learners*
    of them can reach only *places* places between them.
    """

    reason: str
    words: str
    learners: int = 0
    places: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortlist:
    """A vacancy's matches in order, then reserves; both as they go onto the topic."""

    vacancy_id: UUID
    matches: tuple[Match, ...]
    reserves: tuple[Match, ...]
    absences: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """
    Every pair of the market, learners x vacancies in the order of the inputs.

    ``rule`` (uint8) is 0 where all rules hold, else 1 + the place of the first failing one in
    ``rule_ids``; ``scores`` (int16) are ten-thousandths, -1 where a rule fails, except that
    a pair excluded by an earlier refusal keeps its score.
    """

    learners: Rows[Learner]
    vacancies: Rows[Vacancy]
    today: date
    rules_version: str
    model_version: str
    rule_ids: tuple[str, ...]
    rule: NDArray[np.uint8]
    scores: NDArray[np.int16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """
    What a round proposes.

    ``shortlists`` has every vacancy that is open or has a lock, by id; ``allocated`` every
    place given, locks included; ``unplaced`` the completers without one. ``prices`` is None
    only without a proof.
    """

    shortlists: tuple[Shortlist, ...]
    allocated: frozenset[Pair]
    unplaced: Mapping[UUID, Unplaced]
    judgement: Judgement
    prices: Prices | None
    proof: Proof
    rules_version: str
    model_version: str
    model_note: str
    solver: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where one learner stands on one vacancy, and the rule or place that would have to change."""

    standing: Literal["placed", "reserve", "absent"]
    position: int | None = None
    rule: str | None = None
    words: str
    value: str | None = None
    limit: str | None = None
    version: str | None = None
