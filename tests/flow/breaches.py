"""Breaking a quiet system by hand, one promise at a time, and mending it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg


@dataclass(frozen=True, slots=True)
class Breach:
    """Statements that break what *invariant* says, and that put it right again."""

    invariant: str
    breaks: str
    mends: str


ROW = """
    (id, aggregatetype, aggregateid, type, payload, headers, parked)
    values (gen_random_uuid(), 'p2a.letters.v1', 'x', 'p2a.X.v1', '', '{}', 'x')
"""
BREACHES = (
    Breach(
        "effects",
        "create table public.kept as select * from matcher.inbox;"
        " delete from matcher.inbox where id = (select min(id) from matcher.inbox)",
        "insert into matcher.inbox select * from public.kept on conflict do nothing;"
        " drop table public.kept",
    ),
    Breach(
        "accepted",
        "update intake.outbox set id = '00000000-0000-0000-0000-000000000002' where seq = 1",
        "update intake.outbox set id = (headers ->> 'ce_id')::uuid where seq = 1",
    ),
    Breach(
        "outbox",
        f"insert into notifier.outbox {ROW}",
        "delete from notifier.outbox where parked = 'x'",
    ),
    Breach(
        "kept",
        "update matcher.learner set profile_at = profile_at - interval '1 hour'",
        "update matcher.learner set profile_at = profile_at + interval '1 hour'",
    ),
    Breach(
        "versions",
        "update review.vacancy set version = version + 1",
        "update review.vacancy set version = version - 1",
    ),
    Breach(
        "letters",
        "update notifier.letter set state = 'unknown'",
        "update notifier.letter set state = 'sent'",
    ),
    Breach(
        "pledges",
        "update intake.outbox set payload = replace(convert_from(payload, 'UTF8'),"
        " '\"interviews\":1', '\"interviews\":0')::bytea where type = 'p2a.VacancyPledged.v1'",
        "update intake.outbox set payload = replace(convert_from(payload, 'UTF8'),"
        " '\"interviews\":0', '\"interviews\":1')::bytea where type = 'p2a.VacancyPledged.v1'",
    ),
    Breach(
        "quiet",
        "update notifier.queue set stopped_at = now()",
        "update notifier.queue set stopped_at = null",
    ),
)


@contextmanager
def broken(database: str, breach: Breach) -> Iterator[None]:
    """The system with *breach*, mended afterwards."""
    with psycopg.connect(database.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(breach.breaks.encode())
        try:
            yield
        finally:
            connection.execute(breach.mends.encode())
