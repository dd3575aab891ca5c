"""What a consumer says is still waiting stays true while offsets are being committed."""

import asyncio
from types import SimpleNamespace
from typing import Any, ClassVar

from aiokafka import TopicPartition

from services.delivery.consumer import Consumer

PLACE = TopicPartition("p2a.learners.v1", 0)


class Member:
    """A group's member with five records behind it, slow to say what it last committed."""

    stuck: ClassVar[dict[TopicPartition, int]] = {}

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.answer = asyncio.Event()

    def assignment(self) -> set[TopicPartition]:
        return {PLACE}

    async def end_offsets(self, places: set[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(places, 5)

    async def beginning_offsets(self, places: list[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(places, 0)

    async def committed(self, _: TopicPartition) -> int | None:
        self.asked.set()
        await self.answer.wait()
        return None

    def done_to(self, _: TopicPartition, committed: int) -> int:
        return committed

    async def commit(self, _: dict[TopicPartition, int]) -> None:
        """Take it."""


async def test_a_commit_during_the_question_is_not_forgotten() -> None:
    """Else the records committed would count as waiting until the next one comes."""
    member: Any = Member()
    broker: Any = SimpleNamespace(subscribers=[SimpleNamespace(consumer=member)])
    batches: Any = SimpleNamespace(effects=SimpleNamespace(group="g"))
    consumer = Consumer(broker, batches, asyncio.Event())
    consumer.health.outside = None
    asking = asyncio.create_task(consumer.waiting())
    await member.asked.wait()
    await consumer.commits.commit(member, {PLACE: 5})
    member.answer.set()
    assert await asking == 0
    assert await consumer.waiting() == 0
