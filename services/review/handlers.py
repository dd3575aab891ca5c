"""What review remembers of each event. Facts may come in any order, and again."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

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
from schemas.letter import LetterBounced, LetterEvent, LetterFailed, LetterSent
from schemas.match import MatchEvent, MatchWithdrawn, ShortlistProposed
from schemas.vacancy import VacancyChanged, VacancyClosed, VacancyEvent, VacancyPledged
from services.review import deciding
from services.review.store import decisions, letters, matches, vacancies


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """Keeps what coordinators must see. *now* is the clock of releases and screens."""

    now: Callable[[], datetime]

    async def on_vacancy_pledged(
        self, events: Sequence[VacancyPledged], session: AsyncSession
    ) -> None:
        await vacancies.lock(session, _vacancies(events))
        changed = await vacancies.save_profiles(session, events)
        opened = await vacancies.save_pledges(session, events)
        await self._told(session, events, changed | opened, cause="pledge")

    async def on_vacancy_changed(
        self, events: Sequence[VacancyChanged], session: AsyncSession
    ) -> None:
        await vacancies.lock(session, _vacancies(events))
        changed = await vacancies.save_profiles(session, events)
        await self._told(session, events, changed, cause="vacancy-changed")

    async def on_vacancy_closed(
        self, events: Sequence[VacancyClosed], session: AsyncSession
    ) -> None:
        await vacancies.lock(session, _vacancies(events))
        changed = await vacancies.save_closures(session, events)
        await self._told(session, events, changed, cause="vacancy-closed")

    async def on_shortlist_proposed(
        self, events: Sequence[ShortlistProposed], session: AsyncSession
    ) -> None:
        known = await vacancies.lock(session, _vacancies(events))
        changed: dict[UUID, int] = {}
        for event in sorted(events, key=lambda event: event.shortlist_version):
            await matches.save_reasons(session, event)
            before = changed.get(event.vacancy_id, known[event.vacancy_id].shortlist_version)
            if event.shortlist_version > before:
                await vacancies.save_round(session, event)
                await matches.list_matches(session, event)
                changed[event.vacancy_id] = event.shortlist_version
        await self._told(session, events, set(changed), cause="round")

    async def on_match_withdrawn(
        self, events: Sequence[MatchWithdrawn], session: AsyncSession
    ) -> None:
        await vacancies.lock(session, _vacancies(events))
        changed = await matches.save_withdrawals(session, events)
        await self._told(session, events, _of(events, changed), cause="withdrawn")

    async def on_employer_accepted(
        self, events: Sequence[EmployerAccepted], session: AsyncSession
    ) -> None:
        await self._answered(session, events, side="employer", answer="accepted")

    async def on_employer_declined(
        self, events: Sequence[EmployerDeclined], session: AsyncSession
    ) -> None:
        await self._answered(session, events, side="employer", answer="declined")

    async def on_learner_accepted(
        self, events: Sequence[LearnerAccepted], session: AsyncSession
    ) -> None:
        await self._answered(session, events, side="learner", answer="accepted")

    async def on_learner_declined(
        self, events: Sequence[LearnerDeclined], session: AsyncSession
    ) -> None:
        await self._answered(session, events, side="learner", answer="declined")

    async def on_interview_booked(
        self, events: Sequence[InterviewBooked], session: AsyncSession
    ) -> None:
        await vacancies.lock(session, _vacancies(events))
        await matches.save_bookings(session, events)
        await self._answered(session, events, side="interview", answer="booked")

    async def on_interview_held(
        self, events: Sequence[InterviewHeld], session: AsyncSession
    ) -> None:
        await self._answered(session, events, side="interview", answer="held")

    async def on_interview_missed(
        self, events: Sequence[InterviewMissed], session: AsyncSession
    ) -> None:
        await self._answered(session, events, side="interview", answer="missed")

    async def on_outcome_recorded(
        self, events: Sequence[OutcomeRecorded], session: AsyncSession
    ) -> None:
        await vacancies.lock(session, _vacancies(events))
        changed = await matches.save_outcomes(session, events)
        await self._told(session, events, _of(events, changed), cause="outcome")

    async def on_letter_sent(self, events: Sequence[LetterSent], session: AsyncSession) -> None:
        await self._lettered(session, events, state="sent")

    async def on_letter_failed(self, events: Sequence[LetterFailed], session: AsyncSession) -> None:
        await self._lettered(session, events, state="failed")

    async def on_letter_bounced(
        self, events: Sequence[LetterBounced], session: AsyncSession
    ) -> None:
        await self._lettered(session, events, state="bounced")

    async def _answered(
        self, session: AsyncSession, events: Sequence[InterviewEvent], *, side: str, answer: str
    ) -> None:
        await vacancies.lock(session, _vacancies(events))
        changed = await matches.save_answers(session, events, side=side, answer=answer)
        await self._told(session, events, _of(events, changed), cause=f"{side}-{answer}")

    async def _lettered(
        self, session: AsyncSession, events: Sequence[LetterEvent], *, state: str
    ) -> None:
        await letters.save_letters(session, events, state=state)
        await decisions.save_happenings(session, events)

    async def _told(
        self,
        session: AsyncSession,
        events: Sequence[VacancyPledged | VacancyChanged | VacancyClosed]
        | Sequence[ShortlistProposed | MatchWithdrawn]
        | Sequence[InterviewEvent],
        changed: Iterable[UUID],
        *,
        cause: str,
    ) -> None:
        await decisions.save_happenings(session, events)
        await deciding.facts_changed(session, set(changed), now=self.now(), cause=cause)


def _vacancies(events: Iterable[VacancyEvent | MatchEvent | InterviewEvent]) -> set[UUID]:
    return {event.vacancy_id for event in events}


def _of(events: Iterable[InterviewEvent | MatchWithdrawn], matches_: set[UUID]) -> set[UUID]:
    return {event.vacancy_id for event in events if event.match_id in matches_}
