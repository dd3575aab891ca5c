"""What became of the interviews employers promised."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import date
from typing import TypeVar
from uuid import UUID

from services.review import clock
from services.review.pools import shares
from services.review.standing import LIVE, Standing, live, standing
from services.review.state import MatchState, VacancyState

Heading = TypeVar("Heading", str, date)
# fewer people than this in a group could be recognised
SMALLEST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """
    Interviews by what became of them: ``promised = kept + lapsed + pending``.

    ``used`` of them are approved or further; ``booked`` have a time; ``late`` were held after
    their day, and so count as lapsed.
    """

    promised: int = 0
    used: int = 0
    booked: int = 0
    kept: int = 0
    lapsed: int = 0
    pending: int = 0
    late: int = 0

    def __add__(self, other: "Ledger") -> "Ledger":
        names = self.__slots__
        pairs = zip(names, astuple(self), astuple(other), strict=True)
        return Ledger(**{name: mine + theirs for name, mine, theirs in pairs})


def ledger(
    vacancy: VacancyState,
    matches: Iterable[MatchState],
    *,
    today: date,
    share: int | None = None,
) -> Ledger:
    """
    One vacancy's pledge on *today*; of a joint pledge the *share* it answers for.

    An interview lapses at the end of the working day it was promised by, or when the vacancy
    closes with nobody approved for it.
    """
    if vacancy.profile is None:
        return Ledger()
    listed = list(matches)
    due = clock.deadline(vacancy.profile.interview_by)
    standings = {
        match.match_id: standing(match, today=today, proposed_at=vacancy.proposed_at)
        for match in listed
    }
    held = [match for match in listed if standings[match.match_id] == Standing.INTERVIEWED]
    in_time = sum(_day(match) <= due for match in held)
    promised = vacancy.interviews if share is None else share
    used = live(listed, vacancy, today=today, holds=False)
    kept = min(in_time, promised)
    if today > due:
        lapsed = promised - kept
    elif vacancy.closed:
        lapsed = max(promised - max(used, kept), 0)
    else:
        lapsed = 0
    return Ledger(
        promised=promised,
        used=min(used, promised),
        booked=sum(found == Standing.BOOKED for found in standings.values()),
        kept=kept,
        lapsed=lapsed,
        pending=promised - kept - lapsed,
        late=len(held) - in_time,
    )


def totals(
    vacancies: Sequence[VacancyState],
    matches: Mapping[UUID, Sequence[MatchState]],
    *,
    today: date,
    by: Callable[[VacancyState], Heading],
) -> list[tuple[Heading, Ledger]]:
    """
    The ledgers of *vacancies* summed by a heading, in the order of the headings.

    The pool of a joint pledge counts once.
    """
    sums: dict[Heading, Ledger] = {}
    joint = shares(vacancies, matches, today=today)
    for vacancy in vacancies:
        at = vacancy.vacancy_id
        own = ledger(vacancy, matches.get(at, ()), today=today, share=joint.get(at))
        sums[by(vacancy)] = sums.get(by(vacancy), Ledger()) + own
    return sorted(sums.items())


def people(
    vacancies: Sequence[VacancyState],
    matches: Mapping[UUID, Sequence[MatchState]],
    *,
    today: date,
) -> list[tuple[str, str]]:
    """How many different learners stand where; groups under 5 are not told."""
    proposed_at = {vacancy.vacancy_id: vacancy.proposed_at for vacancy in vacancies}
    furthest: dict[UUID, int] = {}
    for found in matches.values():
        for match in found:
            at = standing(match, today=today, proposed_at=proposed_at.get(match.vacancy_id))
            step = _step(at)
            furthest[match.learner_id] = max(furthest.get(match.learner_id, 0), step)
    counts = Counter(furthest.values())
    return [(words, suppressed(counts[step])) for step, words in enumerate(STEPS)]


STEPS = (
    "Ended without an interview so far",
    "On a shortlist, not decided",
    "Approved or written to",
    "Interview booked",
    "Interview held",
)


def suppressed(count: int) -> str:
    """*count*, unless it is of so few people that they could be recognised."""
    return "fewer than 5" if 0 < count < SMALLEST else str(count)


def _step(at: Standing) -> int:
    if at == Standing.INTERVIEWED:
        return 4
    if at == Standing.BOOKED:
        return 3
    if at in LIVE:
        return 2
    return 1 if at in {Standing.PROPOSED, Standing.HELD} else 0


def _day(match: MatchState) -> date:
    moment = match.starts_at or match.interview_at
    return clock.today(moment) if moment else date.max
