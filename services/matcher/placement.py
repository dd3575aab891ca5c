"""What a round gave, by rows of its market, and what stands between a learner and a place."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from services.matcher.flow import Ints, Turns
from services.matcher.market import (
    Failure,
    Judgement,
    Learner,
    Pair,
    Policy,
    Prices,
    RoundInputs,
)
from services.matcher.pledges import pledged, pledges_of
from services.matcher.scorer import UNIT

PLACED_ELSEWHERE = "placed-elsewhere"
OUTRANKED = "outranked"
WORDS = {
    OUTRANKED: (
        "Every place here goes to somebody who has waited longer or could be placed nowhere else",
        (
            "Every place here goes to people who, taken together, fit better or have waited "
            "longer; a place for this learner would be taken from somebody else"
        ),
        "Every place here goes to people who have waited as long and fit as well",
    ),
    PLACED_ELSEWHERE: (
        "Has a place elsewhere; a place here would take somebody else's only interview, or turn",
        "Has a place elsewhere, which is better for everybody taken together than one here",
        "Has a place elsewhere, which is as good for everybody taken together as one here",
    ),
}
# an integer score is so many parts of one percent
PERCENT = 100
YET = 400  # days that may go by before whoever completes then would have waited less than 0
LONGEST = 8_191  # days of waiting that are told apart: over twenty years


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The places of ids in the inputs."""

    learners: dict[UUID, int]
    vacancies: dict[UUID, int]

    def of(self, pairs: Iterable[Pair]) -> tuple[Ints, Ints]:
        """Rows of the pairs whose learner and vacancy are both in the market."""
        known = sorted(
            (self.learners[learner_id], self.vacancies[vacancy_id])
            for learner_id, vacancy_id in pairs
            if learner_id in self.learners and vacancy_id in self.vacancies
        )
        both = np.array(known, dtype=np.int64).reshape(-1, 2)
        return both[:, 0], both[:, 1]


def rows_of(inputs: RoundInputs) -> Rows:
    return Rows(
        learners={row.learner_id: i for i, row in enumerate(inputs.learners)},
        vacancies={row.vacancy_id: i for i, row in enumerate(inputs.vacancies)},
    )


def free_places(inputs: RoundInputs) -> Ints:
    """Interviews of each vacancy's pledge less those locked matches use, never below 0."""
    joint = pledges_of(inputs.vacancies)
    row = {each.vacancy_id: i for i, each in enumerate(inputs.vacancies)}
    locked = [row[vacancy_id] for _, vacancy_id in inputs.locks if vacancy_id in row]
    taken = np.bincount(joint.of[locked], minlength=len(joint.first))
    left: Ints = np.maximum(pledged(inputs.vacancies, joint) - taken[joint.of], 0)
    return left


def turns_of(inputs: RoundInputs, rows: Rows) -> Turns:
    """Whose turn comes first, and what locks have used of each learner's interviews."""
    used = np.zeros(len(inputs.learners), dtype=np.int64)
    for learner_id, _ in inputs.locks:
        if learner_id in rows.learners:
            used[rows.learners[learner_id]] += 1
    waiting = days_waited(inputs.learners, inputs.today)
    return Turns(waiting=waiting, used=used, each=inputs.policy.interviews_each)


def days_waited(learners: Sequence[Learner], today: date) -> Ints:
    """
    Days each learner has waited, and `YET` more, int64 [learners]; no days before completion.

    Days and not ranks: nobody's number depends on who else is there.
    """
    days = [(today - (row.completed_on or today)).days + YET for row in learners]
    return np.clip(np.array(days, dtype=np.int64), 0, LONGEST)


def top_of(policy: Policy) -> int:
    """The most a pair can be worth: the best score and every favour."""
    return UNIT + policy.stickiness + policy.rerouting


def extra_of(inputs: RoundInputs, rows: Rows) -> dict[tuple[int, int], int]:
    """What the pairs that a peer employer's refusal favours are worth beyond their score."""
    learners, vacancies = rows.of(inputs.rerouted)
    pairs = zip(learners.tolist(), vacancies.tolist(), strict=True)
    return dict.fromkeys(pairs, inputs.policy.rerouting)


def is_completer(learner: Learner, today: date) -> bool:
    """Whether the scheme owes this learner an interview."""
    done = learner.completed_on
    return done is not None and done <= today and not learner.withdrawn


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """
    A round's matches and prices.

    ``placed`` and ``settled`` are one boolean a learner: has a place; can have no other,
    because approved matches are all the interviews they may have. ``extra`` is what pairs, by
    rows, are favoured by beyond their score.
    """

    judgement: Judgement
    places: Ints
    placed: NDArray[np.bool_]
    settled: NDArray[np.bool_]
    prices: Prices | None
    extra: Mapping[tuple[int, int], int] = field(default_factory=dict)

    def barrier(self, learner: int, vacancy: int) -> Failure:
        """
        Why an eligible learner has no place here, in words without a figure.

        ``value`` is the score and ``limit`` how much more is lacking at least, if that is all, in
        whole percent: the estimate is no finer, and a part of a point left off keeps it true.
        """
        rule = PLACED_ELSEWHERE if self.placed[learner] else OUTRANKED
        if self.settled[learner]:
            return Failure(rule, "Has an approved interview elsewhere")
        if self.prices is None:
            return Failure(rule, "The allocation could not be proven best")
        if not self.places[vacancy]:
            return Failure(rule, "Every interview pledged here has an approved match")
        score = int(self.judgement.scores[learner, vacancy])
        value = score + self.extra.get((learner, vacancy), 0)
        short = self.prices.cost(learner, vacancy, value)
        dear, near, even = WORDS[rule]
        if self.prices.costs_a_turn(short):
            return Failure(rule, dear)
        if short <= 0:
            return Failure(rule, even)
        chance = f"{percent(score)} estimated chance that an interview here leads to a start"
        return Failure(rule, near, chance, points(short))


def percent(score: int) -> str:
    """Such as ``7%``."""
    return f"{score / PERCENT:.0f}%" if score >= PERCENT else "under 1%"


def points(short: int) -> str:
    """Such as ``at least 20 points more``."""
    whole = int(short) // PERCENT
    return f"at least {whole} point{'s' * (whole != 1)} more" if whole else "under 1 point more"
