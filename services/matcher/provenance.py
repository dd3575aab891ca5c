"""What a round is made with beside its inputs, model and rules: our code and the libraries."""

import hashlib
from functools import cache
from importlib.metadata import version
from importlib.resources import files

import numpy as np

from services.matcher.flow import SOLVER

DISTRIBUTION = "path2-placement"
CODE = ("schemas", "services.matcher")
PARTS = (".py", ".csv")  # rules have a version of their own


@cache
def here() -> dict[str, str]:
    """
    The release, a digest of the ``code``, solver and numpy of this process, each as a short text.

    What a line says in words is written by the code, and which of equally good allocations is
    found depends on the solver: where these differ, so may the bytes of a replay.
    """
    return {
        "release": version(DISTRIBUTION),
        "code": _code(),
        "solver": SOLVER,
        "numpy": np.__version__,
    }


def _code() -> str:
    """A digest of every source and table of the packages that make rounds."""
    found = hashlib.sha256()
    for package in CODE:
        parts = (part for part in files(package).iterdir() if part.name.endswith(PARTS))
        for part in sorted(parts, key=lambda part: part.name):
            found.update(f"{package}/{part.name}\n".encode())
            found.update(part.read_bytes())
    return found.hexdigest()[:12]
