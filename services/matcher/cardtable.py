"""Rows of a Markdown table."""

from collections.abc import Iterator


def heading(*cells: str) -> Iterator[str]:
    """The first row and the line under it."""
    yield from row(*cells)
    yield "|" + "---|" * len(cells)


def row(*cells: object) -> Iterator[str]:
    """One row."""
    yield "| " + " | ".join(str(cell) for cell in cells) + " |"
