"""Sessions on PostgreSQL: one pool per service, each in its own schema, none waiting for ever."""

import asyncio
from typing import Any

from psycopg import AsyncConnection, OperationalError
from psycopg.types.array import ListBinaryDumper
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

Sessions = async_sessionmaker[AsyncSession]

CONNECT_LIMIT = 10  # seconds
# far above our slowest statement; two numbers of psycopg's own, 5 s each, may come on top
ANSWER_LIMIT = 60.0
# a peer that vanished without a word is noticed within half a minute
IDLE, INTERVAL, COUNT, UNACKNOWLEDGED_MS = 15, 5, 3, 30_000
# whoever waits longer for somebody else's lock, or for a free connection, gives way and comes again
LOCK_LIMIT = 10.0
# PostgreSQL's own limit, below ours: the connection then stays usable
STATEMENT_LIMIT = 50.0
# a frozen process must not keep what it has locked; a pause of a working one is far shorter
IDLE_LIMIT = 60.0


class Bounded(AsyncConnection[Any]):
    """
    A connection that does not wait for ever for a server that keeps it open and says nothing.

    TCP notices a peer that is gone, but not one that is frozen, nor one behind a proxy that
    still answers for it. A statement still running at the limit is cancelled.
    """

    async def wait(self, *arguments: Any, **options: Any) -> Any:
        """As psycopg's, which all its operations go through; raises OperationalError."""
        try:
            async with asyncio.timeout(ANSWER_LIMIT):
                return await super().wait(*arguments, **options)
        except TimeoutError as silence:
            raise OperationalError(f"no answer within {ANSWER_LIMIT:.0f} s") from silence


def open_database(url: str, *, schema: str, pool_size: int = 5) -> Sessions:
    """
    Sessions whose unqualified tables live in *schema*.

    That is how one inbox and one outbox class serve every service. Connections are made when
    first used and checked before reuse, so a database that restarts is found again.
    """
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=LOCK_LIMIT,
        pool_pre_ping=True,
        hide_parameters=True,  # errors would carry the values of a statement
        connect_args={
            "async_creator_fn": Bounded.connect,
            "connect_timeout": CONNECT_LIMIT,
            "keepalives_idle": IDLE,
            "keepalives_interval": INTERVAL,
            "keepalives_count": COUNT,
            "tcp_user_timeout": UNACKNOWLEDGED_MS,
            "options": _options(schema),
        },
    )
    event.listen(engine.sync_engine, "connect", _lists_in_binary)
    return async_sessionmaker(engine, expire_on_commit=False)


def _lists_in_binary(connection: Any, _: Any) -> None:
    # written as text, each element is searched for what must be escaped: JSON costs 200 times more
    connection.driver_connection.adapters.register_dumper(list, ListBinaryDumper)


def _options(schema: str) -> str:
    settings = {
        "search_path": schema,
        "timezone": "UTC",
        "lock_timeout": f"{LOCK_LIMIT * 1000:.0f}ms",
        "statement_timeout": f"{STATEMENT_LIMIT * 1000:.0f}ms",
        "idle_in_transaction_session_timeout": f"{IDLE_LIMIT * 1000:.0f}ms",
        # for PostgreSQL's side: the locks of a service whose machine vanished are let go
        "tcp_keepalives_idle": IDLE,
        "tcp_keepalives_interval": INTERVAL,
        "tcp_keepalives_count": COUNT,
        "tcp_user_timeout": UNACKNOWLEDGED_MS,
    }
    return " ".join(f"-c {name}={value}" for name, value in settings.items())
