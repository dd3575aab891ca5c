"""Which group handles which events of a topic, as deploy/topics.yaml has it."""

from pathlib import Path

import yaml

from schemas import EVENTS
from services.delivery.topics import FILE

Reading = dict[str, dict[str, frozenset[str]]]


def reading(file: Path = FILE) -> Reading:
    """By topic and group the types it handles, such as ``p2a.CourseCompleted.v1``."""
    types = {event.__name__: event.ce_type() for event in EVENTS}
    topics = yaml.safe_load(file.read_text("utf-8"))["topics"]
    return {
        topic: {
            group: frozenset(types[name] for name in names)
            for group, names in entry["read_by"].items()
        }
        for topic, entry in topics.items()
    }
