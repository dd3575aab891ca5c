"""FastStream's broker as we use it: it only reads, creates nothing and waits for its handlers."""

import asyncio
import logging
import time
from functools import partial
from typing import Any

from aiokafka import AIOKafkaConsumer
from faststream.kafka import KafkaBroker

from services.delivery.settings import DeliverySettings

GRACE = 30.0  # above the slowest batch; the pod's own grace is above this


class Polled(AIOKafkaConsumer):  # type: ignore[misc] # aiokafka has no type information
    """A consumer that remembers when it was last asked, and what is wrong below FastStream."""

    polled_at: float = 0.0
    stuck: str | None = None

    async def getmany(self, *partitions: Any, **options: Any) -> Any:
        """As aiokafka's; an error of the client itself is kept in ``stuck``."""
        self.polled_at = time.monotonic()
        try:
            records = await super().getmany(*partitions, **options)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            self.stuck = type(error).__name__
            raise
        if records:
            self.stuck = None
        return records


class Broker(KafkaBroker):
    """A KafkaBroker that knows the settings it was opened with."""

    def __init__(self, settings: DeliverySettings) -> None:
        self.settings = settings
        super().__init__(
            settings.kafka_bootstrap.split(","),
            client_id=f"p2a-{settings.replica}",
            consumer_only=True,
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
