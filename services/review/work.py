"""What needs doing, by urgency: why it is here, what happens otherwise, by when."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from services.review import clock
from services.review.figures import ledger
from services.review.labels import plural
from services.review.standing import Standing, standing
from services.review.state import MatchState, VacancyState

GROUPS = (
    ("lapsing", "Pledges about to lapse"),
    ("waiting", "Learners who have waited long"),
    ("review", "Shortlists to review"),
    ("held", "On hold, or changed since you decided"),
    ("letters", "Letters that did not arrive"),
    ("checks", "Records to check"),
    ("employer", "Waiting for the employer"),
    ("learner", "Waiting for the learner"),
    ("done", "Done this week"),
)
ACTION = frozenset({"lapsing", "waiting", "review", "held", "letters", "checks"})
REPLY_DAYS = 6
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing to do. *group* is a key of GROUPS; *due* orders within it."""

    group: str
    title: str
    vacancy_id: UUID | None = None
    employer_id: UUID | None = None
    letter_id: UUID | None = None
    check_id: UUID | None = None
    page: str | None = None
    why: tuple[str, ...]
    otherwise: str
    due: date | None = None
    untouched: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """When something becomes urgent, in working days."""

    warning_days: int
    waiting_days: int


def vacancy_row(
    vacancy: VacancyState,
    matches: Sequence[MatchState],
    *,
    now: datetime,
    habits: Habits,
    share: int | None = None,
) -> Row | None:
    """The vacancy's most urgent row, if any; *share* is what it answers for of a joint pledge."""
    if vacancy.profile is None:
        return None
    found = replace(_Found.of(vacancy, matches, now, habits), share=share)
    for group in (_lapsing, _waiting, _review, _held, _employer, _learner, _done):
        if row := group(found):
            return row
    return None


def by_group(rows: Iterable[Row | None]) -> list[tuple[str, str, list[Row]]]:
    """The rows under each group's key and heading, most urgent first; no group is left out."""
    sorted_rows: Mapping[str, list[Row]] = {key: [] for key, _ in GROUPS}
    for row in rows:
        if row:
            sorted_rows[row.group].append(row)
    for found in sorted_rows.values():
        found.sort(key=lambda row: (row.due or date.max, row.title, str(row.vacancy_id)))
    return [(key, heading, sorted_rows[key]) for key, heading in GROUPS]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    vacancy: VacancyState
    matches: Sequence[MatchState]
    standings: Mapping[UUID, Standing]
    today: date
    now: datetime
    due: date
    habits: Habits
    share: int | None = None

    @classmethod
    def of(
        cls,
        vacancy: VacancyState,
        matches: Sequence[MatchState],
        now: datetime,
        habits: Habits,
    ) -> "_Found":
        today = clock.today(now)
        profile = vacancy.profile
        if profile is None:
            raise ValueError("a vacancy without a profile has no row")
        return cls(
            vacancy=vacancy,
            matches=matches,
            standings={
                m.match_id: standing(m, today=today, proposed_at=vacancy.proposed_at)
                for m in matches
            },
            today=today,
            now=now,
            due=clock.deadline(profile.interview_by),
            habits=habits,
        )

    def count(self, *wanted: Standing) -> int:
        return sum(found in wanted for found in self.standings.values())

    def to_review(self) -> list[MatchState]:
        return [
            m
            for m in self.matches
            if m.listed == "place" and self.standings[m.match_id] == Standing.PROPOSED
        ]

    def row(self, group: str, why: Iterable[str], otherwise: str, due: date | None = None) -> Row:
        profile = self.vacancy.profile
        return Row(
            group=group,
            title=profile.title if profile else "",
            vacancy_id=self.vacancy.vacancy_id,
            employer_id=profile.employer_id if profile else None,
            why=tuple(why),
            otherwise=otherwise,
            due=due,
            untouched=self.vacancy.opened_at is None and self.vacancy.decided_at is None,
        )

    def days_left(self) -> int:
        return clock.working_days_between(self.today, self.due)


def _lapsing(found: _Found) -> Row | None:
    if found.vacancy.closed or found.today > found.due:
        return None
    own = ledger(found.vacancy, found.matches, today=found.today, share=found.share)
    short = own.promised - own.kept - own.booked
    if short <= 0 or found.days_left() > found.habits.warning_days:
        return None
    why = [f"{short} of {plural(own.promised, 'promised interview')} not yet booked"]
    if unreviewed := len(found.to_review()):
        why.append(f"{plural(unreviewed, 'learner')} to review")
    otherwise = f"{plural(short, 'promised interview')} will count as lapsed"
    return found.row("lapsing", why, otherwise, found.due)


def _waiting(found: _Found) -> Row | None:
    long = [
        match
        for match in found.to_review()
        if match.waiting_since
        and clock.working_days_between(match.waiting_since, found.today) > found.habits.waiting_days
    ]
    if not long or found.vacancy.closed:
        return None
    since = min(match.waiting_since for match in long if match.waiting_since)
    days = clock.working_days_between(since, found.today)
    more_than = f"waiting more than {found.habits.waiting_days} working days"
    why = [f"{plural(len(long), 'learner')} {more_than}, the longest {days}"]
    rest = len(found.to_review()) - len(long)
    if rest:
        why.append(f"{plural(rest, 'more learner')} to review")
    return found.row("waiting", why, "They go on waiting; no letter leaves without you", found.due)


def _review(found: _Found) -> Row | None:
    if found.vacancy.closed or not (waiting := found.to_review()):
        return None
    why = [f"{plural(len(waiting), 'learner')} to review"]
    if ended := found.count(Standing.EMPLOYER_NO, Standing.LEARNER_NO, Standing.MISSED):
        why.append(
            f"{plural(ended, 'earlier match', 'earlier matches')} ended without an interview"
        )
    return found.row("review", why, "Nobody is invited; no letter leaves without you", found.due)


def _held(found: _Found) -> Row | None:
    on_hold = [m for m in found.matches if found.standings[m.match_id] == Standing.HELD]
    withdrawn = [
        match
        for match in found.matches
        if found.standings[match.match_id] == Standing.WITHDRAWN
        and match.withdrawn_at
        and match.withdrawn_at > found.now - WEEK
    ]
    if not on_hold and not withdrawn:
        return None
    until = min((m.held_until for m in on_hold if m.held_until), default=None)
    why = [f"{plural(len(on_hold), 'learner')} on hold"] if on_hold else []
    if withdrawn:
        why.append(f"{plural(len(withdrawn), 'approved match', 'approved matches')} cannot go on")
    otherwise = "The hold ends and they are proposed again" if on_hold else "The next round refills"
    return found.row("held", why, otherwise, until)


def _employer(found: _Found) -> Row | None:
    waiting = found.count(Standing.SENT, Standing.LEARNER_YES)
    if not waiting:
        return None
    why = [f"{plural(waiting, 'learner')} sent, no answer from the employer"]
    return found.row("employer", why, "Ring them: silence refuses nobody", _reply_due(found))


def _learner(found: _Found) -> Row | None:
    waiting = found.count(Standing.EMPLOYER_YES)
    if not waiting:
        return None
    why = [f"The employer said yes; {plural(waiting, 'learner')} not answered yet"]
    return found.row("learner", why, "Ring them: silence refuses nobody", _reply_due(found))


def _done(found: _Found) -> Row | None:
    decided = found.vacancy.decided_at
    if decided is None or decided < found.now - WEEK:
        return None
    parts = (
        (found.count(Standing.APPROVED), "going out"),
        (found.count(Standing.BOTH_YES), "agreed on both sides"),
        (found.count(Standing.BOOKED), "booked"),
        (found.count(Standing.INTERVIEWED), "held"),
        (found.count(Standing.REJECTED), "refused by us"),
    )
    why = [f"{count} {words}" for count, words in parts if count]
    return found.row("done", why or ["Looked at and decided"], "Nothing more to do")


def _reply_due(found: _Found) -> date | None:
    sent = [match.sent_at for match in found.matches if match.sent_at]
    if not sent:
        return None
    return clock.working_days_after(clock.today(min(sent)), REPLY_DAYS)


def needing(groups: Sequence[tuple[str, str, Sequence[Row]]]) -> int:
    """How many rows want a coordinator to act."""
    return sum(len(rows) for key, _, rows in groups if key in ACTION)
