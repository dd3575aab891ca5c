"""A broker of the Kafka protocol of our own, from the wheel `noida-db`, on a loopback port."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.group import LeaveGroupRequest

from services.embedded.processes import Child, ServerDidNotStart, free_port, listening


class Broker(Protocol):
    """Whatever speaks Kafka: the embedded `Kafka`, an `Apache` node, a `Cluster`."""

    @property
    def bootstrap(self) -> str:
        """Where to connect, as host:port, several with commas between."""

    def start(self) -> str:
        """Start and answer `bootstrap`; raises ServerDidNotStart."""

    def stop(self) -> None:
        """Stop in order."""

    def kill(self) -> None:
        """Stop as a crash would."""


class Kafka:
    """
    One broker process over a data folder.

    `stop` keeps everything; `kill` loses about the last second of acknowledged records,
    which Apache Kafka with replicas would not: our relay must heal it.
    """

    def __init__(self, folder: Path, *, port: int | None = None) -> None:
        self.folder = folder
        self.port = port or free_port()
        self._child: Child | None = None

    @property
    def bootstrap(self) -> str:
        """Where to connect, as host:port."""
        return f"127.0.0.1:{self.port}"

    @property
    def child(self) -> Child | None:
        return self._child

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    def start(self) -> str:
        """Start and answer host:port; raises ServerDidNotStart."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._child = Child(
            name="the Kafka-protocol broker",
            command=[
                str(_binary()), "start", "--data-dir", str(self.folder / "data"),
                "--only", "kafka", "--kafka-port", str(self.port),
            ],
            log=self.folder / "kafka.log",
        )  # fmt: skip
        self._child.start()
        self._child.wait_until(lambda: listening(self.port))
        return self.bootstrap

    def stop(self) -> None:
        """Stop in order: every acknowledged record stays."""
        if self._child:
            self._child.stop()

    def kill(self) -> None:
        """Stop as a crash would: the newest acknowledged records are lost."""
        if self._child:
            self._child.kill()


async def forget_members(bootstrap: str, group: str) -> int:
    """
    Put every member out of *group*, after one was killed; answers how many.

    This broker never ends a dead member's session, so the group would wait for it for ever.
    Members that live join again by themselves. Apache Kafka does not need this.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        coordinator = await admin.find_coordinator(group)
        (answer,) = await admin.describe_consumer_groups([group])
        members = [member["member_id"] for member in answer.to_object()["groups"][0]["members"]]
        send = admin._client.send  # noqa: SLF001 - aiokafka puts nobody out by a call of its own
        for member in members:
            await send(coordinator, LeaveGroupRequest(group, member))
    finally:
        await admin.close()
    return len(members)


def _binary() -> Path:
    # the program itself: its Python wrapper would keep our signals to itself
    spec = find_spec("noida_db")
    if spec is None or spec.origin is None:
        raise ServerDidNotStart("noida-db is not installed: run `make install`")
    path = Path(spec.origin).with_name("noida-db")
    if not path.stat().st_mode & 0o100:
        path.chmod(0o755)
    return path
