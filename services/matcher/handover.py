"""
After an employer's refusal: the other employers a learner agreed to be offered to.

Employers share candidates within a cluster, and within a joint pledge. Nothing of this says why
anybody was refused.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from services.matcher.market import Learner, Pair, Vacancy

WORDS = (
    "Another employer who shares candidates with this one declined; "
    "the learner agreed to be offered to the others"
)


@dataclass(frozen=True, slots=True)
class HandOver:
    """``offered`` are pairs to favour, ``barred`` pairs that would hand over without consent."""

    offered: frozenset[Pair]
    barred: frozenset[Pair]


def handed_over(
    refusals: Collection[Pair], learners: Mapping[UUID, Learner], vacancies: Mapping[UUID, Vacancy]
) -> HandOver:
    """
    What follows from the *refusals*, pairs whose employer declined.

    With the learner's consent (``shares_with_cluster``) the open vacancies of the cluster's and
    the joint pledge's other employers. Without it nothing, but that one promise of several
    employers does not hand the learner on by itself: the pledge's other employers are barred.
    """
    if not refusals:
        return HandOver(frozenset(), frozenset())
    groups = _groups(vacancies.values())
    offered: set[Pair] = set()
    barred: set[Pair] = set()
    for learner_id, vacancy_id in refusals:
        learner, refuser = learners.get(learner_id), vacancies.get(vacancy_id)
        if learner is None or refuser is None:
            continue
        consents = learner.profile.shares_with_cluster
        for kind, name in _names(refuser):
            peers = {
                (learner_id, peer.vacancy_id)
                for peer in groups[kind, name]
                if peer.profile.employer_id != refuser.profile.employer_id
            }
            if consents:
                offered |= peers
            elif kind == "joint":
                barred |= peers
    shut = {row.vacancy_id for row in vacancies.values() if row.closed}
    return HandOver(
        offered=frozenset(pair for pair in offered if pair[1] not in shut),
        barred=frozenset(barred),
    )


def _groups(vacancies: Iterable[Vacancy]) -> dict[tuple[str, str], list[Vacancy]]:
    groups: dict[tuple[str, str], list[Vacancy]] = defaultdict(list)
    for row in vacancies:
        for name in _names(row):
            groups[name].append(row)
    return groups


def _names(row: Vacancy) -> list[tuple[str, str]]:
    """The groups of employers the vacancy's shares candidates with."""
    named = (("cluster", row.profile.cluster), ("joint", row.profile.joint_pledge))
    return [(kind, name) for kind, name in named if name]
