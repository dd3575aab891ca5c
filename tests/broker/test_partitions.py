"""Which partitions there are, asked before anything is read."""

from aiokafka import TopicPartition

from services.audit.reading import Logs
from services.delivery.topics import partitions
from tests.broker.rig import Rig, frame


async def test_every_partition_of_a_topic_that_is_wanted(rig: Rig) -> None:
    wanted = {rig.topic, rig.dead}
    found = await partitions(rig.bootstrap, wanted.__contains__)
    assert set(found) == {
        TopicPartition(rig.topic, 0), TopicPartition(rig.topic, 1), TopicPartition(rig.dead, 0),
    }  # fmt: skip
    assert await partitions(rig.bootstrap, lambda _: False) == []


async def test_the_audit_reads_topics_it_never_heard_of(rig: Rig) -> None:
    """A client of Apache Kafka knows no topic by itself, and an audit of none is silent."""
    event = rig.event()
    await rig.send((event.value(), frame(event)))
    async with Logs(rig.bootstrap, [rig.topic]) as logs:
        assert [record.id for record in await logs.records()] == [str(event.event_id)]
