"""Opening a link, and doing what its page asks: one transaction each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.contacts import store as contacts
from services.contacts.store import Employer, Person, Reader
from services.contacts.vault import Vault
from services.notifier import links, reply_forms, store
from services.notifier.interviews import YES
from services.notifier.replies import Desk
from services.notifier.standing import Standing

READER = Reader(account="notifier", reason="reply page")


class LinkClosed(Exception):
    """Nobody's token, or one that has expired or was revoked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What a link shows: *mine* is the learner's own match, None on an employer's page."""

    side: str
    all_of_them: tuple[Standing, ...]
    mine: Standing | None
    employer: Employer | None
    people: Mapping[UUID, Person]
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """The two things a reply page can do."""

    desk: Desk
    vault: Vault

    async def open(self, session: AsyncSession, token: str, now: datetime) -> Opened:
        """What *token* shows; raises LinkClosed. Changes nothing but the contacts audit."""
        side, subject = await self._link(session, token, now)
        vacancy_id = subject
        if side == links.LEARNER:
            vacancy_id = (await store.interviews(session, [subject]))[subject].vacancy_id
        standings = await self._standings(session, vacancy_id, now)
        mine = next((one for one in standings if one.interview.match_id == subject), None)
        shown = mine or standings[-1]
        employer_id = shown.shortlist.vacancy.employer_id
        employers = await contacts.employers(session, self.vault, [employer_id], reader=READER)
        return Opened(
            side=side,
            all_of_them=standings,
            mine=mine,
            employer=employers.get(employer_id),
            people={} if mine else await self._people(session, standings),
            now=now,
        )

    async def answer(
        self, session: AsyncSession, token: str, sent: Mapping[str, str], now: datetime
    ) -> Mapping[str, str]:
        """Let the form *sent* take effect; the faults by field if it cannot. Raises LinkClosed."""
        side, subject = await self._link(session, token, now)
        vacancy_id = subject
        if side == links.LEARNER:
            vacancy_id = (await store.interviews(session, [subject]))[subject].vacancy_id
        await store.lock_vacancies(session, [vacancy_id])
        standings = await self._standings(session, vacancy_id, now)
        if side == links.EMPLOYER:
            answers = reply_forms.employers(sent, standings, now)
        else:
            mine = next(one for one in standings if one.interview.match_id == subject)
            answers = reply_forms.learners(sent, mine, standings)
        if answers.faults:
            return answers.faults
        before = {one.interview.match_id: one.interview for one in standings}
        for after in answers.after:
            await self.desk.settle(session, before[after.match_id], after, now)
        return {}

    async def _link(self, session: AsyncSession, token: str, now: datetime) -> tuple[str, UUID]:
        try:
            token_hash = links.digest(token)
        except links.NotAToken as error:
            raise LinkClosed("not a token") from error
        found = await store.link(session, token_hash, now)
        if found is None:
            raise LinkClosed("unknown, expired or revoked")
        return found.purpose, found.subject

    async def _standings(
        self, session: AsyncSession, vacancy_id: UUID, now: datetime
    ) -> tuple[Standing, ...]:
        interviews = await store.interviews_of(session, vacancy_id)
        shortlists = await store.shortlists_of(session, vacancy_id)
        learners = [one.learner_id for one in interviews]
        busy = await store.booked_elsewhere(session, vacancy_id, learners)
        return tuple(
            Standing(
                interview=one,
                shortlist=shortlists[one.shortlist_id],
                now=now,
                busy=busy[one.learner_id],
            )
            for one in interviews
            if one.shortlist_id is not None
        )

    async def _people(
        self, session: AsyncSession, standings: tuple[Standing, ...]
    ) -> Mapping[UUID, Person]:
        """Those an employer may know by name: said yes to, and still taking part."""
        known = [
            one.interview.learner_id
            for one in standings
            if one.interview.employer == YES and not one.interview.over
        ]
        if not known:
            return {}
        return await contacts.people(session, self.vault, known, reader=READER)
