"""`p2a skills`: the skills matching knows, a new version of them, and words nobody knows."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from services.cli.kept import kept_database

if TYPE_CHECKING:
    from services.delivery.database import Sessions
    from services.intake.acceptance import Desks

skills = typer.Typer(help="The skills matching knows, and words it does not.", no_args_is_help=True)
FAILED, WRONG_USE, PARTLY = 1, 2, 3
OPERATOR = "operator"
T = TypeVar("T")
AsJson = Annotated[bool, typer.Option("--json", help="for a program")]
Folder = Annotated[
    Path, typer.Option(help="where the local database is kept without P2A_DATABASE_URL")
]
HERE = Path(".p2a")


@skills.callback()
def group() -> None:
    """The skills matching knows, and words it does not."""


@skills.command()
def unknown(*, as_json: AsJson = False, folder: Folder = HERE) -> None:
    """Words that wait for somebody to say what they mean, those most records say first."""
    from services.cli.skillpage import queue_lines
    from services.intake import wordstore
    from services.intake.http_skills import queued

    async def ask(sessions: "Sessions", desks: "Desks") -> list[dict[str, Any]]:
        async with sessions.begin() as session:
            current = await desks.learners.lexicon.current(session)
            return [queued(word, current) for word in await wordstore.waiting(session)]

    found = _run("skills unknown", folder, ask)
    _tell(found, queue_lines(found), as_json=as_json)


@skills.command("map")
def map_word(  # noqa: PLR0913 - a decision has three forms
    word: Annotated[str, typer.Argument(help="as `p2a skills unknown` shows it")],
    skill: Annotated[str | None, typer.Argument(help="the key of the skill it means")] = None,
    *,
    new: Annotated[str | None, typer.Option(metavar="NAME", help="a skill of that name")] = None,
    ignore: Annotated[bool, typer.Option("--ignore", help="it means no skill")] = False,
    account: Annotated[str, typer.Option(help="who decides")] = OPERATOR,
    as_json: AsJson = False,
    folder: Folder = HERE,
) -> None:
    """Say what a word means: a skill, a new skill, or none. Who says it is read anew."""
    from services.cli.skillpage import changed_line
    from services.intake.rereading import reread_all
    from services.intake.rulings import RulingRefused, rule

    if (skill is not None) + (new is not None) + ignore != 1:
        raise typer.BadParameter("give a SKILL, --new NAME or --ignore")

    async def decide(sessions: "Sessions", desks: "Desks") -> dict[str, Any]:
        async with sessions.begin() as session:
            made = await rule(session, word, skill=skill, label=new, account=account)
        return {"version": made.book.version, **await reread_all(sessions, desks)}

    try:
        done = _run("skills map", folder, decide)
    except RulingRefused as refused:
        print(f"p2a skills map: {refused}", file=sys.stderr)
        raise typer.Exit(FAILED) from None
    _tell(done, [changed_line(done)], as_json=as_json)


@skills.command("import")
def import_file(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="our TOML or JSON, or the dump")],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="the same, nothing kept")] = False,
    account: Annotated[str, typer.Option(help="who imports it")] = OPERATOR,
    as_json: AsJson = False,
    folder: Folder = HERE,
) -> None:
    """
    Take in skills and standards as a new version, and read anew what intake holds.

    Exit code 0 when every row was taken, 3 when some were left out, 1 when nothing was taken.
    """
    from services.cli.skillpage import changed_line, import_lines, report
    from services.intake.lexicon import import_file as take
    from services.intake.rereading import reread_all, reread_within
    from services.intake.statements import FileUnreadable

    if not path.is_file():
        print(f"p2a skills import: there is no file {path}", file=sys.stderr)
        raise typer.Exit(WRONG_USE)

    async def run(sessions: "Sessions", desks: "Desks") -> dict[str, Any]:
        async with sessions() as session, session.begin() as transaction:
            before = await desks.learners.lexicon.current(session)
            imported, after = await take(session, path.name, path.read_bytes(), account=account)
            made = report(before, after, imported, dry_run=dry_run)
            if dry_run:
                made |= await reread_within(session, desks)
                await transaction.rollback()
                return made
        return made | await reread_all(sessions, desks)

    try:
        done = _run("skills import", folder, run)
    except FileUnreadable as error:
        print(f"p2a skills import: {error}", file=sys.stderr)
        raise typer.Exit(FAILED) from None
    _tell(done, [*import_lines(done), changed_line(done)], as_json=as_json)
    if done["refused"]:
        raise typer.Exit(PARTLY if done["taken"] else FAILED)


@skills.command()
def show(
    what: Annotated[
        str | None, typer.Argument(metavar="[WHAT]", help="a key, a word, or a standard")
    ] = None,
    *,
    as_json: AsJson = False,
    folder: Folder = HERE,
) -> None:
    """The version that holds and its skills; or one skill, the skill of a word, or a standard."""
    from services.cli.skillpage import one, page_lines
    from services.intake.http_skills import shown

    async def ask(sessions: "Sessions", desks: "Desks") -> dict[str, Any] | None:
        async with sessions.begin() as session:
            current = await desks.learners.lexicon.current(session)
            return shown(current) if what is None else one(current.book, what)

    found = _run("skills show", folder, ask)
    if found is None:
        print(f"p2a skills show: no skill and no standard is called {what}", file=sys.stderr)
        raise typer.Exit(FAILED)
    _tell(found, page_lines(found), as_json=as_json)


def _tell(found: Any, lines: Iterable[str], *, as_json: bool) -> None:  # noqa: ANN401 - any JSON
    if as_json:
        print(json.dumps(found, indent=2))
        return
    for line in lines:
        print(line)


def _run(command: str, folder: Path, work: Callable[["Sessions", "Desks"], Awaitable[T]]) -> T:
    from sqlalchemy.exc import SQLAlchemyError

    from services.contacts.vault import VaultKeyInvalid
    from services.delivery.database import open_database
    from services.delivery.reasons import reason
    from services.intake.desks import open_desks

    async def worked(url: str, desks: "Desks") -> T:
        sessions = open_database(url, schema="intake")
        try:
            return await work(sessions, desks)
        finally:
            await sessions.kw["bind"].dispose()

    try:
        with kept_database(folder, command) as (url, settings):
            return asyncio.run(worked(url, open_desks(settings)))
    except VaultKeyInvalid as error:
        print(f"p2a {command}: {error}", file=sys.stderr)
        raise typer.Exit(WRONG_USE) from None
    except SQLAlchemyError as away:
        print(f"p2a {command}: PostgreSQL refused: {reason(away)}", file=sys.stderr)
        raise typer.Exit(FAILED) from None
