"""What stands at the edges in these tests: a clock, and the two services that are asked."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx

from tests.review.make import MONDAY

PLACE_PARTS = 6  # of the path of a place: /v1/vacancies/{id}/learners/{id}


class FakeClock:
    """Stands still until it is moved."""

    def __init__(self, now: datetime = MONDAY) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


class FakeServices:
    """The matcher's question page, intake's tasks and words, as docs/architecture/seams.md has."""

    def __init__(self) -> None:
        self.places: dict[tuple[UUID, UUID], dict[str, Any]] = {}
        self.tasks: list[dict[str, Any]] = []
        self.words: list[dict[str, Any]] = []
        self.ruled: list[dict[str, Any]] = []
        self.refusal = ""
        # by path after /v1, the query left out: what the matcher says; a number is a bare status
        self.said: dict[str, Any] = {}
        self.changes: list[dict[str, Any]] = []
        self.away = False
        self.asked: list[str] = []
        self.settled: list[dict[str, str]] = []

    def client(self) -> httpx.AsyncClient:
        """A client that reaches only these."""
        return httpx.AsyncClient(transport=httpx.MockTransport(self._answer))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path)
        if self.away:
            raise httpx.ConnectError("away", request=request)
        if request.url.path.startswith("/v1/tasks"):
            return self._tasks(request)
        if request.url.path.startswith("/v1/skills"):
            return self._skills(request)
        parts = request.url.path.split("/")
        if len(parts) != PLACE_PARTS:
            return self._matcher(request)
        _, _, _, vacancy, _, learner = parts
        place = self.places.get((UUID(vacancy), UUID(learner)))
        return httpx.Response(200, json=place) if place else httpx.Response(404, json={})

    def _skills(self, request: httpx.Request) -> httpx.Response:
        if request.headers.get("authorization") != "Bearer p2a_test_key":
            return httpx.Response(401)
        if request.url.path == "/v1/skills":
            known = [{"key": "welding", "label": "Welding", "used": True},
                     {"key": "patience", "label": "Patience", "used": True}]  # fmt: skip
            return httpx.Response(200, json={"version": "p2a-1-abc", "skills": known})
        if request.method == "GET":
            return httpx.Response(200, content=json.dumps(self.words, default=str))
        if self.refusal:
            return httpx.Response(422, json={"detail": self.refusal})
        said = json.loads(request.content)
        self.words = [word for word in self.words if word["word"] != said["word"]]
        self.ruled.append(said)
        return httpx.Response(202, json={"version": "p2a-1-def"})

    def _matcher(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            self.changes += json.loads(request.content)["changes"]
        said = self.said.get(request.url.path.removeprefix("/v1/"), 404)
        if isinstance(said, int):
            return httpx.Response(said, json={"detail": "no such thing"})
        return httpx.Response(200, content=json.dumps(said, default=str))

    def _tasks(self, request: httpx.Request) -> httpx.Response:
        if request.headers.get("authorization") != "Bearer p2a_test_key":
            return httpx.Response(401)
        if request.method == "GET":
            return httpx.Response(200, content=json.dumps(self.tasks, default=str))
        task_id = request.url.path.rsplit("/", 1)[-1]
        known = [task for task in self.tasks if str(task["task_id"]) == task_id]
        if not known:
            return httpx.Response(404)
        self.tasks.remove(known[0])
        self.settled.append(json.loads(request.content))
        return httpx.Response(200, json={})
