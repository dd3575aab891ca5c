"""Looking at one match: what each of its pages shows."""

from dataclasses import dataclass
from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse

from services.contacts.store import Person, Reader, people
from services.pages.forms import FormRefused
from services.review import clock, reasons
from services.review.cards import Card, shortlist
from services.review.console import Console
from services.review.deciding import UnknownVacancy
from services.review.guard import Visit
from services.review.standing import Standing
from services.review.state import MatchState, VacancyState
from services.review.store import accounts

# how many working days a hold may be for
HOLDS = (1, 2, 3, 5, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A match as its pages show it."""

    vacancy: VacancyState
    match: MatchState
    card: Card
    cards: tuple[Card, ...]
    person: Person | None


async def look(console: Console, visit: Visit, vacancy_id: UUID, match_id: UUID) -> Looked:
    """The match and its shortlist; raises UnknownVacancy."""
    async with console.sessions.begin() as session:
        vacancy, found = await console.vacancy(session, vacancy_id)
        match = next((m for m in found if m.match_id == match_id), None)
        if match is None:
            raise UnknownVacancy(f"no match {match_id} on vacancy {vacancy_id}")
        reader = await console.reader(session, visit, found)
        seen = await accounts.revealed(session, visit.id_hash, [match.learner_id])
        person = None
        if why := seen.get(match.learner_id):
            who = Reader(account=visit.account, reason=why)
            known = await people(session, console.vault, [match.learner_id], reader=who)
            person = known.get(match.learner_id)
    listed = shortlist(vacancy, found, reader)
    every = (*listed.listed, *listed.ended)
    card = next(card for card in every if card.match_id == match_id)
    return Looked(vacancy=vacancy, match=match, card=card, cards=listed.listed, person=person)


def page(
    console: Console,
    request: Request,
    name: str,
    looked: Looked,
    *,
    status: int = 200,
    **data: object,
) -> HTMLResponse:
    """The page *name* about a match."""
    facts = looked.match.facts
    contributions = sorted(facts.contributions if facts else (), key=lambda c: -c.effect)
    return console.page(
        request,
        name,
        status=status,
        here="/",
        looked=looked,
        card=looked.card,
        vacancy=looked.vacancy,
        contributions=contributions,
        going=looked.card.standing == Standing.APPROVED,
        **data,
    )


def form_page(
    console: Console,
    request: Request,
    name: str,
    looked: Looked,
    refused: FormRefused | None = None,
    **data: object,
) -> HTMLResponse:
    """A page that asks something about a match; *refused* is what was wrong with the answer."""
    today = clock.today(console.now())
    return page(
        console,
        request,
        name,
        looked,
        status=422 if refused else 200,
        faults=refused.faults if refused else {},
        entries=refused.entries if refused else {},
        days=[clock.working_days_after(today, count) for count in HOLDS],
        holding=reasons.HOLDING,
        rejecting=reasons.REJECTING,
        moving=reasons.MOVING,
        revealing=reasons.REVEALING,
        **data,
    )
