"""Every event is read by somebody, and its dead letters have a place to go."""

import ast
from collections import defaultdict

import yaml

from schemas import EVENTS
from services.cli.run import Service
from services.delivery.topics import FILE
from tests.repository.tree import text_of, tracked

# Events that nobody handles, each with the reason why it is told all the same.
UNREAD: dict[str, str] = {}


def readers() -> dict[str, set[str]]:
    """Services by the event they have a handler for: the keys of what they give to consume()."""
    names = {event.__name__ for event in EVENTS}
    found: dict[str, set[str]] = defaultdict(set)
    for service in Service:
        for path in tracked(f"services/{service}/*.py"):
            for node in ast.walk(ast.parse(text_of(path))):
                keys = node.keys if isinstance(node, ast.Dict) else ()
                for key in keys:
                    name = getattr(key, "attr", getattr(key, "id", None))
                    if name in names:
                        found[str(name)].add(str(service))
    return found


def test_every_event_is_read_or_has_a_reason() -> None:
    unread = {event.__name__ for event in EVENTS} - readers().keys()
    assert unread == set(UNREAD)


def test_dead_letters_have_a_topic_for_each_group_that_reads() -> None:
    by_topic: dict[str, set[str]] = defaultdict(set)
    found = readers()
    for event in EVENTS:
        by_topic[event.topic] |= found[event.__name__]
    declared = yaml.safe_load(FILE.read_text("utf-8"))["topics"]
    assert {topic: set(entry["read_by"]) for topic, entry in declared.items()} == dict(by_topic)
