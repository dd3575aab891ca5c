"""Where much keeps people out: every kind of change is proven by rounds, and by real events."""

from datetime import timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.learner import LearnerChanged
from schemas.vacancy import VacancyChanged
from services.matcher.barriers import barrier_report
from services.matcher.case import Case
from services.matcher.changes import WHO, Change, applied
from services.matcher.explanation import explanation
from services.matcher.ladders import for_learner, for_pair, pledge
from services.matcher.market import Outcome, Pair
from services.matcher.proposal import propose
from services.matcher.rule_changes import without
from services.matcher.trials import Trials
from services.matcher.unlock import unlock_report
from tests import make
from tests.matcher import happened
from tests.matcher.cohorts import learner, round_of, vacancy
from tests.matcher.happened import later
from tests.matcher.scene import FIVE, VACANCY, Scene
from tests.matcher.test_explanation import case_of, opens
from tests.matcher.tight import tight_case

# by seed, learner and vacancy: places which between them are opened by every kind of change
SHUT = [
    (0, 4, 0), (0, 4, 2), (1, 2, 0), (1, 4, 2), (1, 6, 0), (2, 8, 2), (3, 5, 3), (5, 7, 0),
    (12, 8, 1), (94, 0, 0),
]  # fmt: skip


# and markets where every kind places somebody, and every rule but those on age keeps somebody out
UNLOCKED, BARRED = (2, 3, 11, 12, 23), (2, 3, 18, 23)


def proven(case: Case, outcome: Outcome, who: int, where: int) -> set[str]:
    """The kinds of change that open a place: a round with each does, with a step less does not."""
    row, other = case.inputs.learners[who], case.inputs.vacancies[where]
    pair: Pair = row.learner_id, other.vacancy_id
    said = explanation(case, outcome, *pair)
    ladders = for_pair(row, other, case.inputs, case.rules)
    for change in said.changes:
        assert opens(case, change, pair)
        (ladder,) = (each for each in ladders if change in each)
        if at := ladder.index(change):
            assert not opens(case, ladder[at - 1], pair)
    return {change.kind for change in said.changes}


def test_every_kind_of_change_opens_somewhere_and_the_step_below_does_not() -> None:
    kinds: set[str] = set()
    for seed, who, where in SHUT:
        kinds |= proven(*tight_case(seed, 9, 4), who, where)
    assert kinds == WHO.keys()


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000), who=st.integers(0, 8), where=st.integers(0, 3))
def test_in_any_tight_market_a_change_opens_and_the_step_below_does_not(
    seed: int, who: int, where: int
) -> None:
    proven(*tight_case(seed, 9, 4), who, where)


def unlocked(case: Case, outcome: Outcome) -> set[str]:
    """The kinds that place somebody: with each they have an interview, with less they have none."""
    kinds = set()
    for unlock in unlock_report(case, outcome).unlocks:
        who, kind = unlock.learner_id, unlock.change.kind
        made = applied(case, unlock.change).outcome()
        assert (who, unlock.vacancy_id) in made.allocated
        for change in smaller(case, outcome, who, unlock.change):
            assert who in applied(case, change).outcome().unplaced
        kinds.add(kind)
    return kinds


def smaller(case: Case, outcome: Outcome, who: UUID, change: Change) -> list[Change]:
    """The steps below; for interviews, fewer on any vacancy they may have."""
    if change.kind == "pledge":
        row = [each.learner_id for each in case.inputs.learners].index(who)
        rules = outcome.judgement.rule[row]
        may = [v for v, rule in zip(case.inputs.vacancies, rules, strict=True) if not rule]
        return [pledge(v, n) for v in may for n in range(1, int(change.amount))]
    ladders = for_learner(case.learner(who), case.inputs.vacancies, case.inputs.today, case.rules)
    return [step for each in ladders if change in each for step in each[: each.index(change)]]


def test_every_kind_of_unlock_places_and_the_step_below_does_not() -> None:
    kinds: set[str] = set()
    for seed in UNLOCKED:
        kinds |= unlocked(*tight_case(seed, 9, 4))
    # a later start is only said where an earlier day would not do: see test_unlock.py
    assert kinds == {"reach", "free-from", "break", "holds", "subject", "pledge", "open-to"}


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_in_any_tight_market_an_unlock_places_and_the_step_below_does_not(seed: int) -> None:
    unlocked(*tight_case(seed, 9, 4))


def test_a_smaller_step_that_looked_unlikely_is_found_all_the_same() -> None:
    who, where = learner(1, max_miles=5, outcode="WV1"), vacancy(1, outcode="B5")
    case, outcome = case_of(round_of([who], [where]))
    (found, *_) = explanation(case, outcome, who.learner_id, where.vacancy_id).changes
    miles = next(each for each in for_pair(who, where, case.inputs, case.rules) if found in each)
    trials = Trials(case=case, base=case.outcome(outcome), most=40)
    likely = [change.amount >= found.amount + 3 for change in miles]
    smallest = trials.smallest(miles, likely, lambda made: not made.unplaced)
    assert smallest
    assert smallest[0] == found


def test_whom_one_rule_alone_keeps_out_a_round_without_it_lets_in() -> None:
    """For every rule that can be given up and keeps somebody out somewhere."""
    rules: set[str] = set()
    for seed in BARRED:
        rules |= admitted(*tight_case(seed, 9, 4))
    assert rules == {
        "travel-reach", "start-date", "learner-choice", "paused", "programme", "essential-needs",
        "english-maths",
    }  # fmt: skip


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_in_any_tight_market_barriers_are_those_of_a_round_without_the_rule(seed: int) -> None:
    admitted(*tight_case(seed, 20, 2))


def admitted(case: Case, outcome: Outcome) -> set[str]:
    """The rules that alone keep somebody out: exactly those whom a round without it lets in."""
    found = {each.rule: list(each.learners) for each in barrier_report(case).barriers}
    for rule, learners in found.items():
        after = propose(case.inputs, case.model, without(case.rules, rule)).judgement.rule
        let_in = [
            row.learner_id
            for row, was, now in zip(
                case.inputs.learners, outcome.judgement.rule, after, strict=True
            )
            if was.all() and not now.all()
        ]
        assert learners == let_in
    return {*found}


def last_case(scene: Scene) -> tuple[Case, Outcome]:
    """What the next round would be computed from, after the last."""
    pool = scene.rounds.pools["west-midlands"]
    made = pool.made(pool.warm.round_id) if pool.warm else None
    assert made
    case = Case.after(made.inputs, made.outcome, scene.rounds.models.current, scene.rounds.rules)
    return case, made.outcome


async def test_a_change_that_is_told_as_an_event_opens_the_place_it_was_said_to(
    scene: Scene,
) -> None:
    """A mile less is told first, and opens nothing."""
    who = FIVE[0]
    await scene.tell(*happened.completer(who, outcode="WV1", max_miles=5.0))
    await scene.tell(happened.pledge(VACANCY, outcode="B5"))
    await scene.round()
    assert await scene.places(VACANCY) == []
    (change, *_) = explanation(*last_case(scene), who, VACANCY).changes
    assert change.kind == "reach"

    for less in (1, 0):
        miles = change.facts["max_miles"] - less
        profile = make.learner_profile(outcode="WV1", max_miles=miles)
        await scene.tell(
            LearnerChanged(
                event_id=UUID(int=less + 1), occurred_at=later(), learner_id=who, learner=profile
            )
        )
        await scene.round()
        assert await scene.places(VACANCY) == ([] if less else [who])


async def test_an_unlock_that_is_told_as_an_event_places_who_it_was_said_to(scene: Scene) -> None:
    first, second = FIVE[:2]
    for learner_id, days in ((first, 20), (second, 1)):
        enrolled, _ = happened.completer(learner_id)
        day = make.NOON.date() - timedelta(days=days)
        await scene.tell(enrolled, make.completed(learner_id=learner_id, completed_on=day))
    pledged = happened.pledge(VACANCY, interviews=1)
    await scene.tell(pledged)
    await scene.round()
    assert await scene.places(VACANCY) == [first]
    (unlock,) = unlock_report(*last_case(scene)).unlocks
    assert (unlock.learner_id, unlock.change.kind) == (second, "pledge")

    profile = pledged.vacancy.model_copy(update=dict(unlock.change.facts))
    changed = VacancyChanged(
        event_id=UUID(int=1), occurred_at=later(), vacancy_id=unlock.vacancy_id, vacancy=profile
    )
    await scene.tell(changed)
    await scene.round()
    assert await scene.places(VACANCY) == [first, second]
