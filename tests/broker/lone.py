"""A relay in a process of its own: to be frozen and killed at a named place."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

from services.delivery import lock
from services.delivery.failpoints import KILLED, VARIABLE
from services.delivery.relay import Relay
from services.embedded.processes import Child
from tests.broker.rig import Rig


class Lone(Child):
    """Such a process, armed with *failpoints*; its lock is taken from it after *silent* seconds."""

    def __init__(self, rig: Rig, folder: Path, failpoints: str, *, silent: int = 90) -> None:
        orders = [rig.bootstrap, rig.database, silent]
        super().__init__(
            name="a relay of its own",
            command=[sys.executable, "-m", "tests.broker.lone", json.dumps(orders)],
            log=folder / "lone.log",
            environment={**os.environ, VARIABLE: failpoints},
        )

    async def frozen(self) -> bool:
        """Whether it stands still."""
        return self.running and _state(self.pid) == "T"

    async def killed(self) -> bool:
        """Whether it ended at its failpoint."""
        return self.process is not None and self.process.poll() == KILLED

    def thaw(self) -> None:
        """Let it go on as if no time had passed."""
        self.send(signal.SIGCONT)


def _state(pid: int | None) -> str:
    # the letter after the name in brackets, see proc(5)
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


async def main() -> None:
    """Relay until somebody ends it."""
    bootstrap, database, lock.SILENT = json.loads(sys.argv[1])
    rig = Rig(bootstrap, database)
    relay = Relay(rig.settings(), rig.sessions("intake"), service="intake")
    await relay.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
