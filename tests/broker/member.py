"""A service in a process of its own that only consumes: to be ended, frozen and killed for real."""

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from sqlalchemy.ext.asyncio import AsyncSession

from services.delivery.broker import open_broker
from services.delivery.consume import consume
from services.delivery.failpoints import VARIABLE
from services.delivery.service import open_service
from services.embedded.processes import Child, free_port
from tests.broker.rig import QUICK, Rig

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, kw_only=True)
class Orders:
    """What a member is told at its start; it writes *began* at the first batch it is given."""

    bootstrap: str
    database: str
    topic: str
    group: str
    name: str
    port: int
    began: str
    pause: float = 0.0


class Member(Child):
    """One such process."""

    def __init__(
        self, rig: Rig, folder: Path, name: str, *, pause: float = 0.0, failpoints: str = ""
    ) -> None:
        self.orders = Orders(
            bootstrap=rig.bootstrap, database=rig.database, topic=rig.topic, group=rig.group,
            name=name, port=free_port(), began=str(folder / f"{name}.began"), pause=pause,
        )  # fmt: skip
        self.mark = Path(self.orders.began)
        super().__init__(
            name=name,
            command=[sys.executable, "-m", "tests.broker.member", json.dumps(asdict(self.orders))],
            log=folder / f"{name}.log",
            environment={**os.environ, "PYTHONPATH": str(ROOT), VARIABLE: failpoints},
        )

    async def began(self) -> bool:
        """Whether it has a batch in hand, or had one."""
        return self.mark.exists()

    async def stands(self) -> bool:
        """Whether a signal or a failpoint has frozen it."""
        how = os.WSTOPPED | os.WNOHANG | os.WNOWAIT
        found = os.waitid(os.P_PID, self.pid or 0, how)  # noqa: ASYNC222 - it waits for nothing
        return found is not None

    async def asked(self, path: str) -> dict[str, Any]:
        """Its answer over HTTP, or nothing while it gives none."""
        try:
            async with httpx.AsyncClient(timeout=5) as client:
                answer = await client.get(f"http://127.0.0.1:{self.orders.port}{path}")
        except httpx.HTTPError:
            return {}
        found: dict[str, Any] = answer.json()
        return found


def main() -> None:
    """Serve as `p2a run` does."""
    orders = Orders(**json.loads(sys.argv[1]))
    rig = Rig(orders.bootstrap, orders.database, orders.topic, orders.group)
    write, began = rig.effects(by=orders.name), Path(orders.began)

    async def slow(events: Sequence[Any], session: AsyncSession) -> None:
        began.touch()  # noqa: ASYNC240 - an empty file, once a batch
        await asyncio.sleep(orders.pause)  # a slow handler is the subject here
        await write(events, session)

    sessions = rig.sessions("matcher")
    consumer = consume(
        open_broker(rig.settings()),
        {rig.noted: slow},
        group=orders.group,
        sessions=sessions,
        patience=QUICK,
    )
    app = open_service("member", parts=[consumer], sessions=sessions)
    uvicorn.run(app, port=orders.port, log_config=None, timeout_graceful_shutdown=30)


if __name__ == "__main__":
    main()
