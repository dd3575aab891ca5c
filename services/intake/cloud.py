"""CloudEvents over HTTP, one at a time, binary or structured."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from cloudevents.core.exceptions import BaseCloudEventException

from services.intake.adverts import SOURCE, digest, statement
from services.intake.bodies import ErasureBody, LearnerBody, PledgeRecord
from services.intake.cells import Stamp
from services.intake.faults import Fault
from services.intake.identities import vacancy_id
from services.intake.problems import Problem
from services.intake.statements import RowUnreadable, Statement, VacancyStatement
from services.intake.told import of_erasure, of_learner, of_pledge

BATCH = "application/cloudevents-batch+json"


@dataclass(frozen=True, slots=True)
class Incoming:
    """An event as its sender identified it."""

    event_id: str
    source: str
    type: str
    at: datetime
    subject: str | None
    data: Mapping[str, Any]


def read(headers: Mapping[str, str], body: bytes) -> Incoming:
    """The event of a request; raises Problem."""
    if headers.get("content-type", "").startswith(BATCH):
        raise Problem("media-type", "batches are not taken: send one event at a time")
    try:
        event = from_http_event(HTTPMessage(dict(headers), body))
    except (BaseCloudEventException, ValueError, TypeError, KeyError) as error:
        raise Problem("broken", "this is no CloudEvent of specversion 1.0") from error
    at, data = event.get_time(), event.get_data()
    faults = []
    if at is None:
        faults.append(Fault("/time", "missing", "is missing: the time orders events"))
    if not isinstance(data, dict):
        faults.append(Fault("/data", "wrong", "is not a JSON object"))
    if at is None or not isinstance(data, dict):
        raise Problem("refused", "the event has faults", faults)
    moment = at if at.tzinfo else at.replace(tzinfo=UTC)
    return Incoming(
        event.get_id(), event.get_source(), event.get_type(), moment, event.get_subject(), data
    )


def stated(event: Incoming) -> Statement:
    """What *event* says; its time stands in for a missing ``as_of``. Raises Problem and others."""
    said = {"as_of": event.at.isoformat(), **event.data}
    place = "/data"
    match event.type:
        case "p2a.LearnerRecorded.v1":
            return of_learner(LearnerBody.model_validate(said), place=place)
        case "p2a.InterviewsPledged.v1":
            return of_pledge(PledgeRecord.model_validate(said), place=place)
        case "p2a.ErasureRequested.v1":
            return of_erasure(ErasureBody.model_validate(said), place=place)
        case "p2a.VacancyRecorded.v1":
            return statement(event.data, place=place, at=event.at, reference=event.subject)
        case "p2a.VacancyEnded.v1":
            return _ended(event)
        case _:
            fault = Fault("/type", "unknown", "is not a type intake takes: see /docs")
            raise Problem("refused", "the event's type is unknown", [fault])


def _ended(event: Incoming) -> VacancyStatement:
    reference = event.subject or event.data.get("vacancy")
    if not isinstance(reference, str):
        raise RowUnreadable("missing", "the vacancy's reference is missing", pointer="/subject")
    reason = str(event.data.get("reason") or "closed").casefold()
    return VacancyStatement(
        place="/data",
        vacancy_id=vacancy_id(SOURCE, reference),
        stamp=Stamp(event.at, digest(event.data)),
        given={"closed": "".join(c if c.isalnum() and c.isascii() else "-" for c in reason)[:80]},
        reference=reference,
    )
