"""Our own tables that ship beside this module, each replaceable by a setting."""

import csv
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def toml(name: str, instead: Path | None = None) -> dict[str, Any]:
    """The table of *instead*, or the packaged *name*."""
    with (instead or HERE / name).open("rb") as file:
        return tomllib.load(file)


def rows(name: str, instead: Path | None = None) -> Iterator[dict[str, str]]:
    """The rows of the CSV file *instead*, or of the packaged *name*."""
    with (instead or HERE / name).open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)
