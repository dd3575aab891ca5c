"""A rig of the broker suite whose parts reach Kafka and PostgreSQL through proxies."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.broker.rig import Rig
from tests.faults.proxy.cluster import bootstrap_of, in_front_of
from tests.faults.proxy.faults import Armed, Fault
from tests.faults.proxy.proxy import POSTGRES, Proxy


@dataclass
class Proxied:
    """*rig* goes through *kafka* and *database*; *direct* goes past them to the same things."""

    rig: Rig
    direct: Rig
    kafka: list[Proxy]
    database: Proxy

    @classmethod
    @asynccontextmanager
    async def before(cls, direct: Rig, port: int) -> AsyncIterator[Proxied]:
        """Proxies before the broker of *direct* and the PostgreSQL on *port*."""
        with (
            in_front_of(direct.bootstrap) as kafka,
            Proxy(("127.0.0.1", port), POSTGRES) as database,
        ):
            url = direct.database.replace(f":{port}/", f":{database.port}/")
            rig = Rig(bootstrap_of(kafka), url, direct.topic, direct.group)
            yield cls(rig, direct, kafka, database)
            for proxy in (*kafka, database):
                proxy.clear()
            await rig.close()

    def arm_kafka(self, fault: Fault) -> Armed:
        """Arm *fault* on the only broker's proxy."""
        (proxy,) = self.kafka
        return proxy.arm(fault)
