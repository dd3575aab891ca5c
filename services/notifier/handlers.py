"""What the notifier does about the facts it hears of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from schemas.decision import ShortlistSent
from schemas.match import Match, MatchWithdrawn
from services.notifier import interviews, store
from services.notifier.interviews import Interview
from services.notifier.letters import Letter
from services.notifier.replies import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitations:
    """Writes to both sides once a person has approved, and when a match cannot go on."""

    desk: Desk
    now: Callable[[], datetime]

    async def on_shortlist_sent(
        self, events: Sequence[ShortlistSent], session: AsyncSession
    ) -> None:
        """One letter to the employer for each shortlist with news, one to each new learner."""
        await store.lock_vacancies(session, [event.vacancy_id for event in events])
        for event in sorted(events, key=lambda event: (event.occurred_at, event.event_id)):
            await store.add_shortlist(session, event)
            invited = await self._invited(event, session)
            if invited:
                letters = [self._to_employer(event), *(self._to_learner(event, i) for i in invited)]
                await self.desk.order(session, letters, event)

    async def on_match_withdrawn(
        self, events: Sequence[MatchWithdrawn], session: AsyncSession
    ) -> None:
        """The other side hears of it, if its letter had gone."""
        await store.lock_vacancies(session, [event.vacancy_id for event in events])
        for event in sorted(events, key=lambda event: (event.occurred_at, event.event_id)):
            found = await store.interviews(session, [event.match_id])
            before = found.get(event.match_id) or _unheard_of(event)
            met = before.booked_for is not None and before.booked_for <= event.occurred_at
            # what may have taken place is not called off: the employer says how it went
            if not met and (before.sent_at is None or before.sent_at < event.occurred_at):
                after = replace(before, withdrawn_at=event.occurred_at, withdrawn_for=event.reason)
                await self.desk.settle(session, before, after, self.now())

    async def _invited(self, event: ShortlistSent, session: AsyncSession) -> list[Interview]:
        """The matches of *event* whose letters are due now, in the coordinator's order."""
        known = await store.interviews(session, [match.match_id for match in event.matches])
        number = await store.last_number(session, event.vacancy_id)
        due = []
        for match in sorted(event.matches, key=lambda match: match.position):
            new = _new(event, match, number + 1)
            interview = interviews.sent(known.get(match.match_id), new)
            if interview is not None:
                await store.save_interview(session, interview)
                number = max(number, interview.number or 0)
                due.append(interview)
        return [interview for interview in due if not interview.withdrawn]

    def _to_employer(self, event: ShortlistSent) -> Letter:
        return Letter(
            cause=event.event_id,
            recipient=event.vacancy.employer_id,
            template="shortlist",
            side="employer",
            vacancy_id=event.vacancy_id,
            shortlist_id=event.event_id,
            written_at=self.now(),
        )

    def _to_learner(self, event: ShortlistSent, interview: Interview) -> Letter:
        return Letter(
            cause=event.event_id,
            recipient=interview.learner_id,
            template="invitation",
            side="learner",
            vacancy_id=event.vacancy_id,
            shortlist_id=event.event_id,
            match_id=interview.match_id,
            written_at=self.now(),
        )


def _new(event: ShortlistSent, match: Match, number: int) -> Interview:
    return Interview(
        match_id=match.match_id,
        vacancy_id=event.vacancy_id,
        learner_id=match.learner_id,
        number=number,
        shortlist_id=event.event_id,
        sent_at=event.occurred_at,
    )


def _unheard_of(event: MatchWithdrawn) -> Interview:
    return Interview(
        match_id=event.match_id, vacancy_id=event.vacancy_id, learner_id=event.learner_id
    )
