"""The skills that hold, words nobody knows, and what a coordinator decided of them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.delivery.database import Sessions
from services.intake import wordstore
from services.intake.http import ACCEPTED
from services.intake.identities import word_id
from services.intake.lexicon import Current, Lexicon
from services.intake.problems import Problem
from services.intake.rulings import RulingRefused, rule
from services.intake.wordstore import Waiting


class Ruled(BaseModel):
    """*word* means *skill*, or a new skill called *label*; with neither it means none."""

    word: str = Field(min_length=1, max_length=80)
    skill: str | None = Field(default=None, max_length=80)
    label: str | None = Field(default=None, min_length=1, max_length=80)
    account: str = Field(min_length=1, max_length=80)


def skill_routes(sessions: Sessions, lexicon: Lexicon, ruled: Callable[[], None]) -> APIRouter:
    """Read and answered by the console; *ruled* is called after each decision."""
    router = APIRouter(prefix="/v1/skills")

    @router.get("")
    async def skills() -> dict[str, Any]:
        """The version that holds and its skills, by key."""
        async with sessions.begin() as session:
            return shown(await lexicon.current(session))

    @router.get("/words")
    async def words() -> list[dict[str, Any]]:
        """The words that wait, those most records say first, each with the nearest skills."""
        async with sessions.begin() as session:
            current = await lexicon.current(session)
            return [queued(word, current) for word in await wordstore.waiting(session)]

    @router.post("/words", status_code=ACCEPTED)
    async def decide(body: Ruled) -> dict[str, str]:
        """Decide what a word means; who says it is read anew, and told to others if it changes."""
        try:
            async with sessions.begin() as session:
                current = await rule(
                    session, body.word, skill=body.skill, label=body.label, account=body.account
                )
        except RulingRefused as refused:
            raise Problem("refused", str(refused)) from refused
        ruled()
        return {"version": current.book.version}

    return router


def shown(current: Current) -> dict[str, Any]:
    """The skills that hold, as JSON."""
    skills = sorted(current.book.skills.values(), key=lambda skill: skill.key)
    return {
        "version": current.book.version,
        "since": current.since.isoformat(),
        "standards": len(current.book.standards),
        "skills": [{"key": s.key, "label": s.label, "used": s.used} for s in skills],
    }


def queued(waiting: Waiting, current: Current) -> dict[str, Any]:
    """A word that waits, as JSON."""
    since: datetime = waiting.since
    return {
        "id": str(word_id(waiting.word)),
        "word": waiting.word,
        "written": waiting.written,
        "times": waiting.times,
        "sources": dict(waiting.sources),
        "since": since.isoformat(),
        "suggestions": [
            {"key": near.key, "label": near.label, "score": near.score}
            for near in current.book.suggestions(waiting.word)
        ],
    }
