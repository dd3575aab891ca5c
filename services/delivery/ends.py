"""Where the broker's logs end at this moment."""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from services.delivery.tail import Partition

STOP_LIMIT = 5.0


class LogEnds:
    """Asks one broker; connects at the first question, and anew after an error."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._client: AIOKafkaConsumer | None = None

    async def of(self, places: Iterable[Partition]) -> dict[Partition, int]:
        """
        The next offset of each of *places*, without partitions that are no more.

        Raises aiokafka's KafkaError; also when a whole topic is missing, for that is an
        operator's omission and not a loss.
        """
        wanted = [TopicPartition(*place) for place in places]
        if not wanted:
            return {}
        try:
            client = await self._connected()
            found = await client.end_offsets(await self._existing(client, wanted))
        except KafkaError:
            await self.close()
            raise
        return {(tp.topic, tp.partition): end for tp, end in found.items()}

    async def close(self) -> None:
        """Disconnect."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(STOP_LIMIT):
                    await client.stop()

    async def _existing(
        self, client: AIOKafkaConsumer, wanted: Sequence[TopicPartition]
    ) -> list[TopicPartition]:
        await client._client.force_metadata_update()  # noqa: SLF001 - it would remember for minutes
        existing: list[TopicPartition] = []
        for topic in {tp.topic for tp in wanted}:
            partitions = await client._client._wait_on_metadata(topic)  # noqa: SLF001 - no public way
            existing += [tp for tp in wanted if tp.topic == topic and tp.partition in partitions]
        return existing

    async def _connected(self) -> AIOKafkaConsumer:
        if self._client is None:
            self._client = AIOKafkaConsumer(
                bootstrap_servers=self._bootstrap, request_timeout_ms=5_000
            )
            await self._client.start()
        return self._client
