"""A disk so small that it can be filled, to see what becomes of a server that has no room left."""

from __future__ import annotations

import errno
import subprocess
from io import FileIO
from pathlib import Path
from typing import Self

BALLAST = "ballast"
# large pieces first, then whatever still fits
PIECES = (1 << 20, 1 << 16, 1 << 12)


class DiskNotMade(RuntimeError):
    """No file system could be mounted; the message says why."""


class SmallDisk:
    """
    A file system of *mebibytes* in memory at *folder*, while the block runs.

    Only root may mount it, and in a container only with the right to.
    """

    def __init__(self, folder: Path, *, mebibytes: int) -> None:
        self.folder = folder
        self._mebibytes = mebibytes

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        size = f"size={self._mebibytes}m,mode=0755"
        done = _run("mount", "-t", "tmpfs", "-o", size, "p2a-small-disk", str(self.folder))
        if done.returncode:
            raise DiskNotMade(done.stderr.strip())
        return self

    def __exit__(self, *_: object) -> None:
        if _run("umount", str(self.folder)).returncode:
            # somebody still works in it: gone from here now, and for good when they end
            _run("umount", "--lazy", str(self.folder))

    def fill(self) -> int:
        """Take all the room that is left; answers how many bytes that was."""
        taken = 0
        with (self.folder / BALLAST).open("ab", buffering=0) as ballast:
            for size in PIECES:
                while size == (some := _written(ballast, bytes(size))):
                    taken += some
                taken += some
        return taken

    def free(self) -> None:
        """Give back what `fill` took."""
        (self.folder / BALLAST).unlink(missing_ok=True)


def _written(file: FileIO, piece: bytes) -> int:
    try:
        return file.write(piece)
    except OSError as full:
        if full.errno != errno.ENOSPC:
            raise
        return 0


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)
