"""deploy/topics.yaml against the classes."""

from schemas import EVENTS, TOPICS
from services.delivery.topics import declared, missing_from


def test_every_topic_of_the_classes_is_declared_and_no_other() -> None:
    """A new event on a new topic needs a line; a removed one leaves none."""
    assert missing_from() == []
    facts = {topic.name for topic in declared() if not topic.name.endswith(".dead")}
    assert facts == set(TOPICS)


def test_nothing_is_lost_to_compaction_and_a_dead_letter_fits() -> None:
    """Facts are deleted by age only; a dead letter is larger than its record."""
    for topic in declared():
        assert topic.settings["cleanup.policy"] == "delete"
        assert int(topic.settings["min.insync.replicas"]) < topic.replicas
    dead = [topic for topic in declared() if topic.name.endswith(".dead")]
    assert {int(topic.settings["max.message.bytes"]) for topic in dead} == {2 * 1_048_576}
    assert len(dead) >= len({event.topic for event in EVENTS})
