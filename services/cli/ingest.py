"""`p2a ingest`: files into the service, with a report of every row."""

import asyncio
import hashlib
import json
import os
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import SecretStr, ValidationError

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
        with _database(folder) as (url, settings):
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


@contextmanager
def _database(folder: Path) -> Iterator[tuple[str, "TakingSettings"]]:
    """Where to keep things: the database of the environment, else one of our own in *folder*."""
    from services.cli.run import setting_faults
    from services.intake.settings import TakingSettings

    url = os.environ.get("P2A_DATABASE_URL")
    try:
        if url:
            yield url, TakingSettings()
        else:
            with _local(folder) as (address, key):
                yield address, TakingSettings(contacts_keys=SecretStr(key))
    except ValidationError as faults:
        for line in setting_faults(faults, TakingSettings):
            print(f"p2a ingest: {line}", file=sys.stderr)
        raise typer.Exit(WRONG_USE) from None


@contextmanager
def _local(folder: Path) -> Iterator[tuple[str, str]]:
    from services.delivery.migrations import migrate
    from services.embedded.environment import kept_secrets
    from services.embedded.postgres import Postgres
    from services.embedded.processes import ServerDidNotStart

    folder.mkdir(parents=True, exist_ok=True)
    kept = _reachable(folder.resolve())
    print(f"P2A_DATABASE_URL is not set: using a database kept in {kept}", file=sys.stderr)
    server = Postgres(kept / "postgres")
    try:
        url = server.start()
    except ServerDidNotStart as error:
        print(f"p2a ingest: {error}", file=sys.stderr)
        raise typer.Exit(FAILED) from None
    try:
        migrate(url)
        yield url, kept_secrets(kept)["P2A_CONTACTS_KEYS"]
    finally:
        server.stop()


def _reachable(folder: Path) -> Path:
    """
    *folder*, or for root in a private place one in the temporary folder that belongs to it.

    PostgreSQL never runs as root, and the account it then runs as must be able to enter.
    """
    closed = [part for part in (folder, *folder.parents) if not part.stat().st_mode & stat.S_IXOTH]
    if os.geteuid() != 0 or not closed:
        return folder
    name = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    instead = Path(tempfile.gettempdir()) / f"p2a-{name}"
    instead.mkdir(exist_ok=True)
    if instead.stat().st_uid != 0 or instead.is_symlink():
        print(f"p2a ingest: {instead} belongs to somebody else", file=sys.stderr)
        raise typer.Exit(FAILED)
    instead.chmod(0o711)
    return instead


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
