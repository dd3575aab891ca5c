"""Facts that are never scored move no score and no order, whether they meet their like or not."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from itertools import product
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from schemas.learner import Course, LearnerProfile
from schemas.match import Match
from schemas.vacancy import VacancyProfile, Wage
from services.matcher.columns import Rows
from services.matcher.features import vectors
from services.matcher.market import Learner, Outcome, Vacancy
from services.matcher.never import FLIPS, NOT_HELD, VACANCY_FLIPS, flip_test
from services.matcher.prior import fitted
from services.matcher.proposal import propose
from services.matcher.rules import Rules
from tests.matcher.cohorts import cohort, learner, vacancy
from tests.matcher.counterparts import MEETS, OF_LEARNERS, OF_VACANCIES, market, turned
from tests.matcher.test_features import CASES
from tests.matcher.world import lived

MODELS, RULES = (fitted(), fitted(lived(200).outcomes)), Rules.load()
# rules that read no fact of the kind: by them whoever is eligible stays so, whatever is turned
BLIND = Rules.of(
    b'version = "blind"\n[completed]\n[start-date]\n'
    b'[travel-reach]\nmodes = ["onsite"]\nusual_miles = 35.0\n'
)
SCORED_OF_LEARNERS = {
    "course", "outcode", "prior_level", "skills", "interests", "max_miles", "available_from",
    "hours_from", "hours_to",
}  # fmt: skip
SCORED_OF_VACANCIES = {
    "route", "level", "interviews", "positions", "starts_on", "hours_per_week", "wage", "outcode",
    "mode", "skills",
}  # fmt: skip


def whole(facts: Mapping[str, object]) -> set[str]:
    """The facts that are turned as a whole."""
    return {name for name in facts if "." not in name}


def parts(fact: str, facts: Mapping[str, object]) -> set[str]:
    """What of *fact* is turned, where the rest of it is scored."""
    return {name.partition(".")[2] for name in facts if name.startswith(f"{fact}.")}


def test_every_fact_of_a_learner_is_either_scored_or_turned() -> None:
    """A new fact must be decided on: scored, with a reason, or never scored."""
    assert {*LearnerProfile.model_fields} == SCORED_OF_LEARNERS | whole(OF_LEARNERS)
    assert not SCORED_OF_LEARNERS & whole(OF_LEARNERS)
    assert {name for case in CASES for name in case[1]} == SCORED_OF_LEARNERS
    assert {*Course.model_fields} == {"route", "level", *parts("course", OF_LEARNERS)}


def test_every_fact_of_a_vacancy_is_either_scored_or_turned() -> None:
    assert {*VacancyProfile.model_fields} == SCORED_OF_VACANCIES | whole(OF_VACANCIES)
    assert not SCORED_OF_VACANCIES & whole(OF_VACANCIES)
    assert {name for case in CASES for name in case[2]} == SCORED_OF_VACANCIES
    assert {*Wage.model_fields} == {"yearly_pence", *parts("wage", OF_VACANCIES)}


def test_the_flip_test_of_a_fit_turns_every_fact_of_a_learner_that_is_never_scored() -> None:
    plain = learner(skills=("it",)).profile
    flipped = {
        name for name in LearnerProfile.model_fields
        if any(getattr(flip(plain), name) != getattr(plain, name) for flip in FLIPS.values())
    }  # fmt: skip
    assert flipped == whole(OF_LEARNERS) | {"skills"}


def test_the_flip_test_of_a_fit_counts_what_moves() -> None:
    inputs = cohort(4, 10, 5)
    found = flip_test(MODELS[0], inputs.learners, inputs.vacancies)
    assert (found.pairs, found.holds) == (50, True)
    assert found.moved.keys() == {*FLIPS, "disability-confident sign", "adjustments offered"}
    plain = vacancy().profile
    for name, fact in (
        ("disability-confident sign", "disability_confident"),
        ("adjustments offered", "adjustments"),
    ):
        once = VACANCY_FLIPS[name](plain)
        assert getattr(once, fact) != getattr(plain, fact)
        assert VACANCY_FLIPS[name](once) == plain


@pytest.mark.parametrize("fact", sorted(MEETS))
def test_turning_a_fact_makes_it_meet_its_like_and_no_longer_meet_it(fact: str) -> None:
    """Without this, what follows would see nothing."""
    ways = set()
    for seed in range(3):
        before = market(seed)
        after = turned(before, [{fact}] * 12, [set()] * 6, seed)
        for (own, now), other in product(
            zip(before.learners, after.learners, strict=True), before.vacancies
        ):
            meets = MEETS[fact]
            ways.add((meets(own.profile, other.profile), meets(now.profile, other.profile)))
    assert ways >= {(True, False), (False, True)}


MINE = st.lists(st.sets(st.sampled_from(sorted(OF_LEARNERS))), min_size=12, max_size=12)
# those with a joint pledge share its interviews, so that another pledge is another market
THEIRS = st.lists(
    st.sets(st.sampled_from(sorted({*OF_VACANCIES} - {"joint_pledge"}))), min_size=6, max_size=6
)
SEEDS = st.integers(0, 10_000)


@settings(max_examples=40, deadline=None)
@given(seed=SEEDS, mine=MINE, theirs=THEIRS, joined=st.booleans(), taught=st.booleans())
def test_turning_facts_that_are_never_scored_changes_no_score_of_any_pair(
    seed: int,
    mine: list[set[str]],
    theirs: list[set[str]],
    joined: bool,  # noqa: FBT001  # a drawn fact
    taught: bool,  # noqa: FBT001  # the same
) -> None:
    """Eligible or not, bit for bit, for experts' opinion and for a model that has learnt."""
    before = market(seed)
    also = [names | {"joint_pledge"} for names in theirs] if joined else theirs
    after = turned(before, mine, also, seed + 1)
    was, now = (
        MODELS[taught].scores(vectors(each.learners, those), those)
        for each, those in ((before, Rows(before.vacancies)), (after, Rows(after.vacancies)))
    )
    assert was.tobytes() == now.tobytes()


@settings(max_examples=40, deadline=None)
@given(seed=SEEDS, mine=MINE, theirs=THEIRS, taught=st.booleans(), blind=st.booleans())
def test_turning_facts_that_are_never_scored_changes_no_order_of_a_round(
    seed: int,
    mine: list[set[str]],
    theirs: list[set[str]],
    taught: bool,  # noqa: FBT001  # a drawn fact
    blind: bool,  # noqa: FBT001  # the same
) -> None:
    """Whole rounds: by rules as packaged where they let the same pairs in, else by blind ones."""
    inputs, model, rules = market(seed), MODELS[taught], BLIND if blind else RULES
    before = propose(inputs, model, rules)
    after = propose(turned(inputs, mine, theirs, seed + 1), model, rules)
    was, now = before.judgement, after.judgement
    both = (was.rule == 0) & (now.rule == 0)
    assert np.array_equal(was.scores[both], now.scores[both])
    same = np.array_equal(was.rule == 0, now.rule == 0)
    assert same or not blind
    if same:
        assert before.allocated == after.allocated
        assert unprompted(before) == unprompted(after)


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, mine=MINE)
def test_what_no_packaged_rule_asks_changes_nothing_of_a_round(
    seed: int, mine: list[set[str]]
) -> None:
    """English, maths, adjustments, consent, the provider: not even who is eligible."""
    unasked = {
        "english", "maths", "adjustments", "shares_with_cluster", "ukprn", "outcode_proves_home",
        "course.course_id", "skills.physical-fitness",
    }  # fmt: skip
    inputs = market(seed)
    other = turned(inputs, [names & unasked for names in mine], [set()] * 6, seed + 1)
    before, after = (propose(each, MODELS[0], RULES) for each in (inputs, other))
    assert np.array_equal(before.judgement.rule, after.judgement.rule)
    assert np.array_equal(before.judgement.scores, after.judgement.scores)
    assert unprompted(before) == unprompted(after)


def unprompted(outcome: Outcome) -> list[tuple[list[Match], list[Match]]]:
    """The lists without what a coordinator is told to ask: that is shown, and never counts."""
    return [
        tuple([m.model_copy(update={"prompts": ()}) for m in some]
              for some in (row.matches, row.reserves))
        for row in outcome.shortlists
    ]  # fmt: skip


# what a field would be called that held it
WORDS_FOR = {
    "sex": {"sex", "gender"},
    "ethnicity": {"ethnicity", "ethnic", "race"},
    "disability and support needs": {"disability", "disabled", "support", "send", "health"},
    "care experience": {"care", "leaver"},
    "offences": {"offence", "offences", "offender", "conviction", "convictions"},
    "benefits": {"benefit", "benefits", "bursary"},
    "name": {"name", "names", "surname", "forename"},
    "home deprivation": {"deprivation", "deprived", "imd", "postcode"},
    "grades of any examination": {"grade", "grades", "school", "gcse"},
    "gaps in employment": {"gap", "gaps", "employment", "unemployed"},
    "nationality": {"nationality", "citizenship", "visa"},
    "religion": {"religion", "faith", "belief"},
    "photo": {"photo", "photograph", "picture", "image"},
    "e-mail domain": {"email", "mail", "domain", "address"},
}


def test_the_card_lists_all_that_is_not_held_and_no_profile_has_a_field_for_it() -> None:
    assert {*NOT_HELD} == {*WORDS_FOR}
    unheld = set.union(*WORDS_FOR.values())
    held = {name for facts in (LearnerProfile, VacancyProfile) for name in names_in(facts)}
    held |= {field.name for row in (Learner, Vacancy) for field in fields(row)}
    found = {name for name in held if unheld & {*name.split("_")}}
    assert found == {"disability_confident"}, "the employer's own sign, and nothing of a learner's"


def names_in(facts: type[BaseModel]) -> Iterator[str]:
    """The names of all fields, also of what is inside them."""
    for name, field in facts.model_fields.items():
        yield name
        for inner in (field.annotation, *get_args(field.annotation)):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                yield from names_in(inner)
