"""`p2a letters`: the letters that need a person, and the queue when it stands."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar
from uuid import UUID

import typer

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

letters = typer.Typer(help="The letters that need a person.", no_args_is_help=True)
WRONG_USE = 2
T = TypeVar("T")


@letters.callback()
def group() -> None:
    """The letters that need a person."""


@letters.command("list")
def listed() -> None:
    """Letters that failed or may have gone, one a line: id, state, template, reason, when."""
    from services.notifier import letter_store, queue_store

    async def ask(session: "AsyncSession") -> None:
        if why := await queue_store.stopped_for(session):
            print(f"The queue stands: {why}. Mend it, then: p2a letters resume", file=sys.stderr)
        for row in await letter_store.unsettled(session):
            print(row.letter_id, row.state, row.template, row.reason, row.written_at.isoformat())

    _with_database("list", ask)


@letters.command()
def resume() -> None:
    """Let letters go again, after what the mail server refused us for is mended."""
    from services.notifier import queue_store

    _with_database("resume", queue_store.resume)


@letters.command()
def went(letter_id: Annotated[UUID, typer.Argument(help="as `p2a letters list` shows it")]) -> None:
    """Record that a letter of unknown outcome did arrive."""
    from services.notifier import clock, deciding

    _decide("went", lambda session: deciding.it_went(session, letter_id, clock.now()))


@letters.command()
def again(
    letter_id: Annotated[UUID, typer.Argument(help="as `p2a letters list` shows it")],
) -> None:
    """Send a letter once more: only after making sure that it did not arrive."""
    from services.notifier import clock, deciding

    _decide("again", lambda session: deciding.send_again(session, letter_id, clock.now()))


def _decide(command: str, act: "Callable[[AsyncSession], Awaitable[None]]") -> None:
    from services.notifier.deciding import NotUnsettled

    try:
        _with_database(command, act)
    except NotUnsettled as unknown:
        print(
            f"p2a letters {command}: {unknown} is no letter that failed or is unknown;"
            " p2a letters list shows them",
            file=sys.stderr,
        )
        raise typer.Exit(1) from None


def _with_database(command: str, act: "Callable[[AsyncSession], Awaitable[T]]") -> T:
    from services.delivery.database import open_database

    url = os.environ.get("P2A_DATABASE_URL")
    if not url:
        print(
            f"p2a letters {command}: P2A_DATABASE_URL is not set (where PostgreSQL is)",
            file=sys.stderr,
        )
        raise typer.Exit(WRONG_USE)

    async def run() -> T:
        sessions = open_database(url, schema="notifier")
        try:
            async with sessions.begin() as session:
                return await act(session)
        finally:
            await sessions.kw["bind"].dispose()

    return asyncio.run(run())
