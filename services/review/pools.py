"""Joint pledges: what one pool of interviews leaves each of its vacancies. Values only."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.review.standing import live
from services.review.state import MatchState, VacancyState

Matches = Mapping[UUID, Sequence[MatchState]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    """A joint pledge as one of its vacancies shows it; ``elsewhere`` are used on the others."""

    interviews: int
    vacancies: int
    elsewhere: int


def pool(members: Iterable[VacancyState]) -> int:
    """The interviews of a joint pledge: the smallest number a member states."""
    return min((member.interviews for member in members), default=0)


def room(
    vacancy_id: UUID, members: Sequence[VacancyState], matches: Matches, *, today: date
) -> int:
    """How many of the pool one vacancy may use: what the others have not, holds counted."""
    others = sum(
        live(matches.get(member.vacancy_id, ()), member, today=today)
        for member in members
        if member.vacancy_id != vacancy_id
    )
    return max(pool(members) - others, 0)


def joint_of(
    vacancy_id: UUID, members: Sequence[VacancyState], matches: Matches, *, today: date
) -> Joint | None:
    """The joint pledge of the vacancy; None without *members*."""
    if not members:
        return None
    whole = pool(members)
    left = room(vacancy_id, members, matches, today=today)
    return Joint(interviews=whole, vacancies=len(members), elsewhere=whole - left)


def shares(vacancies: Iterable[VacancyState], matches: Matches, *, today: date) -> dict[UUID, int]:
    """
    How many interviews of its joint pledge each member answers for: together they are the pool.

    That is what it has used; what nobody used yet is owed by the open member whose day is last.
    Vacancies without a joint pledge are not in it.
    """
    joint: dict[str, list[VacancyState]] = defaultdict(list)
    for vacancy in vacancies:
        if key := vacancy.joint_pledge:
            joint[key].append(vacancy)
    found: dict[UUID, int] = {}
    for members in joint.values():
        left = pool(members)
        members.sort(key=lambda one: (not one.closed, _day(one), one.vacancy_id))
        for member in members:
            used = live(matches.get(member.vacancy_id, ()), member, today=today, holds=False)
            found[member.vacancy_id] = min(used, left)
            left -= found[member.vacancy_id]
        found[members[-1].vacancy_id] += left
    return found


def _day(vacancy: VacancyState) -> date:
    return vacancy.profile.interview_by if vacancy.profile else date.min
