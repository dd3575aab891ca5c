"""The list of topics and facts in the documentation, between two markers."""

from schemas import TOPICS
from schemas.publish.asyncapi import events_on, summary

START = "<!-- written by make schemas -->"
END = "<!-- end of what make schemas writes -->"


class MarkersMissing(ValueError):
    """A document has lost the markers between which its table goes."""


def table() -> str:
    """Each topic with its key and writer, and a row for each fact on it; Markdown."""
    return "\n".join(line for topic in TOPICS for line in _topic(topic)).strip()


def put(text: str, generated: str) -> str:
    """*text* with *generated* between its markers; raises MarkersMissing."""
    before, found, rest = text.partition(START)
    _, ended, after = rest.partition(END)
    if not (found and ended):
        raise MarkersMissing(f"put {START!r} and {END!r} back where the table belongs")
    return f"{before}{START}\n\n{generated}\n\n{END}{after}"


def _topic(topic: str) -> list[str]:
    events = events_on(topic)
    return [
        f"### `{topic}`",
        "",
        f"Key `{events[0].key_field}`, written by {events[0].writer}.",
        "",
        "| fact | says |",
        "|---|---|",
        *(f"| `{event.__name__}` v{event.version} | {summary(event)} |" for event in events),
        "",
    ]
