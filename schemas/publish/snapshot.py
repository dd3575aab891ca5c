"""What an event looks like to whoever has no Python: a JSON Schema of its own."""

import json
from pathlib import Path
from typing import Any

from schemas.envelope import Event

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FOLDER = Path(__file__).parents[1] / "snapshots"
EXAMPLES = Path(__file__).parents[1] / "examples"

Schema = dict[str, Any]


def snapshot(event: type[Event]) -> Schema:
    """
    The JSON Schema of *event*'s value, with where it travels beside it.

    The schema is the reader's: a field with a default is optional, fields it does not
    name are ignored.
    """
    return {
        "$schema": DIALECT,
        "$id": event.ce_type(),
        "x-topic": event.topic,
        "x-key": event.key_field,
        "x-writer": event.writer,
        **event.model_json_schema(),
    }


def file_of(event: type[Event]) -> Path:
    """Where the snapshot of *event* is kept."""
    return FOLDER / f"{event.ce_type()}.json"


def example(event: type[Event]) -> Schema:
    """The hand-checked example of *event*; raises FileNotFoundError."""
    return read(EXAMPLES / f"{event.ce_type()}.json")


def read(file: Path) -> Schema:
    """The JSON object in *file*."""
    content: Schema = json.loads(file.read_text("utf-8"))
    return content


def written(document: Schema) -> str:
    """*document* as every generated file has it: two spaces, one newline at the end."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
