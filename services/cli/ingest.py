"""`p2a ingest`: files into the service, with a report of every row."""

import asyncio
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.kept import kept_database

if TYPE_CHECKING:
    from services.intake.files import Source
    from services.intake.report import Report
    from services.intake.settings import TakingSettings

FAILED, WRONG_USE, PARTLY = 1, 2, 3


def ingest(
    paths: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="ILR XML, vacancy JSON or CSV")
    ],
    pledges: Annotated[
        Path | None, typer.Option(help="a CSV of interviews pledged on the adverts given")
    ] = None,
    dry_run: Annotated[  # noqa: FBT002 - typer reads options so
        bool, typer.Option("--dry-run", help="the same report, nothing kept")
    ] = False,
    as_json: Annotated[  # noqa: FBT002 - typer reads options so
        bool, typer.Option("--json", help="the report as one JSON object")
    ] = False,
    folder: Annotated[
        Path, typer.Option(help="where the local database is kept without P2A_DATABASE_URL")
    ] = Path(".p2a"),
) -> None:
    """
    Take files in and tell what became of every row.

    Without P2A_DATABASE_URL a local PostgreSQL is started and its data kept for the next run.
    Exit code 0 when everything was taken, 3 when some rows were refused, 1 when nothing was.
    """
    from rich.console import Console

    from services.cli.verdicts import show
    from services.contacts.vault import VaultKeyInvalid
    from services.intake.statements import FileUnreadable

    sources = [_source(path) for path in ([pledges] if pledges else []) + paths]
    try:
        with kept_database(folder, "ingest") as (url, settings):
            report = _taken(sources, url, settings, dry_run=dry_run)
    except FileUnreadable as error:
        print(error, file=sys.stderr)
        if as_json:
            print(json.dumps({"error": str(error), "rows": [], "counts": {}}))
        raise typer.Exit(FAILED) from None
    except VaultKeyInvalid as error:
        print(f"p2a ingest: {error}", file=sys.stderr)
        raise typer.Exit(WRONG_USE) from None
    if as_json:
        print(json.dumps(report.as_json(), indent=2))
    else:
        show(report, [source.name for source in sources], Console())
    raise typer.Exit(_code(report))


def _source(path: Path) -> "Source":
    from services.intake.files import Source

    if not path.is_file():
        print(f"p2a ingest: there is no file {path}", file=sys.stderr)
        raise typer.Exit(WRONG_USE)
    # what does not say when it was true is taken to be true when it was last written
    written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return Source(path.name, path.read_bytes(), written)


def _taken(
    sources: Sequence["Source"], url: str, settings: "TakingSettings", *, dry_run: bool
) -> "Report":
    from sqlalchemy.exc import OperationalError

    from services.delivery.database import open_database
    from services.intake import files
    from services.intake.desks import open_desks
    from services.intake.ingest import ingest as take

    desks = open_desks(settings)
    total = sum(files.total(source) or 0 for source in sources)

    async def run() -> "Report":
        sessions = open_database(url, schema="intake")
        try:
            with _progress(total) as step:
                return await take(sessions, desks, sources, dry_run=dry_run, step=step)
        finally:
            await sessions.kw["bind"].dispose()

    try:
        return asyncio.run(run())
    except OperationalError as away:
        # the driver's words name host and port, never the password
        print(f"p2a ingest: no database answers: {away.orig}", file=sys.stderr)
        raise typer.Exit(FAILED) from None


@contextmanager
def _progress(total: int) -> Iterator[Callable[[], None]]:
    """A bar on a terminal; elsewhere nothing until the report."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("rows", total=total or None)
        yield lambda: bar.advance(task)


def _code(report: "Report") -> int:
    refused = report.counts["refused"]
    if not refused:
        return 0
    return FAILED if refused == len(report.rows) else PARTLY
