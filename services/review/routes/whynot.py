"""Why somebody is not on a shortlist: finding a learner, and asking the matcher."""

from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from services.contacts.store import Reader, find_people
from services.pages.forms import FormRefused
from services.review import labels
from services.review.asking import NoAnswer, Place, UnknownThere
from services.review.chain import Entry
from services.review.console import Console
from services.review.forms import Find
from services.review.guard import visit_of
from services.review.inquiring import Explained
from services.review.store import decisions, matches, vacancies

# a list longer than this is no way to choose a learner
CHOICES = 200


@dataclass(frozen=True, slots=True)
class WhyNotPages:
    """The question and its answer. A name is only ever in a form's body."""

    console: Console

    def add_to(self, router: APIRouter) -> None:
        """Give *router* these pages."""
        at = "/shortlists/{vacancy_id}/why-not"
        router.get(at)(self.ask)
        router.post(at)(self.find)
        router.get(f"{at}/{{learner_id}}")(self.answer)

    async def ask(
        self, request: Request, vacancy_id: UUID, learner: UUID | None = None
    ) -> Response:
        """The search; a learner chosen from the list leads on to the answer."""
        if learner is not None:
            return await self.answer(request, vacancy_id, learner)
        return await self._page(request, vacancy_id)

    async def find(self, request: Request, vacancy_id: UUID) -> Response:
        """Who goes by that name or reference, as aliases; the search is audited."""
        try:
            form = Find.read(await request.form())
        except FormRefused as refused:
            return await self._page(request, vacancy_id, refused=refused)
        console, visit = self.console, visit_of(request)
        async with console.sessions.begin() as session:
            await console.vacancy(session, vacancy_id)
            await vacancies.lock(session, [vacancy_id])
            reader = Reader(account=visit.account, reason="why-not")
            found = await find_people(session, console.vault, form.find, reader=reader)
            entry = Entry(
                at=console.now(),
                account=visit.account,
                act="searched",
                vacancy_id=vacancy_id,
                shown={"found": len(found)},
            )
            await decisions.append(session, [entry])
        return await self._page(request, vacancy_id, found=found)

    async def answer(self, request: Request, vacancy_id: UUID, learner_id: UUID) -> HTMLResponse:
        """Where the learner stands, or the first rule that keeps them off, as the matcher says."""
        console, visit = self.console, visit_of(request)
        async with console.sessions.begin() as session:
            vacancy, found = await console.vacancy(session, vacancy_id)
            elsewhere = await matches.matches_for(session, learner_id)
            reader = await console.reader(session, visit, elsewhere)
        place: Place | None = None
        said: Explained | None = None
        trouble = ""
        try:
            place = await console.matcher.place(vacancy_id, learner_id)
            said = await self._explained(vacancy_id, learner_id)
        except UnknownThere:
            trouble = "The matcher knows no such learner in this area."
        except NoAnswer:
            trouble = (
                "The matcher cannot be asked just now. Nothing is wrong with the shortlist: try "
                "again in a minute."
            )
        return console.page(
            request,
            "why.html",
            here="/",
            vacancy=vacancy,
            called=reader.called(learner_id),
            place=place,
            said=said,
            titles=await self._titles(request, said),
            trouble=trouble,
            match=next((match for match in found if match.learner_id == learner_id), None),
            elsewhere=sum(match.vacancy_id != vacancy_id for match in elsewhere),
        )

    async def _explained(self, vacancy_id: UUID, learner_id: UUID) -> Explained | None:
        """What would change the answer; None where that takes longer than a page may."""
        try:
            return await self.console.inquiries.explained(vacancy_id, learner_id)
        except (NoAnswer, UnknownThere):
            return None

    async def _titles(self, request: Request, said: Explained | None) -> dict[UUID, str]:
        """How the vacancies are called between which learners would move."""
        moves = said.swap.moves if said and said.swap else ()
        moved = {each for move in moves for each in (move.leaves, move.takes)}
        async with self.console.sessions.begin() as session:
            calling = await self.console.calling(
                session, visit_of(request), lambda row: row.vacancy_id in moved, reason="why-not"
            )
        return calling.titles

    async def _page(
        self,
        request: Request,
        vacancy_id: UUID,
        *,
        found: list[UUID] | None = None,
        refused: FormRefused | None = None,
    ) -> HTMLResponse:
        async with self.console.sessions.begin() as session:
            vacancy, _ = await self.console.vacancy(session, vacancy_id)
            known = await matches.learners_of_market(session, vacancy.market, limit=CHOICES)
        return self.console.page(
            request,
            "why-not.html",
            status=422 if refused else 200,
            here="/",
            vacancy=vacancy,
            found=None if found is None else _choices(found),
            choices=_choices(known),
            faults=refused.faults if refused else {},
        )


def _choices(learners: list[UUID]) -> list[tuple[str, UUID]]:
    return sorted((labels.alias(learner_id), learner_id) for learner_id in learners)
