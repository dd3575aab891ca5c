"""Databases for tests: one server a run, one migrated template, a clone for whoever commits."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg

from services.delivery.migrations import migrate
from services.embedded.postgres import Postgres

TEMPLATE = "p2a"


def prepared(server: Postgres) -> Postgres:
    """*server*, started, its template database migrated."""
    server.start()
    migrate(server.dsn(TEMPLATE))
    return server


@contextmanager
def cloned(server: Postgres) -> Iterator[str]:
    """The address of a fresh copy of the migrated database, dropped afterwards."""
    name = f"t{uuid4().hex[:12]}"
    admin = server.dsn("postgres").replace("+psycopg", "")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"create database {name} template {TEMPLATE}".encode())
    try:
        yield server.dsn(name)
    finally:
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(f"drop database {name} with (force)".encode())
