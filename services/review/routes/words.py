"""Words for skills that nobody knows: intake keeps them and acts on what a coordinator says."""

from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import HTMLResponse

from services.pages.forms import FormRefused
from services.review.asking import NoAnswer, Refused
from services.review.chain import Entry
from services.review.console import Console, see
from services.review.forms import RuleWord
from services.review.guard import visit_of
from services.review.store import decisions

AWAY = {"meaning": "Intake gives no answer just now: try again in a minute"}


@dataclass(frozen=True, slots=True)
class WordPages:
    """The list, and a page a word. Addresses hold an id: a word may be anything people wrote."""

    console: Console

    def add_to(self, router: APIRouter) -> None:
        """Give *router* these pages."""
        router.get("/words")(self.listed)
        router.get("/words/{word_id}")(self.show)
        router.post("/words/{word_id}")(self.rule)

    async def listed(self, request: Request) -> HTMLResponse:
        """Every word that waits, those most records say first."""
        words = await self.console.intake.words()
        return self.console.page(request, "words.html", here="/", words=words)

    async def show(self, request: Request, word_id: UUID) -> HTMLResponse:
        """One word, and what it may mean."""
        return await self._page(request, word_id)

    async def rule(self, request: Request, word_id: UUID) -> Response:
        """Tell intake; the log keeps who decided what, and not the word."""
        console, visit = self.console, visit_of(request)
        try:
            form = RuleWord.read(await request.form())
        except FormRefused as refused:
            return await self._page(request, word_id, refused.faults)
        words = await console.intake.words()
        word = next((word for word in words or () if word.id == word_id), None)
        if word is None:
            return see("/words") if words is not None else await self._page(request, word_id, AWAY)
        try:
            version = await console.intake.rule(
                word.word, skill=form.means, label=form.named, account=visit.account
            )
        except Refused as refused:
            return await self._page(request, word_id, {"meaning": str(refused).capitalize()})
        except NoAnswer:
            return await self._page(request, word_id, AWAY)
        entry = Entry(
            at=console.now(),
            account=visit.account,
            act="word-ruled",
            reason=form.meaning.partition(":")[0],
            shown={"word_id": str(word_id), "skill": form.means, "version": version},
        )
        async with console.sessions.begin() as session:
            await decisions.append(session, [entry])
        return see("/words")

    async def _page(self, request: Request, word_id: UUID, faults: object = None) -> HTMLResponse:
        words, skills = await self.console.intake.words(), await self.console.intake.skills()
        word = next((word for word in words or () if word.id == word_id), None)
        if words is not None and word is None:
            raise HTTPException(404)
        return self.console.page(
            request,
            "word.html",
            status=422 if faults else 200,
            here="/",
            word=word if skills else None,
            skills=sorted(skills.skills, key=lambda skill: str(skill["label"])) if skills else (),
            faults=faults or {},
        )
