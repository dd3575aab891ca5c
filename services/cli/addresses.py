"""Where an operator's command finds Kafka and PostgreSQL: the variables the services have."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

WRONG_USE = 2
PURPOSES = {
    "P2A_KAFKA_BOOTSTRAP": "host:port of the brokers",
    "P2A_DATABASE_URL": "where PostgreSQL is, as its owner",
}


@dataclass(frozen=True, slots=True)
class Addresses:
    """Both addresses."""

    kafka: str
    postgres: str

    @asynccontextmanager
    async def database(self) -> AsyncIterator[AsyncConnection]:
        """A connection in a transaction, committed at the end."""
        from sqlalchemy.ext.asyncio import create_async_engine

        engine = create_async_engine(self.postgres, hide_parameters=True)
        try:
            async with engine.begin() as connection:
                yield connection
        finally:
            await engine.dispose()


def addresses(command: str) -> Addresses:
    """Both addresses from the environment; ends the command when one is missing."""
    missing = [name for name in PURPOSES if not os.environ.get(name)]
    for name in missing:
        told(command, f"{name} is not set ({PURPOSES[name]})")
    if missing:
        raise typer.Exit(WRONG_USE)
    return Addresses(os.environ["P2A_KAFKA_BOOTSTRAP"], os.environ["P2A_DATABASE_URL"])


def told(command: str, words: str) -> None:
    """Say what is wrong, to the person."""
    print(f"p2a {command}: {words}", file=sys.stderr)
