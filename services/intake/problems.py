"""Answers to requests that fail: RFC 9457, one registry of types, never a personal value."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from services.delivery import failures
from services.intake.faults import Fault, Faulty, faulty, placed
from services.intake.statements import FileUnreadable, RowUnreadable

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = "5"
NO_ANSWER = "the database does not answer, so this may or may not have been kept"
BUSY = "somebody else holds what this needs, so nothing was kept"
CROWDED = "too many records come at once, so nothing was kept"
# by SQLSTATE: what PostgreSQL has certainly rolled back
ROLLED_BACK = {
    "53100": "the database's disk is full, so nothing was kept",
    "40001": BUSY, "40P01": BUSY, "55P03": BUSY, "57014": BUSY,
}  # fmt: skip

# code: status, title, what to do
TYPES: Mapping[str, tuple[int, str, str]] = {
    "unauthorized": (401, "No valid API key", "Send Authorization: Bearer p2a_..."),
    "not-found": (404, "Nothing here", "Look at /docs for the paths there are."),
    "method": (405, "Not this way", "Look at /docs for what this path takes."),
    "too-large": (413, "Too large", "Send fewer records at a time."),
    "media-type": (415, "Unsupported media type", "Send JSON, or a CloudEvent of one event."),
    "broken": (400, "Not readable", "Correct the place named and send it again."),
    "refused": (422, "Refused", "Correct the places named and send it again."),
    "too-many": (429, "Too many requests", "Send it again after Retry-After seconds."),
    "unavailable": (503, "Not now", "Send it again after Retry-After seconds; repeats do no harm."),
    "other": (400, "Bad request", "Look at the detail."),
}
BY_STATUS = {status: code for code, (status, _, _) in TYPES.items() if code != "other"}


class Problem(Exception):
    """An answer of a registered type."""

    def __init__(
        self,
        code: str,
        detail: str,
        errors: Sequence[Fault] = (),
        *,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.headers = headers
        self.code = code
        self.detail = detail
        self.errors = tuple(errors)


def answer(problem: Problem, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The response of *problem*."""
    status, title, _ = TYPES[problem.code]
    body: dict[str, Any] = {
        "type": f"/problems/{problem.code}",
        "title": title,
        "status": status,
        "detail": problem.detail,
        "errors": [fault.as_json() for fault in problem.errors],
    }
    return JSONResponse(body, status, dict(headers or {}), media_type=MEDIA_TYPE)


def add_problems(app: FastAPI) -> None:
    """Every failure of *app* as a problem, and a page for each type."""
    app.exception_handlers |= {
        Problem: _problem, HTTPException: _http, RequestValidationError: _invalid,
        ValidationError: _invalid, RowUnreadable: _row, FileUnreadable: _file,
        DBAPIError: _away, PoolTimeout: _away,
    }  # fmt: skip

    @app.get("/problems/{code}", include_in_schema=False)
    async def explain(code: str) -> PlainTextResponse:
        if code not in TYPES:
            raise HTTPException(404)
        status, title, advice = TYPES[code]
        return PlainTextResponse(f"{status} {title}\n\n{advice}\n")


async def _problem(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, Problem):
        raise error
    return answer(error, error.headers)


async def _http(_: Request, error: Exception) -> JSONResponse:
    status = error.status_code if isinstance(error, HTTPException) else 400
    detail = str(error.detail) if isinstance(error, HTTPException) else ""
    return answer(Problem(BY_STATUS.get(status, "other"), detail))


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    if isinstance(error, RequestValidationError):
        found = error.errors()
        broken = [fault for fault in found if fault["type"] == "json_invalid"]
        if broken:
            return answer(Problem("broken", _json_place(str(error.body), broken[0]["loc"][-1])))
        faults = [placed(fault["loc"][1:], fault["type"], fault["msg"]) for fault in found]
        return answer(Problem("refused", "the record has faults", faults))
    if isinstance(error, ValidationError):
        return answer(Problem("refused", "the record has faults", faulty(error).faults))
    raise error


async def _row(_: Request, error: Exception) -> JSONResponse:
    if isinstance(error, Faulty):
        return answer(Problem("refused", "the record has faults", error.faults))
    if isinstance(error, RowUnreadable):
        fault = Fault(error.pointer, error.rule, error.words)
        return answer(Problem("refused", error.words, [fault]))
    raise error


async def _file(_: Request, error: Exception) -> JSONResponse:
    return answer(Problem("broken", str(error)))


async def _away(_: Request, error: Exception) -> JSONResponse:
    if (
        failures.fault(error) is failures.Fault.EVENT
    ):  # a row the database refuses is our own mistake
        raise error
    code = getattr(getattr(error, "orig", None), "sqlstate", None)
    began = not isinstance(error, PoolTimeout)
    detail = ROLLED_BACK.get(str(code), NO_ANSWER) if began else CROWDED
    return answer(Problem("unavailable", detail), {"Retry-After": RETRY_AFTER})


def _json_place(text: str, position: object) -> str:
    before = text[: position if isinstance(position, int) else 0]
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    return f"broken JSON at line {line}, column {column}"
