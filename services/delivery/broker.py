"""FastStream's broker as we use it: it only reads, creates nothing and waits for its handlers."""

import logging
from functools import partial
from typing import Any

from faststream.kafka import KafkaBroker

from services.delivery.polled import Polled
from services.delivery.settings import DeliverySettings

GRACE = 30.0  # above the slowest batch; the pod's own grace is above this


class Broker(KafkaBroker):
    """A KafkaBroker that knows the settings it was opened with."""

    def __init__(self, settings: DeliverySettings) -> None:
        self.settings = settings
        super().__init__(
            settings.kafka_bootstrap.split(","),
            client_id=f"p2a-{settings.replica}",
            consumer_only=True,
            # its injection of arguments goes through a thread, twice a batch
            apply_types=False,
            allow_auto_create_topics=False,
            graceful_timeout=GRACE,
            logger=logging.getLogger("p2a.kafka"),
            log_level=logging.DEBUG,  # two lines a batch; errors come at their own level
            # a topic made after us is seen within this time
            metadata_max_age_ms=30_000,
        )

    async def _connect(self) -> Any:
        builder: Any = await super()._connect()
        config: Any = self.config.broker_config
        config.builder = partial(Polled, **builder.keywords)
        return config.builder


def open_broker(settings: DeliverySettings) -> Broker:
    """A broker that connects when its Consumer is started."""
    return Broker(settings)
