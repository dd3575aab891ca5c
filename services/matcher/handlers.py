"""What the matcher remembers of each event. Facts may come in any order, and again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from schemas.decision import (
    MatchApproved,
    MatchDecision,
    MatchHeld,
    MatchMoved,
    MatchRejected,
    ShortlistSent,
)
from schemas.envelope import Event
from schemas.interview import (
    EmployerAccepted,
    EmployerDeclined,
    InterviewBooked,
    InterviewEvent,
    InterviewHeld,
    InterviewMissed,
    LearnerAccepted,
    LearnerDeclined,
    OutcomeRecorded,
)
from schemas.learner import (
    CompletionRevoked,
    CourseCompleted,
    LearnerChanged,
    LearnerEnrolled,
    LearnerErased,
    LearnerEvent,
    LearnerPaused,
    LearnerResumed,
    LearnerWithdrawn,
)
from schemas.vacancy import VacancyChanged, VacancyClosed, VacancyPledged
from services.matcher import facts, lessons, store
from services.matcher.facts import Fact, Group, Sides, Value
from services.matcher.market import match_id

LONDON = ZoneInfo("Europe/London")


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnerRecords:
    """Keeps what rounds need to know of learners."""

    market_of: Callable[[str | None], str]

    async def on_learner_enrolled(
        self, events: Sequence[LearnerEnrolled], session: AsyncSession
    ) -> None:
        await store.keep(session, facts.LEARNER_PROFILE, [self._profile(e) for e in events])
        await _learners(session, facts.LEARNER_ENROLMENT, events)

    async def on_learner_changed(
        self, events: Sequence[LearnerChanged], session: AsyncSession
    ) -> None:
        await store.keep(session, facts.LEARNER_PROFILE, [self._profile(e) for e in events])

    async def on_course_completed(
        self, events: Sequence[CourseCompleted], session: AsyncSession
    ) -> None:
        rows = [Fact.of(e, e.learner_id, completed_on=e.completed_on) for e in events]
        await store.keep(session, facts.LEARNER_COMPLETION, rows)

    async def on_completion_revoked(
        self, events: Sequence[CompletionRevoked], session: AsyncSession
    ) -> None:
        await _learners(session, facts.LEARNER_COMPLETION, events, completed_on=None)

    async def on_learner_paused(
        self, events: Sequence[LearnerPaused], session: AsyncSession
    ) -> None:
        rows = [Fact.of(e, e.learner_id, paused=True, paused_until=e.until) for e in events]
        await store.keep(session, facts.LEARNER_PAUSE, rows)

    async def on_learner_resumed(
        self, events: Sequence[LearnerResumed], session: AsyncSession
    ) -> None:
        await _learners(session, facts.LEARNER_PAUSE, events, paused=False, paused_until=None)

    async def on_learner_withdrawn(
        self, events: Sequence[LearnerWithdrawn], session: AsyncSession
    ) -> None:
        await _learners(session, facts.LEARNER_WITHDRAWAL, events)

    async def on_learner_erased(
        self, events: Sequence[LearnerErased], session: AsyncSession
    ) -> None:
        await store.forget(session, sorted({event.learner_id for event in events}))

    def _profile(self, event: LearnerEnrolled | LearnerChanged) -> Fact:
        market = self.market_of(event.learner.outcode)
        profile = event.learner.model_dump_json()
        return Fact.of(event, event.learner_id, market=market, profile=profile)


@dataclass(frozen=True, slots=True, kw_only=True)
class VacancyRecords:
    """Keeps what rounds need to know of vacancies and their pledges."""

    market_of: Callable[[str | None], str]

    async def on_vacancy_pledged(
        self, events: Sequence[VacancyPledged], session: AsyncSession
    ) -> None:
        await store.keep(session, facts.VACANCY_PROFILE, [self._profile(e) for e in events])
        pledges = [Fact.of(e, e.vacancy_id) for e in events]
        await store.keep(session, facts.VACANCY_PLEDGE, pledges)

    async def on_vacancy_changed(
        self, events: Sequence[VacancyChanged], session: AsyncSession
    ) -> None:
        await store.keep(session, facts.VACANCY_PROFILE, [self._profile(e) for e in events])

    async def on_vacancy_closed(
        self, events: Sequence[VacancyClosed], session: AsyncSession
    ) -> None:
        rows = [Fact.of(e, e.vacancy_id, closed=e.reason) for e in events]
        await store.keep(session, facts.VACANCY_CLOSURE, rows)

    def _profile(self, event: VacancyPledged | VacancyChanged) -> Fact:
        market = self.market_of(event.vacancy.outcode)
        profile = event.vacancy.model_dump_json()
        return Fact.of(event, event.vacancy_id, market=market, profile=profile)


async def on_match_approved(events: Sequence[MatchApproved], session: AsyncSession) -> None:
    await _matches(session, facts.MATCH_JUDGED, events, judged="approved")
    await _matches(session, facts.MATCH_DECISION, events, decision="approved", held_until=None)


async def on_match_held(events: Sequence[MatchHeld], session: AsyncSession) -> None:
    rows = [_match(e, decision="held", held_until=e.until) for e in events]
    await store.keep(session, facts.MATCH_DECISION, rows)


async def on_match_rejected(events: Sequence[MatchRejected], session: AsyncSession) -> None:
    await _matches(session, facts.MATCH_JUDGED, events, judged="rejected")
    await _matches(session, facts.MATCH_DECISION, events, decision="rejected", held_until=None)


async def on_match_moved(events: Sequence[MatchMoved], session: AsyncSession) -> None:
    places = [_match(e, position=e.to_position) for e in events]
    await store.keep(session, facts.MATCH_PLACE, places)
    await _matches(session, facts.MATCH_JUDGED, events, judged="moved")
    # without *instead_of* it is a change of order alone
    moved = [_match(e, decision="moved", held_until=None) for e in events if e.instead_of]
    lost = [_lost(e, e.instead_of) for e in events if e.instead_of]
    await store.keep(session, facts.MATCH_DECISION, moved + lost)


async def on_shortlist_sent(events: Sequence[ShortlistSent], session: AsyncSession) -> None:
    rows = [
        _pair(e, e.vacancy_id, match.learner_id, decision="sent", held_until=None)
        for e in events
        for match in e.matches
    ]
    await store.keep(session, facts.MATCH_DECISION, rows)
    gone = await store.erased(session, {m.learner_id for e in events for m in e.matches})
    await store.keep(session, facts.MATCH_SHOWN, [*lessons.shown(events, forgotten=gone)])


async def on_employer_accepted(events: Sequence[EmployerAccepted], session: AsyncSession) -> None:
    await _matches(session, facts.MATCH_EMPLOYER, events, employer="accepted")


async def on_employer_declined(events: Sequence[EmployerDeclined], session: AsyncSession) -> None:
    await _matches(session, facts.MATCH_EMPLOYER, events, employer="declined")


async def on_learner_accepted(events: Sequence[LearnerAccepted], session: AsyncSession) -> None:
    await _matches(session, facts.MATCH_LEARNER, events, answer="accepted")


async def on_learner_declined(events: Sequence[LearnerDeclined], session: AsyncSession) -> None:
    await _matches(session, facts.MATCH_LEARNER, events, answer="declined")


async def on_interview_booked(events: Sequence[InterviewBooked], session: AsyncSession) -> None:
    rows = [_match(e, interview="booked", booked_on=_day(e.starts_at)) for e in events]
    await store.keep(session, facts.MATCH_INTERVIEW, rows)


async def on_interview_held(events: Sequence[InterviewHeld], session: AsyncSession) -> None:
    await _matches(session, facts.MATCH_INTERVIEW, events, interview="held", booked_on=None)


async def on_interview_missed(events: Sequence[InterviewMissed], session: AsyncSession) -> None:
    await _matches(session, facts.MATCH_INTERVIEW, events, interview="missed", booked_on=None)


async def on_outcome_recorded(events: Sequence[OutcomeRecorded], session: AsyncSession) -> None:
    await store.keep(session, facts.MATCH_OUTCOME, [_match(e, outcome=e.outcome) for e in events])


def _day(at: datetime) -> date:
    return at.astimezone(LONDON).date()


async def _learners(
    session: AsyncSession, group: Group, events: Sequence[LearnerEvent], **values: Value
) -> None:
    """Every event states the same *values* of its learner."""
    await store.keep(session, group, [Fact.of(e, e.learner_id, **values) for e in events])


async def _matches(
    session: AsyncSession,
    group: Group,
    events: Sequence[MatchDecision] | Sequence[InterviewEvent],
    **values: Value,
) -> None:
    """Every event states the same *values* of its match."""
    await store.keep(session, group, [_match(e, **values) for e in events])


def _match(event: MatchDecision | InterviewEvent, **values: Value) -> Fact:
    return _pair(event, event.vacancy_id, event.learner_id, **values)


def _lost(event: MatchMoved, key: UUID) -> Fact:
    """The match *key* gave its place to the one that moved; its learner is not told."""
    sides = Sides(vacancy_id=event.vacancy_id, learner_id=None)
    return replace(Fact.of(event, key, decision="lost", held_until=None), sides=sides)


def _pair(event: Event, vacancy_id: UUID, learner_id: UUID, **values: Value) -> Fact:
    key = match_id((learner_id, vacancy_id))
    sides = Sides(vacancy_id=vacancy_id, learner_id=learner_id)
    return replace(Fact.of(event, key, **values), sides=sides)
