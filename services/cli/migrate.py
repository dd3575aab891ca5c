"""`p2a migrate`: bring the database to the newest tables, before a release's services start."""

import os
import sys
from typing import Annotated

import typer

WRONG_USE = 2


def migrate(
    database: Annotated[
        str | None, typer.Option(help="an owner's address; otherwise P2A_DATABASE_URL")
    ] = None,
) -> None:
    """Run every migration the database has not had; running it again changes nothing."""
    from sqlalchemy.exc import OperationalError

    from services.delivery import migrations

    url = database or os.environ.get("P2A_DATABASE_URL")
    if not url:
        print(
            "p2a migrate: P2A_DATABASE_URL is not set (where PostgreSQL is, as its owner)",
            file=sys.stderr,
        )
        raise typer.Exit(WRONG_USE)
    try:
        migrations.migrate(url)
    except OperationalError as away:
        # the driver's words name host and port, never the password
        print(f"p2a migrate: no database answers: {away.orig}", file=sys.stderr)
        raise typer.Exit(1) from None
    print(f"The database is at revision {migrations.newest()}.")
