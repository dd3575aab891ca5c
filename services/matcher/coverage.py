"""How many completers have an interview before and after a change, by the route they trained in."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from services.matcher.cells import hidden
from services.matcher.market import Learner
from services.matcher.unlock import route


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """A route's completers, and those of them with an interview; None where too few to show."""

    route: str
    completers: int | None
    before: int | None
    after: int | None


def coverage(
    learners: Iterable[Learner],
    completers: Collection[UUID],
    before: Collection[UUID],
    after: Collection[UUID],
) -> tuple[Coverage, ...]:
    """By route, of *completers*; who has an interview is hidden as `cells.hidden` says."""
    of = {row.learner_id: route(row.profile.course.route) for row in learners}
    people = set(completers) & of.keys()
    total, was, now = (
        Counter(of[who] for who in people & set(some)) for some in (people, before, after)
    )
    few = hidden(total, was, now)
    return tuple(
        Coverage(
            route=name,
            completers=None if name in few else total[name],
            before=None if name in few else was[name],
            after=None if name in few else now[name],
        )
        for name in sorted(total)
    )
