"""`p2a round`: make a kept round again and compare, look at one, save one, list a market's."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar
from uuid import UUID

import typer

from services.cli.addresses import PURPOSES, WRONG_USE, told

if TYPE_CHECKING:
    from services.delivery.database import Sessions

FAILED = 1
ADDRESS = "P2A_DATABASE_URL"
Answer = TypeVar("Answer")
AsJson = Annotated[bool, typer.Option("--json", help="one JSON object")]
RoundId = Annotated[UUID, typer.Argument(metavar="ROUND_ID", help="it is on every shortlist")]

rounds = typer.Typer(help="Rounds that are kept: replay, show, save, list.", no_args_is_help=True)


@rounds.command("replay")
def replay(round_id: RoundId, *, as_json: AsJson = False) -> None:
    """
    Make a round again from what was kept, by its own rules and model, and compare every byte.

    Changes nothing. Exit code 0 when all is the same; 1 when something differs or it cannot be
    made again, with the reason and what to do; 2 when it was not asked rightly.
    """
    from services.cli.roundpage import rechecked_lines
    from services.matcher.recheck import Result, rechecked

    found = _asked("replay", lambda sessions: rechecked(sessions, round_id))
    _tell(found.facts(), rechecked_lines(found), as_json=as_json)
    if found.result is not Result.SAME:
        raise typer.Exit(FAILED)


@rounds.command("show")
def show(round_id: RoundId, *, as_json: AsJson = False) -> None:
    """What a round was made from and came to: versions, digests, counts."""
    from dataclasses import asdict

    from services.cli.roundpage import shown_lines
    from services.matcher.recheck import kept_round

    found = _asked("show", lambda sessions: kept_round(sessions, round_id))
    facts = asdict(found)
    del facts["inputs"]
    _tell(facts, shown_lines(found), as_json=as_json)


@rounds.command("save")
def save(
    round_id: RoundId,
    folder: Annotated[
        Path, typer.Argument(file_okay=False, help="a folder; it is made if it is not there")
    ],
) -> None:
    """
    Write a round's inputs, rules and model into FOLDER, for `explain` and `whatif` with --round.

    The round is made again first, as by replay. What is written are facts about learners, by id.
    """
    from services.cli.roundpage import saved_lines
    from services.matcher.carried import carried, parts
    from services.matcher.recheck import kept_round
    from services.matcher.replay import NotReplayable

    async def made_again(sessions: "Sessions") -> "Mapping[str, bytes]":
        return await parts(sessions, await kept_round(sessions, round_id))

    try:
        files = carried(_asked("save", made_again), folder)
    except NotReplayable as error:
        told("round save", f"{error}. {error.advice}")
        raise typer.Exit(FAILED) from error
    except OSError as error:
        where = error.filename or folder
        told("round save", f"{where}: {error.strerror}; nothing was written, give another folder")
        raise typer.Exit(FAILED) from error
    print("\n".join(saved_lines(*files)))


@rounds.command("list")
def listed(
    market: Annotated[str, typer.Argument(help="a market's name")],
    *,
    last: Annotated[int, typer.Option(min=1, help="how many, the newest first")] = 20,
    as_json: AsJson = False,
) -> None:
    """The rounds of a market that are kept, the newest first."""
    from dataclasses import asdict

    from services.cli.roundpage import listed_lines
    from services.matcher.recheck import kept_rounds

    found = _asked("list", lambda sessions: kept_rounds(sessions, market, last=last))
    _tell({"rounds": [asdict(each) for each in found]}, listed_lines(found), as_json=as_json)


def _tell(facts: dict[str, Any], lines: list[str], *, as_json: bool) -> None:
    from pydantic_core import to_jsonable_python

    print(json.dumps(to_jsonable_python(facts)) if as_json else "\n".join(lines))


def _asked(command: str, ask: "Callable[[Sessions], Awaitable[Answer]]") -> Answer:
    """What *ask* answers of the matcher's database; ends the command in words."""
    from sqlalchemy.exc import SQLAlchemyError

    from services.delivery.database import open_database
    from services.delivery.reasons import reason
    from services.matcher.recheck import UnknownMarket, UnknownRound

    url = os.environ.get(ADDRESS)
    if not url:
        told(f"round {command}", f"{ADDRESS} is not set ({PURPOSES[ADDRESS]})")
        raise typer.Exit(WRONG_USE)

    async def answered() -> Answer:
        sessions = open_database(url, schema="matcher")
        try:
            return await ask(sessions)
        finally:
            engine: Any = sessions.kw["bind"]
            await engine.dispose()

    try:
        return asyncio.run(answered())
    except (UnknownRound, UnknownMarket) as error:
        told(f"round {command}", str(error))
    except SQLAlchemyError as error:
        told(f"round {command}", reason(error))
    raise typer.Exit(FAILED)
