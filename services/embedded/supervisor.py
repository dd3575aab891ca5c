"""Everything on one machine: the servers and the four services, each a process of its own."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from types import FrameType

import httpx

from services.delivery.migrations import migrate
from services.delivery.topics import create_topics, declared
from services.embedded.environment import (
    INTAKE_KEY,
    Addresses,
    environment,
    kept_ports,
    kept_secrets,
)
from services.embedded.kafka import Broker, Kafka, forget_members
from services.embedded.mail import Mail
from services.embedded.postgres import Postgres
from services.embedded.processes import Child, free_port
from services.embedded.valkey import Valkey

# also the order in which they start; they stop the other way round
SERVICES = ("intake", "matcher", "review", "notifier")
# a service reads its settings, imports its libraries and meets the broker
SERVICE_START_LIMIT = 60.0


class Supervisor:
    """
    The whole system in *folder*, on free loopback ports that stay the same over restarts.

    Nothing outlives it: `stop` ends all in order, and the kernel ends the rest if we are killed.
    *settings* are more P2A_... variables for every service; `own[service]` are one service's
    alone and hold from its next start on. *broker* replaces the embedded one.
    """

    def __init__(
        self,
        folder: Path,
        settings: Mapping[str, str] | None = None,
        *,
        broker: Broker | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.settings = dict(settings or {})
        self.own: dict[str, dict[str, str]] = {name: {} for name in SERVICES}
        self.postgres = Postgres(folder / "postgres")
        self.valkey = Valkey(folder / "valkey")
        self.kafka: Broker = broker or Kafka(folder / "kafka")
        self.mail = Mail(folder / "mail")
        self.ports = kept_ports(folder, SERVICES)
        self.services: dict[str, Child] = {}

    def url(self, service: str) -> str:
        """Where *service* answers."""
        return f"http://127.0.0.1:{self.ports[service]}"

    @property
    def intake_key(self) -> str:
        """The API key intake takes records by."""
        return kept_secrets(self.folder)[INTAKE_KEY]

    def start_servers(self) -> None:
        """Start what the services need, with tables and topics; raises ServerDidNotStart."""
        for server in (self.postgres, self.valkey, self.kafka, self.mail):
            server.start()
        migrate(self.postgres.dsn())
        single = "," not in self.kafka.bootstrap
        asyncio.run(create_topics(self.kafka.bootstrap, declared(), single_node=single))

    def start(self, *names: str) -> None:
        """Start services, several at once; back when each answers. Raises ServerDidNotStart."""
        for name in names:
            self.launch(name)
        for name in names:
            self.services[name].wait_until(partial(self.ready, name), SERVICE_START_LIMIT)

    def launch(self, name: str) -> Child:
        """Start one service and come back at once: it may be meant to die while it starts."""
        if name in self.services and isinstance(self.kafka, Kafka):
            # killed, it still counts as a member
            asyncio.run(forget_members(self.kafka.bootstrap, name))
        self.services[name] = self._child(name, self.ports[name], {})
        self.services[name].start()
        return self.services[name]

    def restart(self, name: str) -> None:
        """Stop a service in order, if it runs, and start it; back when it answers."""
        self.services[name].stop()
        self.start(name)

    def replica(self, service: str, replica: str) -> Child:
        """
        One more process of *service*, not started, for the caller to start and to end.

        It has a port of its own; *replica* becomes its P2A_REPLICA. The embedded broker serves
        one replica a service, Apache Kafka any number.
        """
        return self._child(service, free_port(), {"P2A_REPLICA": replica})

    def ready(self, name: str) -> bool:
        """Whether a service says that it can work."""
        with suppress(httpx.HTTPError):
            return httpx.get(f"{self.url(name)}/readyz", timeout=2).is_success
        return False

    def fallen(self) -> Child | None:
        """The first child that ended though nobody asked it to."""
        return next((child for child in self._children() if not child.running), None)

    def stop(self) -> None:
        """End everything, services first; nothing is left when this returns."""
        for name in reversed(SERVICES):
            if name in self.services:
                self.services[name].ask_to_stop()
        for child in self.services.values():
            child.stop()
        for server in (self.mail, self.kafka, self.valkey, self.postgres):
            server.stop()

    def logs(self) -> list[Path]:
        """Every log file there is."""
        return sorted(self.folder.glob("**/*.log"))

    def _child(self, name: str, port: int, more: Mapping[str, str]) -> Child:
        at = Addresses(
            database=self.postgres.dsn(),
            kafka=self.kafka.bootstrap,
            valkey=self.valkey.url,
            smtp_port=self.mail.smtp_port,
            services=self.ports | {name: port},
        )
        told = environment(name, at, kept_secrets(self.folder))
        return Child(
            name=name,
            command=[sys.executable, "-m", "services.cli", "run", name],
            log=self.folder / f"{more.get('P2A_REPLICA', name)}.log",
            environment={**told, **self.settings, **self.own[name], **more},
        )

    def _children(self) -> Iterator[Child]:
        kafka = self.kafka.child if isinstance(self.kafka, Kafka) else None
        servers = (self.postgres.child, self.valkey.child, kafka, self.mail.child)
        yield from (child for child in servers if child)
        yield from self.services.values()


class Stopped(BaseException):
    """Somebody asked us to stop: Ctrl-C, a closed terminal, or SIGTERM."""


@contextmanager
def supervised(folder: Path, settings: Mapping[str, str] | None = None) -> Iterator[Supervisor]:
    """
    A supervisor whose children are gone afterwards, however the block ends.

    Signals to stop raise Stopped inside the block; once stopping, they are ignored.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    supervisor = Supervisor(folder, settings)
    try:
        yield supervisor
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        supervisor.stop()


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise Stopped
