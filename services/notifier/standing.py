"""How a match stands for whoever opens a reply page, and what they may still say."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice

from schemas.decision import ShortlistSent
from services.notifier import clock
from services.notifier.interviews import YES, Interview
from services.notifier.replies import open_until

FEWEST_SLOTS, MOST_SLOTS = 3, 20
FIRST_SUGGESTION = 2  # working days from now, so that a learner can arrange to come
HOURS = (time(10), time(14), time(11), time(15))


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One match with the shortlist it came on, at one moment; *busy*: the learner is elsewhere."""

    interview: Interview
    shortlist: ShortlistSent
    now: datetime
    busy: frozenset[datetime] = frozenset()

    @property
    def past(self) -> bool:
        """Whether the booked time has come: the employer is asked how it went."""
        booked = self.interview.booked_for
        return booked is not None and booked <= self.now and not self.interview.withdrawn

    @property
    def asked_how(self) -> bool:
        """Whether the employer is asked how it went; a missed one has freed its place for good."""
        return self.past and not self.interview.over

    @property
    def open(self) -> bool:
        """Whether either side may still answer, or turn a yes into a no: a no is for good."""
        interview = self.interview
        if interview.over or interview.happened or self.past:
            return False
        closes = open_until(self.shortlist.occurred_at, self.shortlist.vacancy.interview_by)
        return interview.booked_for is not None or self.now < closes


def offered(interviews: Iterable[Interview], now: datetime) -> list[datetime]:
    """The times an employer has given and that are still to come, in order."""
    given = {
        slot
        for interview in interviews
        if interview.employer == YES and not interview.over
        for slot in interview.slots
    }
    return sorted(slot for slot in given if slot > now)


def free(one: Standing, interviews: Iterable[Interview]) -> list[datetime]:
    """The times *one*'s learner may choose among, their own booking included."""
    interview = one.interview
    taken = one.busy | {
        other.booked_for
        for other in interviews
        if other.match_id != interview.match_id and not other.over
    }
    if interview.employer != YES:
        return []
    return [slot for slot in interview.slots if slot > one.now and slot not in taken]


def suggested(now: datetime, count: int) -> list[datetime]:
    """
    *count* times an employer might take as they are, on working days.

    A few are spread over days, one each; many are put close together, so that they are over soon.
    """
    a_day = 1 if count <= FEWEST_SLOTS else len(HOURS)
    return sorted(islice(_suggestions(clock.local_day(now), a_day), count))


def slot_count(interviews: int) -> int:
    """How many times an employer is asked for."""
    return min(max(FEWEST_SLOTS, interviews), MOST_SLOTS)


def _suggestions(today: date, a_day: int) -> Iterator[datetime]:
    days = islice(clock.working_days_after(today), FIRST_SUGGESTION, None)
    for count, day in enumerate(days):
        hours = HOURS if a_day > 1 else (HOURS[count % 2],)
        for hour in hours:
            yield clock.from_local(datetime.combine(day, hour))
