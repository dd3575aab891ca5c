"""The topics there must be, and making those that are missing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from schemas import TOPICS

FILE = Path(__file__).parents[2] / "deploy" / "topics.yaml"


class TopicRefused(RuntimeError):
    """The broker did not make a topic; the message names both."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as deploy/topics.yaml wants it."""

    name: str
    partitions: int
    replicas: int
    settings: dict[str, str]


def dead_topic(topic: str, group: str) -> str:
    """Where *group* puts what it cannot read or do of *topic*."""
    return f"{topic}.{group}.dead"


def declared(file: Path = FILE) -> list[Topic]:
    """Every topic of *file*, with a dead-letter topic for each group that reads it."""
    content = yaml.safe_load(file.read_text())
    topics = []
    for name, entry in content["topics"].items():
        topics.append(_topic(name, content["facts"]))
        topics += [_topic(dead_topic(name, g), content["dead"]) for g in entry["read_by"]]
    return topics


def missing_from(file: Path = FILE) -> list[str]:
    """Topics of schemas/ that *file* does not declare."""
    names = {topic.name for topic in declared(file)}
    return [topic for topic in TOPICS if topic not in names]


async def partitions(bootstrap: str, wanted: Callable[[str], bool]) -> list[TopicPartition]:
    """
    Every partition of the broker's own list of topics whose name is *wanted*.

    A consumer does not know them before it reads. Raises aiokafka's KafkaError.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        names = [name for name in await admin.list_topics() if wanted(name)]
        topics = await admin.describe_topics(names) if names else []
    finally:
        await admin.close()
    return sorted(
        TopicPartition(topic["topic"], partition["partition"])
        for topic in topics
        for partition in topic["partitions"]
    )


async def create_topics(
    bootstrap: str, topics: Sequence[Topic], *, single_node: bool = False
) -> list[str]:
    """
    Make the *topics* the broker does not have; answers the names of the new ones.

    With *single_node* every topic gets one replica. An existing topic is left as it is.
    Raises TopicRefused, or aiokafka's KafkaError when no broker answers.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        known = set(await admin.list_topics())
        wanted = [_new(topic, single_node) for topic in topics if topic.name not in known]
        if not wanted:
            return []
        answer = (await admin.create_topics(wanted)).to_object()
    finally:
        await admin.close()
    return [row["topic"] for row in answer["topic_errors"] if _made(row)]


def _made(row: dict[str, object]) -> bool:
    error: type[KafkaError] = for_code(row["error_code"])
    if error is TopicAlreadyExistsError:
        return False
    if row["error_code"]:
        raise TopicRefused(f"{row['topic']}: {error.__name__} {row.get('error_message') or ''}")
    return True


def _topic(name: str, entry: dict[str, Any]) -> Topic:
    settings = {str(key): str(value) for key, value in entry["settings"].items()}
    return Topic(name, int(entry["partitions"]), int(entry["replicas"]), settings)


def _new(topic: Topic, single_node: bool) -> NewTopic:  # noqa: FBT001 - private
    settings = dict(topic.settings)
    if single_node:
        settings.pop("min.insync.replicas", None)
    return NewTopic(
        topic.name,
        num_partitions=topic.partitions,
        replication_factor=1 if single_node else topic.replicas,
        topic_configs=settings,
    )
