"""`make schemas`: write what is generated from the classes, refusing to break a version."""

import sys
from pathlib import Path

from schemas import EVENTS
from schemas.envelope import Event
from schemas.publish.asyncapi import document
from schemas.publish.evolution import breaks
from schemas.publish.snapshot import FOLDER, file_of, read, snapshot, written
from schemas.publish.table import put, table

DOCS = Path(__file__).parents[2] / "docs"
ADVICE = (
    "Events of this version may lie in logs. Undo that, or declare a new class of the next version "
    "and keep this one readable. Only if it never left this repository: delete its snapshot."
)


def main() -> None:
    """Write every generated file; if a class broke its version, say how and write nothing."""
    broken = broken_versions()
    if broken:
        sys.exit("\n".join([*broken, ADVICE]))
    for file, content in generated().items():
        file.write_text(content, "utf-8")


def generated() -> dict[Path, str]:
    """Every generated file with what belongs in it today."""
    events_page = DOCS / "architecture" / "events.md"
    return {
        **{file_of(event): written(snapshot(event)) for event in EVENTS},
        DOCS / "asyncapi.json": written(document()),
        events_page: put(events_page.read_text("utf-8"), table()),
    }


def broken_versions() -> list[str]:
    """What today's classes break of the snapshots kept, a sentence for each."""
    declared = {file_of(event): event for event in EVENTS}
    return [
        f"{file.stem} {reason}"
        for file in sorted(FOLDER.glob("*.json"))
        for reason in _reasons(file, declared.get(file))
    ]


def _reasons(file: Path, event: type[Event] | None) -> list[str]:
    return breaks(read(file), snapshot(event)) if event else ["is declared no more"]


if __name__ == "__main__":
    main()
