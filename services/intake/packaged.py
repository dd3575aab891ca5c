"""Our own tables that ship beside this module, some replaceable by a setting."""

import tomllib
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def toml(name: str, instead: Path | None = None) -> dict[str, Any]:
    """The table of *instead*, or the packaged *name*."""
    with (instead or HERE / name).open("rb") as file:
        return tomllib.load(file)


def content(name: str) -> bytes:
    """The packaged file *name* as it is."""
    return (HERE / name).read_bytes()
