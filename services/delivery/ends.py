"""Where the broker's logs end at this moment."""

from collections.abc import Iterable

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from services.delivery.tail import Partition


class Ends:
    """Asks one broker; connects at the first question, and anew after an error."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._client: AIOKafkaConsumer | None = None

    async def of(self, places: Iterable[Partition]) -> dict[Partition, int]:
        """The next offset of each of *places*; raises aiokafka's KafkaError."""
        wanted = [TopicPartition(*place) for place in places]
        if not wanted:
            return {}
        try:
            client = await self._connected()
            found = await client.end_offsets(wanted)
        except KafkaError:
            await self.close()
            raise
        return {(tp.topic, tp.partition): end for tp, end in found.items()}

    async def close(self) -> None:
        """Disconnect."""
        client, self._client = self._client, None
        if client is not None:
            await client.stop()

    async def _connected(self) -> AIOKafkaConsumer:
        if self._client is None:
            self._client = AIOKafkaConsumer(
                bootstrap_servers=self._bootstrap, request_timeout_ms=5_000
            )
            await self._client.start()
        return self._client
