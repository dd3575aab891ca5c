"""Something new about a match takes effect: its row, the facts, the letters, the links."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from schemas.decision import ShortlistSent
from services.delivery.outbox import post
from services.notifier import clock, letter_store, links, store
from services.notifier.consequences import Due, Settled, settled
from services.notifier.interviews import Interview
from services.notifier.letters import Letter
from services.notifier.tables import LinkRow

ANSWER_WITHIN = 5  # working days a letter asks for
AT_LEAST = 10  # working days an answer is taken, also when the pledge's date is near or past
AFTERWARDS = timedelta(days=60)  # the employer may still say what came of it
BOOKINGS = ("booking-employer", "booking-learner")


def answer_by(sent_at: datetime, interview_by: date) -> date:
    """The day a letter asks an answer for: in time for the interview, never today."""
    asked = clock.add_working_days(clock.local_day(sent_at), ANSWER_WITHIN)
    tomorrow = clock.add_working_days(clock.local_day(sent_at), 1)
    return max(tomorrow, min(asked, interview_by))


def open_until(sent_at: datetime, interview_by: date) -> datetime:
    """The moment after which no answer is taken."""
    return clock.end_of(
        max(interview_by, clock.add_working_days(clock.local_day(sent_at), AT_LEAST))
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where letters are ordered. *links* makes the tokens they carry."""

    links: links.Links

    async def settle(
        self, session: AsyncSession, before: Interview, after: Interview, now: datetime
    ) -> Interview:
        """Let *after* take effect, with all that follows; the vacancy must be locked."""
        others = await store.interviews_of(session, after.vacancy_id)
        taken = frozenset(
            other.booked_for
            for other in others
            if other.booked_for and other.match_id != after.match_id and not other.over
        )
        busy = await store.booked_elsewhere(session, after.vacancy_id, [after.learner_id])
        outcome = settled(before, after, taken=taken | busy[after.learner_id], now=now)
        if outcome.interview == before:
            return before
        await store.save_interview(session, outcome.interview)
        await post(session, *outcome.events)
        for due in await self._still_needed(session, outcome):
            await self._order(session, outcome.interview, due, now)
        return outcome.interview

    async def order(
        self, session: AsyncSession, letters: Iterable[Letter], shortlist: ShortlistSent
    ) -> None:
        """Make *letters* due, each with a link of its own."""
        for letter in letters:
            await letter_store.write(session, [letter])
            await letter_store.add_link(session, self._link(letter, shortlist))

    async def _order(
        self, session: AsyncSession, interview: Interview, due: Due, now: datetime
    ) -> None:
        if interview.shortlist_id is None:
            return
        shortlist = await store.shortlist(session, interview.shortlist_id)
        employer = due.side == links.EMPLOYER
        letter = Letter(
            cause=uuid5(interview.match_id, str(interview.changes)),
            recipient=shortlist.vacancy.employer_id if employer else interview.learner_id,
            template=due.template,
            side=due.side,
            vacancy_id=interview.vacancy_id,
            shortlist_id=interview.shortlist_id,
            match_id=interview.match_id,
            written_at=now,
            about=due.about,
        )
        await self.order(session, [letter], shortlist)

    async def _still_needed(self, session: AsyncSession, outcome: Settled) -> list[Due]:
        """Nobody is told of the end, or the move, of something they never heard of."""
        interview = outcome.interview
        if not outcome.letters or interview.shortlist_id is None:
            return []
        await letter_store.drop(session, interview.match_id, BOOKINGS)
        if interview.over:
            await letter_store.drop(session, interview.match_id, ["invitation"])
        needed: list[Due] = []
        for side in (links.EMPLOYER, links.LEARNER):
            told = await letter_store.left(
                session, interview.shortlist_id, f"booking-{side}", interview.match_id
            )
            letters = outcome.letters if told or not outcome.unbooked else outcome.unbooked
            ours = [due for due in letters if due.side == side]
            if interview.over and not told and not await self._invited(session, interview, side):
                continue
            needed += ours if told else [_not_moved(due) for due in ours]
        return needed

    async def _invited(self, session: AsyncSession, interview: Interview, side: str) -> bool:
        """Whether *side* may know of the match: its letter left, or its page was answered."""
        if interview.shortlist_id is None:
            return False
        if side == links.EMPLOYER:
            return interview.employer is not None or await letter_store.left(
                session, interview.shortlist_id, "shortlist"
            )
        return interview.learner is not None or await letter_store.left(
            session, interview.shortlist_id, "invitation", interview.match_id
        )

    def _link(self, letter: Letter, shortlist: ShortlistSent) -> LinkRow:
        closes = open_until(shortlist.occurred_at, shortlist.vacancy.interview_by)
        return LinkRow(
            token_hash=links.digest(self.links.token(letter.letter_id, letter.side)),
            letter_id=letter.letter_id,
            purpose=letter.side,
            subject=letter.subject,
            expires_at=max(closes, letter.written_at) + AFTERWARDS,
        )


def _not_moved(due: Due) -> Due:
    return replace(due, about={name: due.about[name] for name in due.about if name != "moved"})
