"""A proxy of its own between each service and each server it talks to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from services.embedded.supervisor import SERVICES, Supervisor
from tests.faults.proxy.cluster import bootstrap_of, in_front_of
from tests.faults.proxy.proxy import POSTGRES, SMTP, Proxy

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Paths:
    """The proxies by service: of Kafka one a node."""

    kafka: Mapping[str, list[Proxy]]
    postgres: Mapping[str, Proxy]
    smtp: Proxy

    def of(self, server: str, service: str) -> list[Proxy]:
        """Those between *service* and ``kafka``, ``postgres`` or ``smtp``."""
        if server == "smtp":
            return [self.smtp]
        return self.kafka[service] if server == "kafka" else [self.postgres[service]]

    def clear(self) -> None:
        """No fault on any of them."""
        for proxy in self.all():
            proxy.clear()

    def all(self) -> list[Proxy]:
        """Every one."""
        nodes = [proxy for proxies in self.kafka.values() for proxy in proxies]
        return [*nodes, *self.postgres.values(), self.smtp]


@contextmanager
def between(whole: Supervisor) -> Iterator[Paths]:
    """The paths of *whole*, whose services are told of them at their next start."""
    with ExitStack() as stack:
        kafka = {name: stack.enter_context(in_front_of(whole.kafka.bootstrap)) for name in SERVICES}
        postgres = {
            name: stack.enter_context(Proxy((LOOPBACK, whole.postgres.port), POSTGRES))
            for name in SERVICES
        }
        smtp = stack.enter_context(Proxy((LOOPBACK, whole.mail.smtp_port), SMTP))
        for name in SERVICES:
            direct = f":{whole.postgres.port}/"
            whole.own[name] |= {
                "P2A_KAFKA_BOOTSTRAP": bootstrap_of(kafka[name]),
                "P2A_DATABASE_URL": whole.postgres.dsn().replace(
                    direct, f":{postgres[name].port}/"
                ),
            }
        whole.own["notifier"]["P2A_SMTP_PORT"] = str(smtp.port)
        yield Paths(kafka, postgres, smtp)
