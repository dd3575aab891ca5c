"""CloudEvents over HTTP: one at a time, binary or structured, each taken once."""

import json
from typing import Any

import httpx
import pytest

from services.delivery.database import Sessions
from tests.intake import look, make
from tests.intake.calling import LEARNER, binary
from tests.intake.make import PLEDGE, advert


async def test_a_cloud_event_in_binary_mode_is_taken_once(
    client: httpx.AsyncClient, sessions: Sessions
) -> None:
    for duplicate in (False, True):
        answer = await client.post("/v1/events", json=LEARNER, headers=binary())
        assert answer.status_code == 202
        assert (answer.json()["id"], answer.json()["duplicate"]) == ("e1", duplicate)
    # the same id of another source is another event
    other = await client.post("/v1/events", json=LEARNER, headers=binary(source="/other"))
    assert other.json()["duplicate"] is False
    assert await look.names(sessions) == ["LearnerEnrolled"]


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        ("p2a.LearnerRecorded.v1", LEARNER, ["LearnerEnrolled"]),
        ("p2a.VacancyRecorded.v1", advert(pledge=PLEDGE), ["VacancyPledged"]),
        ("p2a.InterviewsPledged.v1", {"vacancy": "1000001", **PLEDGE}, []),
        ("p2a.VacancyEnded.v1", {"vacancy": "VAC1000001", "reason": "Filled"}, []),
        ("p2a.ErasureRequested.v1", {"ukprn": make.UKPRN, "reference": "L0001"},
         ["LearnerErased"]),
    ],
)  # fmt: skip
async def test_each_type_of_cloud_event_is_taken_in_structured_mode(
    client: httpx.AsyncClient, sessions: Sessions, kind: str, data: dict[str, Any],
    expected: list[str],
) -> None:  # fmt: skip
    event = {"specversion": "1.0", "id": "e1", "source": "/s", "type": kind,
             "time": "2026-11-18T09:00:00Z", "datacontenttype": "application/json",
             "data": data}  # fmt: skip
    headers = {"Content-Type": "application/cloudevents+json"}
    answer = await client.post("/v1/events", content=json.dumps(event), headers=headers)
    assert answer.status_code == 202, answer.text
    assert await look.names(sessions) == expected


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"Content-Type": "application/json"}, b"{}", 400),
        ({"Content-Type": "application/cloudevents+json"}, b"{", 400),
        ({"Content-Type": "application/cloudevents-batch+json"}, b"[]", 415),
        (binary(type="p2a.Nonsense.v1"), b"{}", 422),
        (binary(), b"[]", 422),
        (binary(), b"not json", 422),
        (binary(time="yesterday"), b"{}", 400),
    ],
)
async def test_what_is_no_event_is_refused(
    client: httpx.AsyncClient, headers: dict[str, str], body: bytes, status: int
) -> None:
    answer = await client.post("/v1/events", content=body, headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_refused_event_may_come_again_corrected(
    client: httpx.AsyncClient, sessions: Sessions
) -> None:
    bad = await client.post("/v1/events", json={"ukprn": "1"}, headers=binary())
    good = await client.post("/v1/events", json=LEARNER, headers=binary())
    assert (bad.status_code, good.status_code) == (422, 202)
    assert await look.names(sessions) == ["LearnerEnrolled"]
