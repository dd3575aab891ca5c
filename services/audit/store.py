"""What PostgreSQL knows of the history, all of one moment. It only ever reads."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schemas import EVENTS
from services.audit.history import Fact, Letter, Market, Posted, Row, Screens, Spot, Taken
from services.audit.kept import RULES
from services.audit.said import SAYING, said

WRITERS = tuple(dict.fromkeys(event.writer for event in EVENTS))
SERVICES = ("intake", "matcher", "review", "notifier")
PAGE = 5_000


def moment(engine: AsyncEngine) -> AsyncEngine:
    """*engine*, whose transactions see one moment and cannot write."""
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


async def posted(connection: AsyncConnection) -> tuple[Posted, ...]:
    """Every row of every outbox, in the order of posting."""
    found: list[Posted] = []
    for service in WRITERS:
        statement = f"""
            select id::text, seq, aggregatetype, aggregateid, type, headers ->> 'ce_time' as at,
                partition, "offset", published_at is not null, parked is not null,
                case when type = any(:saying) then payload end
            from {service}.outbox order by seq
            """  # noqa: S608 - a name of ours
        rows = _rows(connection, statement, saying=sorted(SAYING))
        found += [_posted(service, row) async for row in rows]
    return tuple(found)


def _posted(service: str, row: tuple[Any, ...]) -> Posted:
    id_, seq, topic, key, kind, at, number, offset, published, parked, payload = row
    told = said(kind, payload or b"")
    return Posted(
        service=service, seq=seq, id=id_, topic=topic, key=key, type=kind,
        occurred_at=datetime.fromisoformat(at) if at else datetime.min.replace(tzinfo=UTC),
        spot=None if offset is None else Spot(topic, number, offset),
        published=published, parked=parked,
        matches=told.matches, interviews=told.interviews, pool=told.pool, version=told.version,
    )  # fmt: skip


async def taken(connection: AsyncConnection) -> tuple[Taken, ...]:
    """Every row of every inbox."""
    found: list[Taken] = []
    for service in SERVICES:
        statement = f"select consumer, source, id from {service}.inbox"  # noqa: S608 - ours
        rows = _rows(connection, statement)
        found += [Taken(group=row[0], source=row[1], id=row[2]) async for row in rows]
    return tuple(found)


async def dealt_with(connection: AsyncConnection) -> dict[tuple[str, Spot], str]:
    """How dead letters were dealt with, by group and the place of what they were made of."""
    statement = 'select consumer, topic, partition, "offset", how from delivery.settled'
    return {(r[0], Spot(r[1], r[2], r[3])): r[4] async for r in _rows(connection, statement)}


async def letters(connection: AsyncConnection) -> tuple[Letter, ...]:
    """Every letter; due are those in hand, and those whose time has come while the queue runs."""
    statement = """
        select letter_id::text, cause::text, recipient::text, template, state, fence, attempts,
            state = 'sending' or (state = 'pending' and due_at <= clock_timestamp())
        from notifier.letter
        """
    names = ("letter_id", "cause", "recipient", "template", "state", "fence", "attempts", "due")
    rows = [dict(zip(names, row, strict=True)) async for row in _rows(connection, statement)]
    return tuple(Letter(**row) for row in rows)


async def stored(connection: AsyncConnection) -> dict[Row, Fact]:
    """The last fact of every group of columns that keeps one."""
    found: dict[Row, Fact] = {}
    for rule in RULES:
        event = "id" if rule.group == "matcher" else "event"
        columns = f"{rule.table}_id::text, {rule.columns}_at, {rule.columns}_{event}::text"
        statement = f"""
            select {columns} from {rule.group}.{rule.table} where {rule.columns}_at is not null
            """  # noqa: S608 - names of ours
        async for key, at, id_ in _rows(connection, statement):
            found[Row(rule.group, rule.name, key)] = Fact(at, id_)
    return found


async def shortlists(connection: AsyncConnection) -> dict[str, int]:
    """The version of each shortlist the matcher published last, by vacancy."""
    statement = "select vacancy_id::text, version from matcher.shortlist"
    return {r[0]: r[1] async for r in _rows(connection, statement)}


async def markets(connection: AsyncConnection) -> tuple[Market, ...]:
    """How far each market is, and what its rounds had seen."""
    statement = """
        select market, revision, round_revision, reload_from,
            greatest(
                (select max(revision) from matcher.learner where learner.market = market.market),
                (select max(revision) from matcher.vacancy where vacancy.market = market.market)
            ),
            (select array_agg(revision order by at) from matcher.round
              where round.market = market.market)
        from matcher.market
        """
    return tuple(
        [
            Market(
                market=r[0], revision=r[1], round_revision=r[2], reload_from=r[3],
                highest_row=r[4] or 0, rounds=tuple(r[5] or ()),
            )
            async for r in _rows(connection, statement)
        ]
    )  # fmt: skip


async def screens(connection: AsyncConnection) -> tuple[Screens, ...]:
    """How far review is with each vacancy."""
    statement = """
        select vacancy_id::text, vacancy.version, count(screen.version),
            coalesce(max(screen.version), 0), shortlist_version
        from review.vacancy left join review.screen using (vacancy_id) group by vacancy.vacancy_id
        """
    names = ("vacancy_id", "version", "kept", "highest", "shortlist_version")
    rows = [dict(zip(names, row, strict=True)) async for row in _rows(connection, statement)]
    return tuple(Screens(**row) for row in rows)


async def due(connection: AsyncConnection) -> tuple[str, ...]:
    """What a service should be doing now: shortlists to send, a queue that stands."""
    statement = """
        select 'shortlist of vacancy ' || vacancy_id from review.vacancy
         where send_due <= clock_timestamp()
        union all
        select 'queue of letters, stopped: p2a letters resume' from notifier.queue
         where stopped_at is not null
        """
    return tuple([r[0] async for r in _rows(connection, statement)])


async def _rows(
    connection: AsyncConnection, statement: str, **values: object
) -> AsyncIterator[tuple[Any, ...]]:
    options = {"yield_per": PAGE}
    async with connection.stream(text(statement), values, execution_options=options) as rows:
        async for row in rows:
            yield tuple(row)
