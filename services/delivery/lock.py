"""Only one relay of a service at a time, on a connection of its own."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

TRY = text("select pg_try_advisory_lock(hashtext('p2a relay'), hashtext(:service))")
RETRY = 1.0
# a holder that is frozen or cut off says nothing, and PostgreSQL ends its session after this
# many seconds; above the relay's longest turn
SILENT = 90


@asynccontextmanager
async def only_one(
    engine: AsyncEngine,
    service: str,
    stopping: asyncio.Event,
    *,
    meanwhile: Callable[[AsyncConnection], Awaitable[None]] | None = None,
) -> AsyncIterator[AsyncConnection | None]:
    """
    A connection that holds *service*'s lock and hears its outbox, when nobody else does.

    The lock lives as long as the connection: a statement on it that works proves it is still
    ours. While another has it, *meanwhile* is called each time we tried. None when *stopping*
    came first.
    """
    connection = await engine.connect()
    try:
        connection = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text(f"set idle_session_timeout = '{SILENT}s'"))
        # rows come in their index's order; a backlog that grew since the last "analyze" would
        # look small enough to be sorted anew each time
        await connection.execute(text("set enable_sort = off"))
        while not await connection.scalar(TRY, {"service": service}):
            if meanwhile is not None:
                await meanwhile(connection)
            with suppress(TimeoutError):
                async with asyncio.timeout(RETRY):
                    await stopping.wait()
            if stopping.is_set():
                yield None
                return
        await connection.execute(text(f'listen "{channel(service)}"'))
        yield connection
    finally:
        # closed, not returned to the pool: that alone lets go of lock and channel
        await connection.invalidate()
        await connection.close()


def channel(service: str) -> str:
    """Where PostgreSQL says that *service*'s outbox has new rows."""
    return f"p2a_outbox_{service}"


async def heard(connection: AsyncConnection, limit: float) -> None:
    """Come back at the next notification, or after *limit* seconds."""
    raw = await connection.get_raw_connection()
    driver = raw.driver_connection
    if driver is not None:
        async for _ in driver.notifies(timeout=limit, stop_after=1):
            pass


async def heard_or_stopping(
    connection: AsyncConnection, limit: float, stopping: asyncio.Event
) -> None:
    """As `heard`, and come back as soon as *stopping* is set."""
    waits = [
        asyncio.ensure_future(heard(connection, limit)),
        asyncio.ensure_future(stopping.wait()),
    ]
    try:
        done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waits:
            task.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
    for task in done:
        task.result()
