"""Rounds over several days and upgrades, and the command that looks back at them."""

import asyncio
import json
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from typer.testing import CliRunner

from schemas.match import ShortlistProposed
from services.cli.app import app
from services.matcher import model_store, saved
from services.matcher.prior import fitted
from services.matcher.rules import Rules
from services.matcher.scorer import Model
from tests.matcher import happened
from tests.matcher.scene import RULES, Scene

UPGRADES = tuple(fitted(expert_weight=weight) for weight in (30, 90, 120))
NEXT_RULES = Rules.of(RULES.raw.replace(b"usual_miles = 35.0", b"usual_miles = 5.0"))


async def activated(scene: Scene, model: Model) -> None:
    async with scene.sessions.begin() as session:
        await model_store.challenge(session, model.version, saved.text(model), {"of": "test"})
        assert await model_store.activate(session, model.version, by="c1")


async def made(scene: Scene) -> list[UUID]:
    """All rounds of the market, the oldest first."""
    async with scene.sessions() as session:
        rows = await session.execute(text("select round_id from round order by at, place"))
        return [row.round_id for row in rows]


async def events(scene: Scene, round_id: UUID) -> int:
    """How many shortlists a round published."""
    said = await scene.said()
    return sum(isinstance(e, ShortlistProposed) and e.round_id == round_id for e in said)


async def a_day(scene: Scene, vacancies: list[UUID], *, steps: int = 3) -> None:
    """A round and some steps on it, with decisions in between."""
    scene.now += timedelta(minutes=5)
    await scene.tell(*(happened.pledge(each, skills=("python",)) for each in vacancies))
    people = [
        happened.completer(skills=("python",) if n % 2 else (), outcode="WV1" if n % 3 else "B5")
        for n in range(7)
    ]
    await scene.tell(*(event for events in people for event in events))
    await scene.round()
    for n in range(steps):
        scene.now += timedelta(minutes=5)
        first, *_ = await scene.places(vacancies[n % len(vacancies)])
        await scene.tell(*happened.completer(skills=("python",)))
        await scene.tell(happened.approved(first, vacancies[n % len(vacancies)]))
        await scene.round()


class Command:
    """The command, in a process's own environment but ours; it runs its own event loop."""

    def __init__(self, database: str) -> None:
        self.environment = {"P2A_DATABASE_URL": database}

    async def text(self, *words: object, code: int = 0) -> str:
        asked = ["round", *(str(word) for word in words)]
        done = await asyncio.to_thread(CliRunner().invoke, app, asked, env=self.environment)
        assert done.exit_code == code, done.output
        return str(done.output)

    async def facts(self, *words: object, code: int = 0) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(await self.text(*words, "--json", code=code))
        return found
