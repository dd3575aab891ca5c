"""A service's HTTP side and its parts: started in order, asked how they are, stopped in reverse."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Protocol

import structlog
from fastapi import FastAPI, Response
from sqlalchemy.ext.asyncio import AsyncEngine

from services.delivery.database import Sessions
from services.delivery.migrations import at_head
from services.delivery.reasons import reason

ASK_LIMIT = 5.0

log = structlog.get_logger()


class Part(Protocol):
    """Something that runs while its service does."""

    name: str

    @property
    def done(self) -> int:
        """Work done since the start; only rises."""

    async def start(self) -> None:
        """Begin."""

    async def stop(self) -> None:
        """End in order: what is at hand is finished."""

    def trouble(self) -> str | None:
        """Why it is not ready, or None."""

    async def waiting(self) -> int:
        """Work known but not done."""


def open_service(
    name: str,
    *,
    parts: Sequence[Part],
    sessions: Sessions,
    ready_without: Collection[str] = (),
    **options: Any,
) -> FastAPI:
    """
    An application that runs *parts* while it is up, with `/livez`, `/readyz` and `/status`.

    The trouble of a part named in *ready_without* is told and does not make it unready.
    *options* go to FastAPI. The pool of *sessions* is closed last.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        engine: AsyncEngine = sessions.kw["bind"]
        async with AsyncExitStack() as stack:
            stack.push_async_callback(engine.dispose)
            for part in parts:
                stack.push_async_callback(part.stop)
                await part.start()
            log.info("started", service=name, parts=[part.name for part in parts])
            yield
            log.info("stopping", service=name)

    app = FastAPI(title=name, lifespan=lifespan, **options)
    _add_health(app, name, parts, sessions, ready_without)
    return app


def _add_health(
    app: FastAPI,
    name: str,
    parts: Sequence[Part],
    sessions: Sessions,
    ready_without: Collection[str],
) -> None:
    def found() -> dict[str, str]:
        return {part.name: trouble for part in parts if (trouble := part.trouble())}

    @app.get("/livez", include_in_schema=False)
    async def livez() -> dict[str, str]:
        """The loop turns."""
        return {"service": name, "status": "alive"}

    @app.get("/readyz", include_in_schema=False)
    async def readyz(response: Response) -> dict[str, Any]:
        """Whether to send work here; the troubles by part when not."""
        troubles = found()
        if trouble := await database_trouble(sessions):
            troubles["database"] = trouble
        ready = set(troubles) <= set(ready_without)
        response.status_code = 200 if ready else 503
        return {"service": name, "ready": ready, "troubles": troubles}

    @app.get("/status", include_in_schema=False)
    async def status(response: Response) -> dict[str, Any]:
        """How much is waiting and done; the whole is quiet when nothing waits and done stands."""
        done = {part.name: part.done for part in parts}
        try:
            waiting = {part.name: await part.waiting() for part in parts}
        except Exception as error:
            response.status_code = 503
            return {"service": name, "trouble": reason(error), "done": done}
        return {"service": name, "waiting": waiting, "done": done, "troubles": found()}


async def database_trouble(sessions: Sessions) -> str | None:
    """Why the database cannot be worked with, or None."""
    try:
        async with asyncio.timeout(ASK_LIMIT), sessions() as session:
            if not await at_head(session):
                return "not at the newest migration: run `p2a migrate`"
    except Exception as error:
        return reason(error)
    return None
