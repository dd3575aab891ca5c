"""Handing files in at intake's door, as an upstream system does."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import httpx


class UploadRefused(RuntimeError):
    """Intake did not take a file; the message names the file and quotes the problem."""


def send_file(url: str, key: str, path: Path, *, as_of: date) -> dict[str, int]:
    """Upload *path* to intake at *url*; how many of its rows met each verdict."""
    answer = httpx.post(
        f"{url}/v1/files",
        files={"file": (path.name, path.read_bytes())},
        data={"as_of": as_of.isoformat()},
        headers={"authorization": f"Bearer {key}"},
        timeout=120,
    )
    if answer.is_error:
        raise UploadRefused(f"{path.name}: {answer.status_code} {answer.text[:500]}")
    counts: dict[str, int] = answer.json()["counts"]
    return counts
