"""What waits for a person, and what they decided."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from services.delivery.database import Sessions
from services.intake import taskstore
from services.intake.acceptance import Desks
from services.intake.cells import Stamp
from services.intake.files import now
from services.intake.http import ACCEPTED, answer
from services.intake.judging import FOR_A_PERSON
from services.intake.problems import Problem
from services.intake.statements import VacancyStatement


class Task(BaseModel):
    """Something a person must look at; it names nobody."""

    task_id: UUID
    kind: str
    about: UUID
    words: str
    raised_at: datetime


class Settled(BaseModel):
    """A person's answer: *pass* lets a held vacancy through as it is, *done* only closes."""

    account: str = Field(min_length=1, max_length=80)
    decision: str = Field(pattern="^(pass|done)$")


def task_routes(sessions: Sessions, desks: Desks) -> APIRouter:
    """Tasks, read by the console."""
    router = APIRouter(prefix="/v1")

    @router.get("/tasks")
    async def tasks(
        open: Annotated[bool, Query()] = True,  # noqa: A002, FBT002, ARG001 - a query parameter
    ) -> list[Task]:
        """What waits for a person, oldest first."""
        async with sessions() as session:
            rows = await taskstore.open_tasks(session)
        return [Task.model_validate(row, from_attributes=True) for row in rows]

    @router.post("/tasks/{task_id}", status_code=ACCEPTED)
    async def settle(task_id: UUID, body: Settled) -> dict[str, Any]:
        """Settle a task; passing a held vacancy releases it if nothing else holds it."""
        async with sessions.begin() as session:
            task = await taskstore.close(session, task_id, body.account)
            if task is None:
                raise Problem("not-found", "no such open task")
            if body.decision != "pass" or task.kind not in FOR_A_PERSON:
                return {"id": str(task_id)}
            waiver = VacancyStatement(
                place="",
                vacancy_id=task.about,
                stamp=Stamp(now(), body.account),
                given={f"waived:{task.kind}": task.words},
            )
            (row,) = await desks.take(session, [waiver])
        return answer(row)

    return router
