"""One look at a running system, in the order that keeps it honest."""

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy.ext.asyncio import create_async_engine

from schemas import CATALOGUE
from schemas.envelope import Event
from services.audit import reading, store
from services.audit.history import Client, History
from services.audit.readers import Reading
from services.audit.readers import reading as declared

NOBODY = Client()


async def collect(
    bootstrap: str,
    database: str,
    *,
    client: Client = NOBODY,
    readers: Reading | None = None,
    catalogue: Mapping[str, type[Event]] = CATALOGUE,
) -> History:
    """
    The history of the system at these addresses, as far as it has come at this moment.

    *readers* are those of deploy/topics.yaml unless given, *client* is what only a test knows.
    Raises aiokafka's KafkaError and SQLAlchemy's errors.
    """
    handled = declared() if readers is None else readers
    groups = {group for by_group in handled.values() for group in by_group}
    committed = await reading.committed(bootstrap, sorted(groups))
    async with reading.Logs(bootstrap, handled) as logs:
        history = await stored(database)
        return replace(
            history,
            reading=handled,
            committed=committed,
            starts=logs.starts,
            ends=logs.ends,
            records=tuple(await logs.records(catalogue)),
            dead=await reading.dead(bootstrap),
            client=client,
        )


async def stored(database: str) -> History:
    """What PostgreSQL alone knows, all of one moment; raises SQLAlchemy's errors."""
    engine = create_async_engine(database, hide_parameters=True)
    try:
        async with store.moment(engine).connect() as connection:
            return History(
                posted=await store.posted(connection),
                taken=await store.taken(connection),
                settled=await store.dealt_with(connection),
                letters=await store.letters(connection),
                stored=await store.stored(connection),
                shortlists=await store.shortlists(connection),
                markets=await store.markets(connection),
                screens=await store.screens(connection),
                due=await store.due(connection),
            )
    finally:
        await engine.dispose()
