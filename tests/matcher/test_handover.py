"""After an employer's refusal: the cluster's other employers, by consent, and never at a cost."""

from dataclasses import replace
from uuid import UUID, uuid4

import numpy as np
import pytest

from schemas.interview import EmployerDeclined, LearnerDeclined
from schemas.vacancy import VacancyClosed
from services.matcher import archive
from services.matcher.handover import WORDS, handed_over
from services.matcher.market import Pair, Policy, RoundInputs
from services.matcher.prior import fitted
from services.matcher.proposal import propose
from services.matcher.rules import Rules
from services.matcher.standing import standing
from tests.matcher import happened
from tests.matcher.cohorts import learner, round_of, vacancy
from tests.matcher.scene import Scene

MODEL, RULES = fitted(), Rules.load()
REFUSER, PEER, STRANGER = (UUID(int=number, version=4) for number in (81, 82, 83))


def offered(who, refuser, *others) -> tuple[set[Pair], set[Pair]]:
    """What a refusal of *who* by *refuser* leads to: pairs offered, pairs barred."""
    rows = {row.vacancy_id: row for row in (refuser, *others)}
    over = handed_over([(who.learner_id, refuser.vacancy_id)], {who.learner_id: who}, rows)
    return set(over.offered), set(over.barred)


def test_only_other_employers_of_the_cluster_get_them_and_only_while_open() -> None:
    who = learner(1, shares_with_cluster=True)
    refuser, peer = vacancy(1, cluster="metal"), vacancy(2, cluster="metal")
    others = [
        vacancy(3, cluster="care"),
        vacancy(4),
        vacancy(5, cluster="metal", employer_id=refuser.profile.employer_id),
        vacancy(6, cluster="metal", closed="filled"),
    ]
    pair = (who.learner_id, peer.vacancy_id)
    assert offered(who, refuser, peer, *others) == ({pair}, set())
    assert offered(who, vacancy(7), peer) == (set(), set())


def test_without_consent_there_is_no_hand_over() -> None:
    """Within a cluster they are simply as before; a joint pledge passes nobody on by itself."""
    who = learner(1)
    refuser = vacancy(1, cluster="metal", joint_pledge="hub")
    peer, fellow = vacancy(2, cluster="metal"), vacancy(3, joint_pledge="hub")
    barred = {(who.learner_id, fellow.vacancy_id)}
    assert offered(who, refuser, peer, fellow) == (set(), barred)
    agreed = replace(who, profile=who.profile.model_copy(update={"shares_with_cluster": True}))
    both = {(who.learner_id, row.vacancy_id) for row in (peer, fellow)}
    assert offered(agreed, refuser, peer, fellow) == (both, set())


def rerouted(rows, vacancies, *pairs: Pair, **facts) -> RoundInputs:
    return round_of(rows, vacancies, rerouted=frozenset(pairs), **facts)


def test_who_was_refused_comes_first_among_equals_and_it_is_said() -> None:
    """Before one who fits a little better; the line and the reserve's say why."""
    refused, better = learner(1), learner(2)
    wanted, other = vacancy(1), vacancy(2)
    pair = (refused.learner_id, wanted.vacancy_id)
    scores = np.array([[5000, 5000], [5300, 5000]], dtype=np.int16)
    plain = propose(round_of([refused, better], [wanted, other], scores=scores), MODEL, RULES)
    inputs = rerouted([refused, better], [wanted, other], pair, scores=scores)
    outcome = propose(inputs, MODEL, RULES)
    assert pair not in plain.allocated
    assert pair in outcome.allocated
    words = {
        match.learner_id: match.handed_over
        for row in outcome.shortlists
        if row.vacancy_id == wanted.vacancy_id
        for match in (*row.matches, *row.reserves)
    }
    assert words == {refused.learner_id: WORDS, better.learner_id: None}
    again = propose(archive.read(archive.written(inputs, outcome.judgement.scores)), MODEL, RULES)
    assert archive.outcome_bytes(again) == archive.outcome_bytes(outcome)
    warm = propose(inputs, MODEL, RULES, earlier=plain)
    assert archive.outcome_bytes(warm) == archive.outcome_bytes(outcome)


def test_it_never_costs_anybody_a_place_or_a_turn() -> None:
    """Not even the largest favour: coverage and waiting come first."""
    favour = Policy(rerouting=10_000)
    near, far = learner(1, max_miles=20), learner(2, max_miles=5)
    close, away = vacancy(1, outcode="B5"), vacancy(2, outcode="CV1")
    pair = (near.learner_id, close.vacancy_id)
    outcome = propose(rerouted([near, far], [close, away], pair, policy=favour), MODEL, RULES)
    assert len({who for who, _ in outcome.allocated}) == 2
    new = learner(1, completed_on=learner().completed_on.replace(day=30))
    old = learner(2, completed_on=learner().completed_on.replace(day=1))
    pair = (new.learner_id, close.vacancy_id)
    outcome = propose(rerouted([new, old], [close], pair, policy=favour), MODEL, RULES)
    assert outcome.allocated == {(old.learner_id, close.vacancy_id)}
    (reserve,) = outcome.shortlists[0].reserves
    assert reserve.handed_over == WORDS


def test_what_a_favoured_reserve_lacks_is_told_without_the_favour() -> None:
    """The favour is counted: what is said to be missing would do."""
    favoured, better = learner(1), learner(2, interests=(9,), skills=("it",))
    only = vacancy(1, skills=("it", "number"))
    pair = (favoured.learner_id, only.vacancy_id)
    policy = Policy(rerouting=100)
    lacks = []
    for inputs in (
        round_of([favoured, better], [only]),
        rerouted([favoured, better], [only], pair, policy=policy),
    ):
        outcome = propose(inputs, MODEL, RULES)
        found = standing(inputs, outcome, RULES, *pair)
        assert found.limit is not None
        lacks.append(float(found.limit.split()[2]))
    assert lacks[0] - lacks[1] == pytest.approx(1.0)


async def refused(scene: Scene, *, consent: bool, **pledge: object) -> tuple[UUID, UUID]:
    """One learner refused by an employer; a rival who completed on the same day fits better."""
    who, rival = UUID(int=21, version=4), UUID(int=22, version=4)
    await scene.tell(*happened.completer(who, shares_with_cluster=consent))
    await scene.tell(happened.pledge(REFUSER, interviews=1, cluster="digital", **pledge))
    await scene.round()
    await scene.tell(*happened.completer(rival, interests=(6,)))
    await scene.tell(happened.sent(REFUSER, who))
    await scene.tell(
        happened.pledge(PEER, interviews=1, cluster="digital", outcode="B70", **pledge)
    )
    await scene.tell(happened.pledge(STRANGER, interviews=1))
    await scene.tell(happened.said(EmployerDeclined, who, REFUSER, reason="other-skills"))
    await scene.round()
    return who, rival


async def test_the_next_round_offers_them_to_the_peer_by_consent(scene: Scene) -> None:
    who, _ = await refused(scene, consent=True)
    assert await scene.places(PEER) == [who]
    shortlists = await scene.shortlists()
    (line,) = shortlists[PEER].matches
    assert line.handed_over == WORDS
    assert "other-skills" not in line.model_dump_json()
    assert who not in await scene.everybody(REFUSER)
    for vacancy_id in (REFUSER, STRANGER):
        listed = (*shortlists[vacancy_id].matches, *shortlists[vacancy_id].reserves)
        assert {match.handed_over for match in listed} <= {None}


async def test_without_consent_nothing_is_said(scene: Scene) -> None:
    await refused(scene, consent=False)
    for shortlist in (await scene.shortlists()).values():
        lines = (*shortlist.matches, *shortlist.reserves)
        assert {match.handed_over for match in lines} <= {None}


@pytest.mark.parametrize("consent", [True, False])
async def test_a_joint_pledge_hands_over_only_by_consent(scene: Scene, *, consent: bool) -> None:
    """And never beyond its pool: here of one interview, which the refusal freed."""
    who, _ = await refused(scene, consent=consent, joint_pledge="hub")
    listed = await scene.everybody(PEER) | await scene.everybody(REFUSER)
    assert (who in listed) is consent
    places = [*await scene.places(PEER), *await scene.places(REFUSER)]
    assert len(places) == 1


async def test_a_learners_own_refusal_or_a_closed_peer_offers_nothing(scene: Scene) -> None:
    who, _ = await refused(scene, consent=True)
    at = happened.later()
    await scene.tell(
        VacancyClosed(event_id=uuid4(), occurred_at=at, vacancy_id=PEER, reason="filled"),
        happened.said(LearnerDeclined, who, STRANGER),
        happened.pledge(UUID(int=84, version=4), interviews=1, cluster="care"),
    )
    await scene.round()
    for vacancy_id in (STRANGER, UUID(int=84, version=4)):
        shortlist = (await scene.shortlists())[vacancy_id]
        lines = (*shortlist.matches, *shortlist.reserves)
        assert {match.handed_over for match in lines} <= {None}
