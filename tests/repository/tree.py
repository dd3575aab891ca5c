"""The files of the repository, as git tracks them."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
BINARY = {".png", ".ico", ".xlsx"}


def tracked(*patterns: str) -> list[Path]:
    """Tracked files that still exist, those of *patterns* only if any are given; relative paths."""
    done = subprocess.run(
        ["git", "ls-files", "-z", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    found = [Path(name) for name in done.stdout.split("\0") if name]
    return [path for path in found if (ROOT / path).is_file() and path.suffix not in BINARY]


def text_of(path: Path) -> str:
    """The text of a tracked file."""
    return (ROOT / path).read_text("utf-8")
