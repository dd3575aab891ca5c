"""A market kept up step by step is as a round over all of it would have it."""

import random
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

import numpy as np
import pytest

from services.matcher.board import Board
from services.matcher.judged import NoRoom
from services.matcher.listing import Listing
from services.matcher.market import Outcome, Pair, Policy, RoundInputs, Vacancy
from services.matcher.prior import fitted
from services.matcher.proposal import propose
from services.matcher.proven import is_proven
from services.matcher.repair import is_level
from services.matcher.rules import Rules
from services.matcher.steps import Step
from tests.matcher.cohorts import TODAY, cohort, learner, round_of, vacancy

MODEL, RULES = fitted(), Rules.load()


@dataclass
class Kept:
    """A market on a board, and all its inputs beside it."""

    inputs: RoundInputs
    board: Board = field(init=False)
    listing: Listing = field(init=False)

    def __post_init__(self) -> None:
        outcome = propose(self.inputs, MODEL, RULES)
        self.board = Board.of(self.inputs, outcome, MODEL, RULES)
        self.listing = Listing(board=self.board)
        self.listing.begin(outcome.shortlists)
        self.inputs = replace(self.inputs, current=self.board.pairs())

    def take(self, now: RoundInputs) -> set[UUID]:
        """Go on to *now*; the vacancies whose shortlists were written anew."""
        step = Step.between(self.inputs, now)
        written = self.listing.write(step, self.board.take(step))
        self.inputs = replace(now, current=self.board.pairs())
        return set(written)


def changed(inputs: RoundInputs, chance: random.Random, placed: frozenset[Pair]) -> RoundInputs:
    """Anything that can happen between two rounds, some of it at once."""
    learners = {row.learner_id: row for row in inputs.learners}
    vacancies = {row.vacancy_id: row for row in inputs.vacancies}
    fresh = cohort(chance.randrange(10**6), 30, 12, pledged=3)
    for row in chance.sample(fresh.learners, chance.randint(0, 3)):
        done = chance.choice(
            (row.completed_on, None, TODAY - timedelta(days=chance.randint(1, 60)))
        )
        learners[row.learner_id] = replace(row, completed_on=done, withdrawn=chance.random() < 0.1)
    for other in chance.sample(fresh.vacancies, chance.randint(0, 2)):
        key = chance.choice((None, "shared")) if chance.random() < 0.2 else None
        known = vacancies.get(other.vacancy_id)
        joint = known.profile.joint_pledge if known else key
        profile = other.profile.model_copy(update={"joint_pledge": joint})
        closed = "closed" if chance.random() < 0.2 else None
        vacancies[other.vacancy_id] = Vacancy(
            vacancy_id=other.vacancy_id, profile=profile, closed=closed
        )
    locks, excluded = set(inputs.locks), set(inputs.excluded)
    for pair in chance.sample(sorted(placed), min(len(placed), chance.randint(0, 2))):
        (locks if chance.random() < 0.7 else excluded).add(pair)
    for pair in chance.sample(sorted(locks), min(len(locks), chance.randint(0, 1))):
        locks.remove(pair)
        excluded |= {pair} if chance.random() < 0.5 else set()
    anybody = [(a, b) for a in sorted(learners) for b in sorted(vacancies)]
    return replace(
        inputs,
        learners=tuple(row for _, row in sorted(learners.items())),
        vacancies=tuple(row for _, row in sorted(vacancies.items())),
        locks=frozenset(locks),
        excluded=frozenset(excluded - locks),
        rerouted=frozenset(chance.sample(anybody, 3)) - locks - excluded,
        moved=dict(inputs.moved)
        | dict.fromkeys(chance.sample(sorted(placed), min(1, len(placed))), 1),
    )


def worth(inputs: RoundInputs, outcome_pairs: frozenset[Pair], outcome: Outcome) -> tuple[int, ...]:
    """The tiers of an allocation: learners placed, days waited by them, scores and favours."""
    row_of = {row.learner_id: i for i, row in enumerate(inputs.learners)}
    column_of = {row.vacancy_id: i for i, row in enumerate(inputs.vacancies)}
    placed = {learner_id for learner_id, _ in outcome_pairs} & row_of.keys()
    since = {row.learner_id: row.completed_on or TODAY for row in inputs.learners}
    own = [pair for pair in outcome_pairs - inputs.locks if pair[0] in row_of]
    total = sum(
        int(outcome.judgement.scores[row_of[a], column_of[b]])
        + inputs.policy.stickiness * ((a, b) in inputs.current)
        + inputs.policy.rerouting * ((a, b) in inputs.rerouted)
        for a, b in own
    )
    return len(placed), sum((TODAY - since[each]).days for each in placed), len(own), total


def listed(outcome: Outcome) -> dict[UUID, tuple[frozenset[UUID], int, dict[str, int]]]:
    return {
        row.vacancy_id: (
            frozenset(match.learner_id for match in row.matches),
            len(row.reserves),
            dict(row.absences),
        )
        for row in outcome.shortlists
    }


@pytest.mark.parametrize("each", [1, 2])
@pytest.mark.parametrize("seed", range(6))
def test_step_by_step_is_as_good_as_all_at_once(seed: int, each: int) -> None:
    """Whatever changes, the board has the optimum of all three tiers, with its proof."""
    chance = random.Random(seed)
    kept = Kept(cohort(seed, 24, 9, pledged=3, policy=Policy(interviews_each=each)))
    for _ in range(6):
        now = changed(kept.inputs, chance, kept.board.pairs())
        # a match whose lock went stands as one of the last round does
        stood = (now.current | (kept.inputs.locks - now.locks)) - now.locks
        whole = propose(replace(now, current=stood), MODEL, RULES)
        try:
            kept.take(now)
        except NoRoom:
            kept = Kept(now)
            continue
        assert is_level(kept.board.residual)
        assert is_proven(kept.board.residual)
        here = kept.board.pairs() | now.locks
        asked = replace(now, current=stood)
        assert worth(asked, here, whole) == worth(asked, whole.allocated, whole)
        assert_same_verdicts(kept, whole)


def assert_same_verdicts(kept: Kept, whole: Outcome) -> None:
    judged = kept.board.judged
    rows = [judged.row_of[row.learner_id] for row in whole.judgement.learners]
    columns = [judged.column_of[row.vacancy_id] for row in whole.judgement.vacancies]
    assert np.array_equal(judged.rule[np.ix_(rows, columns)], whole.judgement.rule)
    assert np.array_equal(judged.scores[np.ix_(rows, columns)], whole.judgement.scores)
    counted = [np.bincount(row, minlength=judged.tally.shape[1]) for row in whole.judgement.rule]
    assert np.array_equal(judged.tally[rows], counted)


@pytest.mark.parametrize("seed", range(6))
def test_only_lists_that_differ_need_writing(seed: int) -> None:
    """Every list that was not written anew is what writing all of them anew would give."""
    chance = random.Random(seed)
    kept = Kept(cohort(seed + 50, 30, 10, pledged=2))
    for _ in range(6):
        now = changed(kept.inputs, chance, kept.board.pairs())
        step = Step.between(kept.inputs, now)
        try:
            touched = kept.board.take(step)
        except NoRoom:
            kept = Kept(now)
            continue
        kept.listing.write(step, touched)
        kept.inputs = replace(now, current=kept.board.pairs())
        left = {key: members(row) for key, row in kept.listing.shortlists.items()}
        everything = replace(touched, vacancies=frozenset(range(len(kept.board.vacancies))))
        again = replace(step, learners=kept.inputs.learners, vacancies=kept.inputs.vacancies)
        kept.listing.write(again, everything)
        assert {key: members(row) for key, row in kept.listing.shortlists.items()} == left


def members(shortlist: object) -> list[tuple[UUID, int, bool]]:
    return [
        (match.learner_id, match.position, match.locked)
        for match in (*shortlist.matches, *shortlist.reserves)  # type: ignore[attr-defined]
    ]


def test_a_newcomer_touches_no_list_but_their_own() -> None:
    kept = Kept(round_of([learner(n, outcode="CV1") for n in range(1, 4)],
                         [vacancy(n, interviews=9, outcode="CV1") for n in range(1, 4)],
                         policy=Policy(reserves=0)))  # fmt: skip
    joined = replace(kept.inputs, learners=(*kept.inputs.learners, learner(9, outcode="CV1")))
    assert len(kept.take(joined)) == 1


def test_a_market_that_outgrew_its_board_says_so() -> None:
    kept = Kept(round_of([learner(1)], [vacancy(1)]))
    many = replace(kept.inputs, learners=tuple(learner(n) for n in range(1, 1200)))
    with pytest.raises(NoRoom, match="1199 rows, room for"):
        kept.take(many)


def test_where_every_place_is_locked_the_next_one_goes_by_the_tiers_too() -> None:
    """With two interviews each: a market that had no place to give yet weighs them all the same."""
    people = [learner(n) for n in range(1, 4)]
    inputs = round_of(people, [vacancy(1, interviews=1), vacancy(2, interviews=1)],
                      policy=Policy(interviews_each=2))  # fmt: skip
    locks = frozenset({(people[0].learner_id, row.vacancy_id) for row in inputs.vacancies})
    kept = Kept(replace(inputs, locks=locks))
    free = max(locks)
    kept.take(replace(kept.inputs, locks=locks - {free}, excluded=frozenset({free})))
    assert is_proven(kept.board.residual)
    assert len(kept.board.pairs()) == 1


def test_a_board_is_where_its_steps_led() -> None:
    """The same steps from the same start end in the same bytes."""
    ends = []
    for _ in range(2):
        chance = random.Random(5)
        kept = Kept(cohort(5, 20, 8, pledged=2))
        for _ in range(4):
            kept.take(changed(kept.inputs, chance, kept.board.pairs()))
        ends.append([row.matches for _, row in sorted(kept.listing.shortlists.items())])
    assert ends[0] == ends[1]
