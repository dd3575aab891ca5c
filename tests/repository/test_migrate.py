"""`p2a migrate` on a real PostgreSQL."""

import os
import subprocess
import sys

import psycopg

from services.delivery.migrations import newest
from services.embedded.postgres import Postgres, free_port
from tests.repository.tree import ROOT


def migrate(url: str | None) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("P2A_")}
    if url:
        environment["P2A_DATABASE_URL"] = url
    return subprocess.run(
        [sys.executable, "-m", "services.cli", "migrate"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_an_empty_database_gets_every_table_and_a_second_run_changes_nothing(
    postgres: Postgres, database: str
) -> None:
    admin = postgres.dsn("postgres").replace("+psycopg", "")
    name = database.rpartition("/")[2] + "_empty"
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"create database {name}".encode())
    for _ in range(2):
        done = migrate(postgres.dsn(name))
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == f"The database is at revision {newest()}.\n"
    with psycopg.connect(postgres.dsn(name).replace("+psycopg", "")) as connection:
        tables = connection.execute("select from pg_tables where tablename = 'outbox'").fetchall()
    assert len(tables) == 4


def test_without_an_address_it_says_what_is_missing() -> None:
    done = migrate(None)
    assert done.returncode == 2
    assert "P2A_DATABASE_URL is not set" in done.stderr


def test_an_absent_database_is_an_error_of_one_line_without_the_password() -> None:
    done = migrate(f"postgresql+psycopg://p2a:s3cret@127.0.0.1:{free_port()}/p2a")
    assert done.returncode == 1
    assert done.stderr.startswith("p2a migrate: no database answers: ")
    assert "Traceback" not in done.stderr
    assert "s3cret" not in done.stderr
