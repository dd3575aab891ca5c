"""`taker ADDRESS URL TOPIC GROUP`: a process that only consumes, into the effects of a rig."""

import asyncio
import signal
import sys

from services.cli.logs import log_as_json
from tests.broker.rig import Rig


async def main() -> None:
    """Take what comes until asked to stop."""
    asked = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asked.set)
    rig = Rig(*sys.argv[1:])
    consumer = await rig.consumer()
    await asked.wait()
    await consumer.stop()


if __name__ == "__main__":
    log_as_json("taker")
    asyncio.run(main())
