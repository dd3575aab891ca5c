"""The writer's relay in a process of its own: `python -m bench.rates.writer DATABASE BOOTSTRAP`."""

import asyncio
import signal
import sys

from bench.rates.stage import Stage, as_deployed
from services.delivery.database import open_database
from services.delivery.relay import Relay


async def relay(stage: Stage) -> None:
    """Send what intake posts, until told to stop."""
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    sessions = open_database(stage.database, schema="intake")
    sending = Relay(stage.settings, sessions, service="intake")
    await sending.start()
    await stopping.wait()
    await sending.stop()
    await sessions.kw["bind"].dispose()


if __name__ == "__main__":
    as_deployed()
    asyncio.run(relay(Stage("", bootstrap=sys.argv[2], database=sys.argv[1])))
