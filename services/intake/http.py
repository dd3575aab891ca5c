"""The paths of intake. Each hands what it got to the desks, in one transaction."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, File, Form, Query, Request, UploadFile

from services.delivery.database import Sessions
from services.delivery.failpoints import reach
from services.intake import cloud, store
from services.intake.acceptance import Desks
from services.intake.adverts import statement
from services.intake.bodies import ErasureBody, LearnerBody, Moment, PledgeRecord
from services.intake.files import Source, now
from services.intake.ingest import ingest
from services.intake.report import Row
from services.intake.statements import Statement
from services.intake.told import of_erasure, of_learner, of_pledge

ACCEPTED = 202
CLOUD_EVENT = {
    "requestBody": {
        "required": True,
        "content": {
            "application/cloudevents+json": {"schema": {"type": "object"}},
            "application/json": {"schema": {"type": "object"}},
        },
    }
}


def record_routes(sessions: Sessions, desks: Desks) -> APIRouter:
    """The ways in: one record, one event, or a whole file."""
    router = APIRouter(prefix="/v1")

    async def take(found: Statement) -> dict[str, Any]:
        async with sessions.begin() as session:
            (row,) = await desks.take(session, [found])
        reach("intake.accepted")
        return answer(row)

    @router.post("/learners", status_code=ACCEPTED)
    async def learner(body: LearnerBody) -> dict[str, Any]:
        """Take what is known of one learner."""
        return await take(of_learner(body, place=""))

    @router.post("/vacancies", status_code=ACCEPTED)
    async def vacancy(
        body: Annotated[dict[str, Any], Body()],
        reference: Annotated[str | None, Query(max_length=80)] = None,
        as_of: Annotated[Moment | None, Query()] = None,
    ) -> dict[str, Any]:
        """Take one advert of any of the three dialects; `pledge` may stand beside its fields."""
        return await take(statement(body, place="", at=as_of or now(), reference=reference))

    @router.post("/pledges", status_code=ACCEPTED)
    async def pledge(body: PledgeRecord) -> dict[str, Any]:
        """Take the interviews pledged on an advert, or an employer's standing pledge."""
        return await take(of_pledge(body, place=""))

    @router.post("/erasures", status_code=ACCEPTED)
    async def erasure(body: ErasureBody) -> dict[str, Any]:
        """Forget a learner, for good."""
        return await take(of_erasure(body, place=""))

    @router.post("/events", status_code=ACCEPTED, openapi_extra=CLOUD_EVENT)
    async def event(request: Request) -> dict[str, Any]:
        """Take one CloudEvent, binary or structured; a repeat changes nothing."""
        incoming = cloud.read(request.headers, await request.body())
        found = cloud.stated(incoming)
        async with sessions.begin() as session:
            new = await store.first_delivery(session, incoming.source, incoming.event_id)
            rows = await desks.take(session, [found]) if new else []
        reach("intake.accepted")
        made = answer(rows[0]) if rows else {}
        return made | {"id": incoming.event_id, "duplicate": not new}

    @router.post("/files")
    async def upload(
        file: Annotated[UploadFile, File()],
        pledges: Annotated[UploadFile | None, File()] = None,
        as_of: Annotated[Moment | None, Form()] = None,
        dry_run: Annotated[bool, Query()] = False,  # noqa: FBT002 - a query parameter
    ) -> dict[str, Any]:
        """Take a whole file: ILR XML, vacancy JSON or CSV; the report says what became of it."""
        at = as_of or now()
        given = [upload for upload in (pledges, file) if upload]
        sources = [Source(f.filename or "upload", await f.read(), at) for f in given]
        report = await ingest(sessions, desks, sources, dry_run=dry_run)
        return report.as_json()

    return router


def answer(row: Row) -> dict[str, Any]:
    """What a sender hears of its one record."""
    names = ("verdict", "rule", "words", "about", "also", "notes", "wage")
    said = {name: value for name, value in row.as_json().items() if name in names}
    return {"id": str(row.event_id or row.about), "duplicate": False, **said}
