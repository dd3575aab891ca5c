"""Folders PostgreSQL's own account can reach; pytest closes its own to everybody else."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def reachable() -> Iterator[Path]:
    """A temporary folder that others may enter, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="p2a-test-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
