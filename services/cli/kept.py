"""Where commands of intake keep things: the database of the environment, else one of our own."""

import hashlib
import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from pydantic import SecretStr, ValidationError

if TYPE_CHECKING:
    from services.intake.settings import TakingSettings

FAILED, WRONG_USE = 1, 2


@contextmanager
def kept_database(folder: Path, command: str) -> Iterator[tuple[str, "TakingSettings"]]:
    """
    The database of the environment with the settings of taking, else one kept in *folder*.

    Says what is wrong and ends the command when neither is to be had.
    """
    from services.cli.run import setting_faults
    from services.intake.settings import TakingSettings

    url = os.environ.get("P2A_DATABASE_URL")
    try:
        if url:
            yield url, TakingSettings()
        else:
            with _local(folder, command) as (address, key):
                yield address, TakingSettings(contacts_keys=SecretStr(key))
    except ValidationError as faults:
        for line in setting_faults(faults, TakingSettings):
            print(f"p2a {command}: {line}", file=sys.stderr)
        raise typer.Exit(WRONG_USE) from None


@contextmanager
def _local(folder: Path, command: str) -> Iterator[tuple[str, str]]:
    from services.delivery.migrations import migrate
    from services.embedded.environment import kept_secrets
    from services.embedded.postgres import Postgres
    from services.embedded.processes import ServerDidNotStart

    folder.mkdir(parents=True, exist_ok=True)
    kept = _reachable(folder.resolve(), command)
    print(f"P2A_DATABASE_URL is not set: using a database kept in {kept}", file=sys.stderr)
    server = Postgres(kept / "postgres")
    try:
        url = server.start()
    except ServerDidNotStart as error:
        print(f"p2a {command}: {error}", file=sys.stderr)
        raise typer.Exit(FAILED) from None
    try:
        migrate(url)
        yield url, kept_secrets(kept)["P2A_CONTACTS_KEYS"]
    finally:
        server.stop()


def _reachable(folder: Path, command: str) -> Path:
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
        print(f"p2a {command}: {instead} belongs to somebody else", file=sys.stderr)
        raise typer.Exit(FAILED)
    instead.chmod(0o711)
    return instead
