"""Every event is read by somebody, and deploy/topics.yaml knows by whom."""

import ast
from collections import defaultdict

from schemas import EVENTS
from services.audit.readers import reading
from services.cli.run import Service
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


def test_the_topics_file_says_which_group_handles_what() -> None:
    """Dead letters' topics are made from it, and `p2a audit` goes by it."""
    handled: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    found = readers()
    for event in EVENTS:
        for group in found[event.__name__]:
            handled[event.topic][group].add(event.ce_type())
    assert reading() == handled
