"""Writing a letter from what is true when it goes: the match, its shortlist, the people."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.contacts import store as contacts
from services.contacts.store import Reader
from services.contacts.vault import Vault
from services.notifier import calendar, facts, links, store
from services.notifier.facts import Known
from services.notifier.letters import Letter, written
from services.notifier.message import Post, Sender, attach

NAMING = ("booking-employer",)  # the letters to an employer that may know a learner's name
METHODS = {"booking": calendar.REQUEST, "cancelled": calendar.CANCEL}


class Unaddressed(Exception):
    """Nobody to write to; the message is a stable reason."""


class OutOfDate(Exception):
    """What the letter would say is no longer so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Turns a letter's row into an e-mail. Reads contacts, with an audit row each time."""

    vault: Vault
    links: links.Links
    sender: Sender
    organisation: str
    phone: str

    async def post(self, session: AsyncSession, letter: Letter) -> Post:
        """The e-mail of *letter*; raises Unaddressed or OutOfDate."""
        known = await self._known(session, letter)
        if not facts.still_so(known):
            raise OutOfDate(letter.template)
        to = _address(known)
        token = self.links.token(letter.letter_id, letter.side)
        told = facts.facts(
            known,
            link=self.links.address(token),
            organisation=self.organisation,
            phone=self.phone,
        )
        words = written(letter.template, told)
        try:
            post = self.sender.post(letter, words, to=to, token=token, at=letter.written_at)
        except ValueError as error:
            raise Unaddressed("no-address") from error
        self._add_calendar(known, post, str(told["link"]))
        return post

    async def _known(self, session: AsyncSession, letter: Letter) -> Known:
        shortlist = await store.shortlist(session, letter.shortlist_id)
        interviews = await store.interviews_of(session, letter.vacancy_id)
        reader = Reader(account="notifier", reason=f"letter {letter.template}")
        employer_id = shortlist.vacancy.employer_id
        employers = await contacts.employers(session, self.vault, [employer_id], reader=reader)
        if employer_id not in employers:
            raise Unaddressed("no-address")
        wanted = [
            one.learner_id
            for one in interviews
            if one.match_id == letter.match_id
            and (letter.side == links.LEARNER or letter.template in NAMING)
        ]
        people = await contacts.people(session, self.vault, wanted, reader=reader) if wanted else {}
        return Known(
            letter=letter,
            shortlist=shortlist,
            interviews=interviews,
            employer=employers[employer_id],
            person=next(iter(people.values()), None),
        )

    def _add_calendar(self, known: Known, post: Post, link: str) -> None:
        method = METHODS.get(known.letter.template.partition("-")[0])
        about, interview = known.letter.about, known.interview
        if method is None or interview is None:
            return
        vacancy = known.shortlist.vacancy
        meeting = calendar.Meeting(
            match_id=interview.match_id,
            sequence=int(about["sequence"]),
            starts_at=datetime.fromisoformat(about["starts_at"]),
            written_at=known.letter.written_at,
            summary=f"Interview: {vacancy.title}",
            description=f"To change it or call it off: {link}",
            location=facts.place(vacancy, known.employer),
            organiser=self.sender.mailbox,
            attendee=post.to,
        )
        attach(post.message, calendar.calendar(meeting, method), method)


def _address(known: Known) -> str:
    if known.letter.side == links.EMPLOYER:
        address = known.employer.email
    elif known.person is None:
        address = None
    else:
        if known.person.contact_restricted:
            raise Unaddressed("contact-restricted")
        address = known.person.email
    if not address:
        raise Unaddressed("no-address")
    return address
