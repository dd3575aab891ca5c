"""A board whose market grew, or to which people and vacancies came with a past, is still right."""

import random
from dataclasses import replace

import pytest

from services.matcher.judged import NoRoom
from services.matcher.market import Policy
from services.matcher.proposal import propose
from tests.matcher.cohorts import cohort, learner, round_of, vacancy
from tests.matcher.test_board import MODEL, RULES, Kept, worth


@pytest.mark.parametrize("seed", range(4))
def test_a_market_that_began_empty_grows_to_the_optimum(seed: int) -> None:
    """What outweighs all scores is measured again before the market has outgrown it."""
    whole = cohort(seed, 24, 9, pledged=2)
    chance = random.Random(seed)
    people = chance.sample(whole.learners, len(whole.learners))
    kept = Kept(round_of([], []))
    for come in range(4, 28, 4):
        now = replace(
            whole,
            learners=tuple(sorted(people[:come], key=lambda row: row.learner_id)),
            vacancies=whole.vacancies[: come // 2],
            current=kept.board.pairs(),
        )
        before = kept.inputs
        try:
            kept.take(now)
        except NoRoom:
            kept = Kept(now)
        best = propose(now, MODEL, RULES)
        asked = replace(now, current=before.current)
        assert worth(asked, kept.board.pairs(), best)[:2] == worth(asked, best.allocated, best)[:2]


def test_a_market_that_multiplied_its_places_is_laid_out_anew() -> None:
    kept = Kept(round_of([learner(n) for n in range(1, 9)], [vacancy(1)]))
    with pytest.raises(NoRoom, match="places"):
        kept.take(replace(kept.inputs, vacancies=(vacancy(1, interviews=8),)))


def test_who_comes_with_a_locked_match_is_listed_there_and_gets_no_second_place() -> None:
    """A learner who moved into the market has a place at one of its vacancies already."""
    newcomer = learner(5)
    one = vacancy(1, interviews=3)
    locks = frozenset({(newcomer.learner_id, one.vacancy_id)})
    kept = Kept(round_of([learner(1)], [one], locks=locks, policy=Policy(interviews_each=2)))
    kept.take(replace(kept.inputs, learners=(learner(1), newcomer)))
    assert (newcomer.learner_id, one.vacancy_id) not in kept.board.pairs()
    listed = next(iter(kept.listing.shortlists.values()))
    assert {match.learner_id: match.locked for match in listed.matches} == {
        learner(1).learner_id: False,
        newcomer.learner_id: True,
    }


def test_a_vacancy_that_joins_a_pledge_is_not_for_whom_it_has_a_lock() -> None:
    """One interview of a joint pledge is one, whichever employer joins it later."""
    first = vacancy(1, interviews=3, joint_pledge="shared")
    locks = frozenset({(learner(1).learner_id, first.vacancy_id)})
    policy = Policy(interviews_each=2)
    kept = Kept(round_of([learner(1), learner(2)], [first], locks=locks, policy=policy))
    second = vacancy(2, interviews=3, joint_pledge="shared")
    kept.take(replace(kept.inputs, vacancies=(first, second)))
    assert {learner_id for learner_id, _ in kept.board.pairs()} == {learner(2).learner_id}


def test_a_match_that_is_not_locked_any_more_still_stands() -> None:
    """An approval undone: who had the place keeps it against somebody a little better."""
    holder, better, other = learner(1), learner(2), learner(3)
    one, two = vacancy(1), vacancy(2)
    pair = (holder.learner_id, one.vacancy_id)
    apart = {(holder, two), (better, two), (other, one)}
    kept = Kept(
        round_of(
            [holder, better, other],
            [one, two],
            locks=frozenset({pair}),
            excluded=frozenset((who.learner_id, at.vacancy_id) for who, at in apart),
        )
    )
    kept.board.judged.scores[1, 0] += 100  # less than a standing match may fall short
    kept.board.residual.values[1, 0] += 100
    kept.board.residual.rebuild()
    kept.take(replace(kept.inputs, locks=frozenset()))
    assert pair in kept.board.pairs()
    assert int(kept.board.residual.values[0, 0] - kept.board.judged.scores[0, 0]) == 200


def test_a_match_of_a_joint_pledge_that_is_not_locked_any_more_stands_where_it_stood() -> None:
    """Another vacancy of the pledge is better, by less than a standing match is favoured."""
    who, shared = learner(1), {"joint_pledge": "shared", "interviews": 3}
    near, far = vacancy(1, **shared), vacancy(2, outcode="B18", **shared)
    scores = Kept(round_of([who], [near, far])).board.judged.scores[0, :2].tolist()
    assert 0 < abs(scores[0] - scores[1]) < Policy().stickiness
    worse = (near, far)[scores.index(min(scores))]
    pair, rest = (who.learner_id, worse.vacancy_id), [learner(2), learner(3)]
    kept = Kept(round_of([who, *rest], [near, far], locks=frozenset({pair})))
    kept.take(replace(kept.inputs, locks=frozenset()))
    assert pair in kept.board.pairs()
